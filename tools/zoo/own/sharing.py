"""Parameters that serve twice, and parameters that serve nothing."""
import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net
from .scales import Stem


@net("tied-weights")
class TiedWeights(nn.Module):
    """One Parameter in two layers, once as it is and once transposed."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.encode = nn.Linear(width, 8)
        self.again = nn.Linear(width, 8)
        self.again.weight = self.encode.weight
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        x = x + F.silu(self.encode(x)) @ self.encode.weight
        return self.head(x + F.silu(self.again(x)) @ self.again.weight)


@net("module-twice")
class ModuleTwice(nn.Module):
    """A block that runs twice, as in recurrent residual nets."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.block = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.GroupNorm(3, width), nn.SiLU())
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        for _ in range(2):
            x = x + self.block(x)
        return self.head(x.mean((2, 3)))


@net("batch-norm-twice")
class BatchNormTwice(nn.Module):
    """One BatchNorm2d for two activations: its running statistics move twice a step."""

    def __init__(self, width=12):
        super().__init__()
        self.first = nn.Conv2d(3, width, 4, 4)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(self.norm(self.first(x)))
        return self.head(F.silu(self.norm(self.second(x))).mean((2, 3)))


@net("unused-heads")
class UnusedHeads(nn.Module):
    """An auxiliary head that the forward pass leaves out, and a parameter that nobody reads."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.auxiliary = nn.Sequential(nn.Linear(width, 6), nn.SiLU(), nn.Linear(6, CLASSES))
        self.forgotten = nn.Parameter(torch.randn(7))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(self.stem(x).mean((2, 3)))


@net("two-outputs")
class TwoOutputs(nn.Module):
    """Logits and an embedding; a projection head that leads to the second output only."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.head = nn.Linear(width, CLASSES)
        self.projection = nn.Linear(width, 7)

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        return self.head(x), F.normalize(self.projection(x), dim=1)


@net("detached-branch")
class DetachedBranch(nn.Module):
    """A branch behind detach(): its parameters have no gradient in PyTorch, and look like any others in the file."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.side = nn.Linear(width, width)
        self.head = nn.Linear(2 * width, CLASSES)

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        return self.head(torch.cat([x, F.silu(self.side(x)).detach()], 1))


@net("ensemble")
class Ensemble(nn.Module):
    """Two nets of one kind, whose logits are averaged."""

    def __init__(self, width=8):
        super().__init__()
        self.members = nn.ModuleList(
            nn.Sequential(Stem(width), nn.Flatten(), nn.Linear(16 * width, CLASSES)) for _ in range(2)
        )

    def forward(self, x):
        return torch.stack([member(x) for member in self.members]).mean(0)
