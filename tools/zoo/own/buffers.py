"""Fixed tensors beside the parameters: kernels, masks and tables that are buffers of the module."""
import math

import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net
from .scales import Stem


@net("blur-pool")
class BlurPool(nn.Module):
    """Depthwise convolution with a fixed binomial kernel."""

    def __init__(self, width=12):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 2, 1)
        row = torch.tensor([1.0, 2.0, 1.0])
        kernel = torch.outer(row, row) / 16
        self.register_buffer("blur", kernel.expand(width, 1, 3, 3).clone())
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(self.conv(x))
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.blur, stride=2, groups=x.shape[1])
        return self.head(x.pow(2).mean((2, 3)))


@net("masked-attention")
class MaskedAttention(nn.Module):
    """Attention with a fixed mask of 0 and −inf, added to the scores."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, 4, 4)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)
        mask = torch.full((16, 16), float("-inf")).triu(1)
        self.register_buffer("mask", mask)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]) + self.mask
        return self.head((x + self.project(scores.softmax(-1) @ v)).mean(1))


@net("fixed-positions")
class FixedPositions(nn.Module):
    """Tokens plus a table of sines and cosines that is a buffer."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, 4, 4)
        angles = torch.arange(16)[:, None] / 100 ** (torch.arange(dim // 2)[None] / (dim // 2))
        self.register_buffer("positions", torch.cat([angles.sin(), angles.cos()], 1))
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        return self.head((x + self.mlp(x)).mean(1))


@net("masked-kernel")
class MaskedKernel(nn.Module):
    """PixelCNN's convolution: the weight times a fixed mask of 0 and 1."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        mask = torch.ones(1, 1, 3, 3)
        mask[..., 1, 2] = 0
        mask[..., 2, :] = 0
        self.register_buffer("mask", mask)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(F.conv2d(self.stem(x), self.conv.weight * self.mask, self.conv.bias, padding=1))
        return self.head(x.mean((2, 3)))


@net("random-features")
class RandomFeatures(nn.Module):
    """A fixed random projection (a buffer in the place of a weight) between layers that train."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.register_buffer("projection", torch.randn(width, 16) / 3)
        self.register_buffer("phase", torch.rand(16) * 6.28)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.head(torch.cos(self.stem(x).mean((2, 3)) @ self.projection + self.phase))


@net("logit-prior")
class LogitPrior(nn.Module):
    """Logits adjusted by the logarithm of class shares, a buffer of the size of a bias."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.head = nn.Linear(width, CLASSES)
        self.register_buffer("log_prior", torch.tensor([0.1, 0.15, 0.2, 0.25, 0.3]).log())

    def forward(self, x):
        return self.head(self.stem(x).mean((2, 3))) + self.log_prior
