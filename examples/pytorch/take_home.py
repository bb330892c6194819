"""Puts trained weights into the module and tries it: python3 examples/pytorch/take_home.py weights.safetensors"""
import sys
from pathlib import Path

import torch
from net import Net

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
from alignreg_export import load_weights  # noqa: E402

model = Net()
load_weights(model, sys.argv[1])
model.eval()
with torch.no_grad():
    print(model(torch.zeros(1, 1, 28, 28)).tolist()[0])
