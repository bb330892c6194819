"""What PyTorch makes of a module: three plain SGD steps, or one `rwa` step, in float64; and how sure that is."""
import copy
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.append(str(Path(__file__).resolve().parents[1] / "pytorch"))
import reference  # noqa: E402

normalized = reference.normalized

BATCH = 6
STEPS = 3
LEARNING_RATE = 0.05
# float32 arithmetic, and float64 arithmetic on images and weights moved by a few roundings, must come this near to the
# change of each tensor: else a kink or a cancellation decides, not a mistake.
CLEAR_ERROR = 4e-4
CLEAR_MARGIN = 1e-5
ROUNDINGS = 1e-6


def copy_of(module):
    """A deep copy; weights that a hook computes before each pass are no leaves, which deepcopy refuses."""
    for layer in module.modules():
        for name, value in list(vars(layer).items()):
            if isinstance(value, torch.Tensor) and value.grad_fn is not None:
                setattr(layer, name, value.detach())
    return copy.deepcopy(module)


def batch(seed, image, classes):
    """Smooth random images [N, C, H, W] as bytes, and labels."""
    rng = np.random.default_rng(seed)
    coarse = torch.tensor(rng.uniform(0, 1, (BATCH, image[0], 5, 5)))
    smooth = F.interpolate(coarse, image[1:], mode="bilinear", align_corners=True).numpy()
    pixels = np.clip(255 * smooth + rng.normal(0, 20, smooth.shape), 0, 255).round().astype(np.uint8)
    return pixels, rng.integers(0, classes, BATCH)


def logits_of(module, images):
    outputs = module(normalized(images))
    return outputs[0] if isinstance(outputs, tuple) else outputs


def set_training(module):
    """Training mode, but for the power iteration of spectral norms: the exported file has none."""
    module.train()
    for layer in module.modules():
        hooks = [type(hook).__name__ for hook in layer._forward_pre_hooks.values()]
        if type(layer).__name__ == "_SpectralNorm" or "SpectralNorm" in hooks:
            layer.eval()


def three_steps(module, images, labels):
    """The module's copy after the steps, and the names of parameters that got a gradient."""
    module = copy_of(module)
    set_training(module)
    optimizer = torch.optim.SGD([p for p in module.parameters() if p.requires_grad], lr=LEARNING_RATE)
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(logits_of(module, images), labels).backward()
        optimizer.step()
    return module, {n for n, p in module.named_parameters() if p.grad is not None}


def rwa_step(module, images, labels):
    """The state after one step, and the margin of the choice of views (tools/pytorch/reference.py)."""
    return reference.step(FirstOutput(module), images, labels)


class FirstOutput(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def train(self, mode=True):
        super().train(mode)
        if mode:
            set_training(self.module)
        return self

    def forward(self, x):
        outputs = self.module(x)
        return outputs[0] if isinstance(outputs, tuple) else outputs


def floating(state):
    return {n: v.detach().clone().double() for n, v in state.items() if v.is_floating_point()}


def changes(module, after):
    before = floating(module.state_dict())
    # Masks hold −inf.
    return {n: torch.where(v == before[n], torch.zeros_like(v), v - before[n]) for n, v in floating(after).items()}


def worst_error(got, want):
    """Largest error of a tensor's change, relative to that change (or to a hundredth of the largest one)."""
    least = 1e-2 * max(c.abs().max().item() for c in want.values() if c.numel())
    errors = {n: (got[n] - c).abs().max().item() / max(c.abs().max().item(), least) for n, c in want.items() if c.numel()}
    where = max(errors, key=errors.get)
    return errors[where], where


class Outcome:
    """Changes of every floating tensor of a module, and how well float32 and moved inputs agree with them."""

    def __init__(self, module, pixels, labels, with_rwa):
        labels = torch.tensor(labels)
        images = torch.tensor(pixels).double() / 255
        double = copy_of(module).double()
        trained, self.gradients = three_steps(double, images, labels)
        self.changes = changes(double, trained.state_dict())
        single, _ = three_steps(copy_of(module).float(), images.float(), labels)
        self.error, self.where = worst_error(changes(module, single.state_dict()), self.changes)
        moved = copy_of(double)
        with torch.no_grad():
            for value in moved.parameters():
                value.mul_(1 + ROUNDINGS * torch.randn_like(value))
        nearby, _ = three_steps(moved, images, labels)
        error, where = worst_error(changes(moved, nearby.state_dict()), self.changes)
        if error > self.error:
            self.error, self.where = error, where
        double.eval(), trained.eval()
        with torch.no_grad():
            self.logits, self.logits_after = logits_of(double, images), logits_of(trained, images)
        self.rwa_changes = None
        self.margin = float("inf")
        if with_rwa:
            after, self.margin = rwa_step(double, images, labels)
            self.rwa_changes = changes(double, {n.removeprefix("module."): v for n, v in after.items()})
            after, _ = rwa_step(copy_of(module).float(), images.float(), labels)
            single = changes(module, {n.removeprefix("module."): v for n, v in after.items()})
            error, where = worst_error(single, self.rwa_changes)
            if error > self.error:
                self.error, self.where = error, "rwa: " + where

    @property
    def is_clear(self):
        return self.error < CLEAR_ERROR and self.margin > CLEAR_MARGIN
