"""What is exported, and how: each architecture in one of the forms that torch.onnx.export writes."""
import copy
from dataclasses import dataclass

import onnx
import torch
from torch import nn
from torch.onnx import TrainingMode

from architectures import ARCHITECTURES
from rewrite import REWRITES

BATCH = 6
# Of the PyTorch that is installed.
NEWEST_OPSET = 17
IMAGE = (3, 32, 32)


@dataclass
class Case:
    architecture: str
    # Of the committed fixture, and of the live check.
    width: int
    full_width: int
    # "training": the training form, whose names are the state_dict's. "inference": evaluation mode, kept as it is, so
    # that BatchNormalization is there with its running statistics. "folded": torch.onnx.export's default, which folds it.
    # "constants" and "functions": "inference", rewritten as other exporters write files (rewrite.py).
    form: str
    opset: int
    # The batch size that the file is made for, or None for a dynamic one.
    batch: int = None
    # Weights in a file beside the ONNX file.
    external: bool = False

    @property
    def name(self):
        batch = "dynamic" if self.batch is None else f"batch{self.batch}"
        return f"{self.architecture}-{self.form}-opset{self.opset}-{batch}"

    def module(self, width, seed):
        torch.manual_seed(seed)
        module = ARCHITECTURES[self.architecture](width)
        # Fresh statistics and scales of zeros and ones would hide mistakes.
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm2d):
                nn.init.uniform_(layer.running_mean, -0.2, 0.2)
                nn.init.uniform_(layer.running_var, 0.6, 1.4)
            if isinstance(layer, (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d)):
                nn.init.uniform_(layer.weight, 0.6, 1.4)
                nn.init.uniform_(layer.bias, -0.2, 0.2)
        return module.eval()

    def trained_module(self, module):
        """What the exported graph computes as a module: BatchNormalization folded, where the exporter folds it."""
        return fold(module) if self.form == "folded" else module

    def export(self, module, path):
        """Writes the file. The training form's trace moves the module's running statistics, and the file has the moved ones."""
        dynamic = {"images": {0: "batch"}, "logits": {0: "batch"}} if self.batch is None else None
        module.train(self.form == "training")
        torch.onnx.export(
            module,
            torch.rand(self.batch or 2, *IMAGE),
            str(path),
            input_names=["images"],
            output_names=["logits"],
            dynamic_axes=dynamic,
            opset_version=min(self.opset, NEWEST_OPSET),
            training={
                "training": TrainingMode.TRAINING,
                "folded": TrainingMode.EVAL,
            }.get(self.form, TrainingMode.PRESERVE),
            do_constant_folding=self.form == "folded",
        )
        module.eval()
        if self.form in REWRITES:
            onnx.save(REWRITES[self.form](onnx.load(str(path)), self.opset), str(path))


def fold(module):
    """A copy with each BatchNorm2d behind a Conv2d folded into it, as the exporter does in evaluation mode."""
    folded = copy.deepcopy(module).eval()

    def visit(parent):
        previous = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and isinstance(previous, nn.Conv2d):
                fuse = torch.nn.utils.fusion.fuse_conv_bn_eval(previous, child)
                setattr(parent, previous_name, fuse)
                setattr(parent, name, nn.Identity())
                previous = None
                continue
            visit(child)
            previous, previous_name = child, name

    visit(folded)
    return folded


CASES = [
    Case("lenet", 3, 8, "folded", 11),
    Case("lenet", 3, 8, "training", 12, batch=1),
    Case("vgg", 4, 8, "training", 13),
    Case("vgg", 4, 8, "folded", 17, batch=1),
    Case("resnet18", 4, 8, "training", 17),
    Case("smooth-resnet18", 2, 64, "inference", 17),
    Case("resnet18", 4, 8, "folded", 13, batch=4),
    Case("mobilenet", 4, 16, "inference", 14, batch=1),
    Case("mobilenet", 4, 16, "functions", 18, external=True),
    Case("vgg", 4, 8, "constants", 13),
    Case("densenet", 4, 8, "training", 15, batch=4),
    Case("inception", 4, 16, "training", 11),
    Case("squeeze-excitation", 4, 16, "training", 16),
    Case("vision-transformer", 4, 16, "training", 17),
    Case("vision-transformer", 4, 16, "training", 14, batch=1, external=True),
    Case("torch-attention", 4, 16, "training", 16, batch=1),
    Case("up-and-down", 4, 16, "training", 13),
]
