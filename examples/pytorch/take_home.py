"""Puts trained weights into the module and tries it: python3 examples/pytorch/take_home.py weights.safetensors"""
import sys

import torch
from load_weights import load_weights
from net import Net

model = Net()
load_weights(model, sys.argv[1])
model.eval()
with torch.no_grad():
    print(model(torch.zeros(1, 1, 28, 28)).tolist()[0])
