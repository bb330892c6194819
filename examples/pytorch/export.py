"""Writes net.onnx, every parameter under its own name: python3 examples/pytorch/export.py"""
import sys
from pathlib import Path

import torch
from net import Net

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
from alignreg_export import export  # noqa: E402

torch.manual_seed(0)
export(Net(), torch.zeros(1, 1, 28, 28), Path(__file__).with_name("net.onnx"))
