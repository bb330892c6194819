"""Writes net.onnx, every parameter under its own name: python3 examples/pytorch/export.py"""
import inspect
from pathlib import Path

import torch
from net import Net

torch.manual_seed(0)
model = Net()
# PyTorch 2.5 and newer have two exporters; this is about the first.
first_exporter = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
torch.onnx.export(
    model.eval(),
    torch.zeros(1, 1, 28, 28),
    str(Path(__file__).with_name("net.onnx")),
    input_names=["images"],
    output_names=["logits"],
    dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
    opset_version=17,
    training=torch.onnx.TrainingMode.PRESERVE,
    do_constant_folding=False,
    **first_exporter,
)
