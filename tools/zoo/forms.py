"""The forms in which PyTorch's two exporters write a module."""
import contextlib
import copy
import io
import logging
import warnings
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch.onnx import TrainingMode

# Paths of the machine, and what `name_scopes` and `class_hierarchy` say as well (a third of some files).
LEFT_OUT = {"pkg.torch.onnx.stack_trace", "namespace"}


@dataclass(frozen=True)
class Form:
    """
    kind    "plain": dynamo=False, evaluation mode kept as it is, nothing folded: names and tensors are the module's
            "training": dynamo=False, TrainingMode.TRAINING; "folded": dynamo=False with the exporter's defaults
            "dynamo": dynamo=True with its defaults; "dynamo-plain": dynamo=True, optimize=False
    batch   the batch size that the file is made for; None for any
    """

    kind: str = "plain"
    opset: int = 17
    batch: int = None

    @property
    def name(self):
        batch = f"-batch{self.batch}" if self.batch else ""
        return f"{self.kind}-opset{self.opset}{batch}"

    @property
    def folds(self):
        """Whether BatchNormalization is folded into convolutions, and other constants into one another."""
        return self.kind in ("folded", "dynamo")


def export(module, image, form, path):
    """Writes the file; the module is as before."""
    images = torch.rand(form.batch or 2, *image, generator=torch.Generator().manual_seed(0))
    before = copy.deepcopy(module.state_dict())
    mode = module.training
    common = {"input_names": ["images"], "output_names": ["logits"], "opset_version": form.opset}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        if form.kind.startswith("dynamo"):
            shapes = None if form.batch else ({0: torch.export.Dim("batch")},)
            program = torch.onnx.export(
                module.eval(), (images,), dynamo=True, dynamic_shapes=shapes, optimize=form.kind == "dynamo", **common
            )
            program.save(str(path))
        else:
            training = {"training": TrainingMode.TRAINING, "folded": TrainingMode.EVAL}
            module.train(form.kind == "training")
            torch.onnx.export(
                module, (images,), str(path), dynamo=False, do_constant_folding=form.kind == "folded",
                dynamic_axes=None if form.batch else {"images": {0: "batch"}, "logits": {0: "batch"}},
                training=training.get(form.kind, TrainingMode.PRESERVE), **common,
            )
        logging.disable(logging.NOTSET)
    module.load_state_dict(before)
    module.train(mode)
    tidy(path, before if form.kind == "training" else {})


def tidy(path, state):
    """
    Takes out where the exporter ran (paths of this machine), and gives the file the numbers of `state` (of the training
    form: tracing it has moved the running statistics).
    """
    model = onnx.load(str(path))
    for part in [*model.graph.node, *(n for f in model.functions for n in f.node)]:
        part.doc_string = ""
        kept = [p for p in part.metadata_props if p.key not in LEFT_OUT]
        del part.metadata_props[:]
        part.metadata_props.extend(kept)
    for tensor in model.graph.initializer:
        value = state.get(tensor.name)
        if value is not None and tensor.data_type == TensorProto.FLOAT and list(value.shape) == list(tensor.dims):
            tensor.CopyFrom(numpy_helper.from_array(value.numpy(), tensor.name))
    onnx.save(model, str(path))
