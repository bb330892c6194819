"""Weights that are computed from parameters: norms, masks, standardisation, low-rank and generated weights."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from .registry import CLASSES, net
from .scales import Stem


class TwoLayers(nn.Module):
    """Stem, a convolution and a linear head that others change."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(F.silu(self.conv(self.stem(x))).mean((2, 3)))


@net("weight-norm-hook")
def weight_norm_hook():
    """torch.nn.utils.weight_norm: `weight_g` and `weight_v`."""
    module = TwoLayers()
    nn.utils.weight_norm(module.conv)
    nn.utils.weight_norm(module.head, dim=None)
    return module


@net("weight-norm")
def weight_norm_parametrization():
    """The parametrization: `parametrizations.weight.original0` and `original1`."""
    module = TwoLayers()
    weight_norm(module.conv)
    weight_norm(module.head)
    return module


@net("spectral-norm-hook")
def spectral_norm_hook():
    """torch.nn.utils.spectral_norm: `weight_orig`, buffers `weight_u` and `weight_v`."""
    module = TwoLayers()
    nn.utils.spectral_norm(module.conv, n_power_iterations=3)
    nn.utils.spectral_norm(module.head, n_power_iterations=3)
    return module


@net("spectral-norm")
def spectral_norm_parametrization():
    """The parametrization: buffers `_u` and `_v`."""
    module = TwoLayers()
    spectral_norm(module.conv, n_power_iterations=3)
    return module


@net("pruned")
def pruned():
    """torch.nn.utils.prune: `weight_orig` is multiplied by the buffer `weight_mask`."""
    module = TwoLayers()
    prune.l1_unstructured(module.conv, "weight", 0.3)
    prune.random_structured(module.head, "weight", 0.25, dim=1)
    return module


class Halved(nn.Module):
    def forward(self, weight):
        return 0.5 * weight


@net("parametrized-factor")
def parametrized_factor():
    """A parametrization of one's own: half the weight."""
    module = TwoLayers()
    nn.utils.parametrize.register_parametrization(module.conv, "weight", Halved())
    return module


class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).transpose(-1, -2)


@net("symmetric-kernel")
def symmetric_kernel():
    """PyTorch's own example of a parametrization: an upper triangle and its mirror image."""
    module = TwoLayers()
    nn.utils.parametrize.register_parametrization(module.conv, "weight", Symmetric())
    return module


@net("scaled-kernel")
class ScaledKernel(nn.Module):
    """Equalised learning rate: `F.conv2d(x, w * 0.5)` and a linear layer whose bias is scaled too."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.weight = nn.Parameter(0.4 * torch.randn(width, width, 3, 3))
        self.bias = nn.Parameter(torch.linspace(-0.3, 0.3, width))
        self.head = nn.Parameter(torch.randn(CLASSES, width))
        self.offset = nn.Parameter(torch.linspace(-0.3, 0.3, CLASSES))

    def forward(self, x):
        x = F.silu(F.conv2d(self.stem(x), self.weight * 0.5, self.bias, padding=1))
        return F.linear(x.mean((2, 3)), self.head * 0.7, self.offset * 2.0)


@net("modulated-kernel")
class ModulatedKernel(nn.Module):
    """A kernel whose input channels are scaled by one parameter and output channels demodulated, as in StyleGAN2."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.weight = nn.Parameter(0.4 * torch.randn(width, width, 3, 3))
        self.style = nn.Parameter(torch.linspace(0.6, 1.4, width))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        weight = self.weight * self.style.view(1, -1, 1, 1)
        weight = weight * (weight.pow(2).sum((1, 2, 3), keepdim=True) + 1e-6).rsqrt()
        return self.head(F.silu(F.conv2d(self.stem(x), weight, padding=1)).mean((2, 3)))


class StandardizedConv(nn.Conv2d):
    """Weight standardisation written out: each filter has mean 0 and deviation 1, times a gain."""

    def __init__(self, before, after):
        super().__init__(before, after, 3, padding=1)
        self.gain = nn.Parameter(torch.linspace(0.2, 0.5, after).view(-1, 1, 1, 1))

    def forward(self, x):
        mean = self.weight.mean((1, 2, 3), keepdim=True)
        variance = (self.weight - mean).pow(2).mean((1, 2, 3), keepdim=True)
        weight = self.gain * (self.weight - mean) / torch.sqrt(variance + 1e-5)
        return F.conv2d(x, weight, self.bias, padding=1)


class BatchNormStandardizedConv(nn.Conv2d):
    """The same by F.batch_norm over the weights, as timm's ScaledStdConv2d does."""

    def __init__(self, before, after):
        super().__init__(before, after, 3, padding=1)
        self.gain = nn.Parameter(torch.linspace(0.7, 1.3, after).view(-1, 1, 1, 1))

    def forward(self, x):
        scale = (self.gain * 0.3).view(-1)
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(flat, None, None, weight=scale, training=True, momentum=0.0, eps=1e-5)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, padding=1)


def standardized(layer):
    module = TwoLayers()
    module.conv = layer(12, 12)
    return module


net("standardized-kernel")(lambda: standardized(StandardizedConv))
net("batch-norm-over-weights")(lambda: standardized(BatchNormStandardizedConv))


@net("cosine-classifier")
class CosineClassifier(nn.Module):
    """F.normalize of features and of class weights; a fixed scale."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.weight = nn.Parameter(torch.randn(CLASSES, width))

    def forward(self, x):
        features = F.normalize(self.stem(x).mean((2, 3)), dim=-1)
        return 6.0 * F.linear(features, F.normalize(self.weight, dim=-1))


@net("low-rank")
class LowRank(nn.Module):
    """LoRA: a frozen base (requires_grad=False) plus a product of two narrow matrices that train."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.base = nn.Linear(width, width)
        self.base.weight.requires_grad_(False)
        self.down = nn.Parameter(0.4 * torch.randn(3, width))
        self.up = nn.Parameter(0.4 * torch.randn(width, 3))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        return self.head(F.silu(F.linear(x, self.base.weight + 0.5 * self.up @ self.down, self.base.bias)))


@net("hypernet")
class Hypernet(nn.Module):
    """A kernel that a linear layer makes of a learnt code."""

    def __init__(self, width=8):
        super().__init__()
        self.stem = Stem(width)
        self.code = nn.Parameter(torch.randn(1, 6))
        self.maker = nn.Linear(6, width * width * 9)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        kernel = 0.3 * torch.tanh(self.maker(self.code)).view(8, 8, 3, 3)
        return self.head(F.silu(F.conv2d(self.stem(x), kernel, padding=1)).mean((2, 3)))


@net("stacked-parameters")
class StackedParameters(nn.Module):
    """A weight put together by cat and stack from several parameters, and one cut apart by slices."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.upper = nn.Parameter(0.4 * torch.randn(width // 2, width, 1, 1))
        self.lower = nn.Parameter(0.4 * torch.randn(width // 2, width, 1, 1))
        self.both = nn.Parameter(0.4 * torch.randn(2 * width, width))
        self.biases = nn.ParameterList(nn.Parameter(0.2 * torch.randn(())) for _ in range(CLASSES))
        self.head = nn.Parameter(torch.randn(CLASSES, width))

    def forward(self, x):
        x = F.silu(F.conv2d(self.stem(x), torch.cat([self.upper, self.lower]))).mean((2, 3))
        query, gate = F.linear(x, self.both[:12]), F.linear(x, self.both[12:])
        return F.linear(query * torch.sigmoid(gate), self.head) + torch.stack(list(self.biases))
