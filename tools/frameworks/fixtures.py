"""Files of alignreg_export.py for `npm test`, with PyTorch's own three steps on their modules."""
import base64
import json
from pathlib import Path

import alignreg_export
import torch

from compare import Reference
from nets import made, nets_of
from training import batch
from writers import has_newer

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "frameworks"
NETS = ["batch-norm", "dropout", "tied", "group-norm", "vit", "attention", "weight-norm", "buffers", "frozen", "record"]


def fixtures(*names):
    """`<net>-torch<version>.onnx` and `.json`: the batch, what trains, and the logits after three steps, by PyTorch."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    version = torch.__version__.split("+")[0]
    for net in nets_of("version"):
        if net.name not in (names or NETS):
            continue
        pixels, labels = batch(net.seed, net.image, net.classes)
        record = {"seed": net.seed, "labels": labels.tolist(), "images": torch.tensor(pixels)}
        reference = Reference(net, record, None)
        module = made(net, net.seed)
        for layer, ratio in zip([m for m in module.modules() if type(m) is torch.nn.Dropout and net.name == "dropout"], (0.2, 0.5)):
            layer.p = ratio
        path = FIXTURES / f"{net.name}-torch{version}.onnx"
        alignreg_export.export(module, torch.zeros(1, *net.image), path)
        if has_newer():
            from forms import tidy

            tidy(path, {})  # where it ran, which the newer exporter writes down
        path.with_suffix(".json").write_text(json.dumps({
            "image": list(net.image), "classes": net.classes, "labels": record["labels"],
            "pixels": base64.b64encode(pixels.tobytes()).decode(), "trains": sorted(reference.gradients),
            "tied": {n: own for n, own in reference.tied.items() if n != own},
            "logits": [float(f"{v:.7g}") for v in reference.logits.flatten().tolist()],
        }) + "\n")
        print(path.name, path.stat().st_size, flush=True)
