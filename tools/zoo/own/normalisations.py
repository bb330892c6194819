"""Normalisation layers in their usual and their odd forms."""
import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net


class Normalised(nn.Module):
    """Two convolutions, each behind it a normalisation; `make(width)` gives one."""

    def __init__(self, *makers, width=12):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 4, 4)
        self.norm1 = makers[0](width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = makers[-1](width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(self.norm1(self.conv1(x)))
        return self.head(F.silu(self.norm2(self.conv2(x))).mean((2, 3)))


def normalised(name, *makers):
    net(name)(lambda: Normalised(*makers))


normalised("group-norm", lambda c: nn.GroupNorm(3, c), lambda c: nn.GroupNorm(1, c))
normalised("group-norm-plain", lambda c: nn.GroupNorm(3, c, affine=False), lambda c: nn.GroupNorm(c, c))
normalised("instance-norm", lambda c: nn.InstanceNorm2d(c, affine=True), lambda c: nn.InstanceNorm2d(c))
normalised("batch-norm", nn.BatchNorm2d)
normalised("batch-norm-plain", lambda c: nn.BatchNorm2d(c, affine=False), nn.BatchNorm2d)
normalised("batch-norm-slow", lambda c: nn.BatchNorm2d(c, momentum=0.01, eps=1e-3))
normalised("batch-norm-cumulative", lambda c: nn.BatchNorm2d(c, momentum=None))
normalised("batch-norm-stateless", lambda c: nn.BatchNorm2d(c, track_running_stats=False))
normalised("local-response-norm", lambda c: nn.LocalResponseNorm(3, alpha=0.5), lambda c: nn.LocalResponseNorm(5, alpha=1.0, k=2.0))


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of [N, C, H, W]."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class WholeNorm(nn.LayerNorm):
    """LayerNorm over [C, H, W] with elementwise scale and bias."""

    def __init__(self, channels):
        super().__init__([channels, 4, 4])


class RootMeanSquareNorm(nn.Module):
    """Over channels, with a scale."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
        return x.permute(0, 3, 1, 2)


class GlobalResponseNorm(nn.Module):
    """ConvNeXt V2's: channels compete by their norm over the image."""

    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        norm = x.pow(2).sum((2, 3), keepdim=True).add(1e-6).sqrt()
        return x + self.gamma * (x * norm / (norm.mean(1, keepdim=True) + 1e-6)) + self.beta


class FilterResponseNorm(nn.Module):
    """Filter response normalisation with its thresholded linear unit, smoothed."""

    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.tau = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.eps = nn.Parameter(torch.tensor([0.05]))

    def forward(self, x):
        x = x * torch.rsqrt(x.pow(2).mean((2, 3), keepdim=True) + self.eps.abs())
        return self.tau + F.softplus(self.gamma * x + self.beta - self.tau)


class DynamicTanh(nn.Module):
    """Transformers without normalisation: tanh(α·x), α a scalar."""

    def __init__(self, channels):
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(0.8))
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return torch.tanh(self.alpha * x) * self.weight[:, None, None] + self.bias[:, None, None]


normalised("layer-norm", ChannelNorm, WholeNorm)
normalised("layer-norm-plain", lambda c: ChannelNorm(c, elementwise_affine=False), lambda c: ChannelNorm(c, bias=False))
normalised("rms-norm", RootMeanSquareNorm)
normalised("global-response-norm", GlobalResponseNorm)
normalised("filter-response-norm", FilterResponseNorm)
normalised("dynamic-tanh", DynamicTanh)


@net("batch-norm-1d")
class BatchNorm1d(nn.Module):
    """BatchNorm1d on [N, C], with scale and bias and without, and on [N, C, L]."""

    def __init__(self, width=12):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 4, 4)
        self.tokens = nn.BatchNorm1d(width)
        self.fc1 = nn.Linear(width, width, bias=False)
        self.norm1 = nn.BatchNorm1d(width)
        self.fc2 = nn.Linear(width, width)
        self.norm2 = nn.BatchNorm1d(width, affine=False)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(self.tokens(self.conv(x).flatten(2))).mean(2)
        return self.head(F.silu(self.norm2(self.fc2(F.silu(self.norm1(self.fc1(x)))))))


@net("pre-activation")
class PreActivation(nn.Module):
    """BatchNorm before the convolutions, where no exporter can fold it."""

    def __init__(self, width=12):
        super().__init__()
        self.conv0 = nn.Conv2d(3, width, 4, 4)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.last = nn.BatchNorm2d(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.conv0(x)
        y = self.conv1(F.silu(self.norm1(x)))
        x = x + self.conv2(F.silu(self.norm2(y)))
        return self.head(F.silu(self.last(x)).mean((2, 3)))
