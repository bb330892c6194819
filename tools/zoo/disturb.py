"""Fresh nets are full of zeros, ones and equal tensors, which hide mistakes: this moves all of them apart."""
import torch
from torch import nn


def without_dropout(module):
    """Dropout and stochastic depth off."""
    for layer in module.modules():
        for name in ("p", "drop_prob", "dropout", "attn_drop", "drop"):
            if isinstance(getattr(layer, name, None), float) and "Drop" in type(layer).__name__ + name.capitalize():
                setattr(layer, name, 0.0)
    return module


@torch.no_grad()
def disturb(module):
    """Without dropout; statistics, scales and near-zero weights of ordinary size, all different."""
    for layer in without_dropout(module).modules():
        mean, variance = getattr(layer, "running_mean", None), getattr(layer, "running_var", None)
        if isinstance(mean, torch.Tensor):
            nn.init.uniform_(mean, -0.2, 0.2)
            nn.init.uniform_(variance, 0.6, 1.4)
    for value in module.parameters():
        if not value.is_floating_point() or value.numel() == 0:
            continue
        size = value.abs().mean().item()
        if value.numel() > 1 and (value == value.flatten()[0]).all():
            constant = value.flatten()[0].item()
            if abs(constant) < 1e-2:
                # A bias of zeros, or a scale that starts at nothing (LayerScale, the last scale of a branch).
                nn.init.uniform_(value, -0.3, 0.3)
            else:
                value.mul_(torch.empty_like(value).uniform_(0.6, 1.4))
        elif value.numel() > 1 and size < 0.03:
            value.mul_(0.08 / max(size, 1e-6))
    return module
