"""Convolutional nets: odd convolutions, activations with parameters, pools, gates."""
import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net
from .scales import Stem


@net("prelu")
class PRelu(nn.Module):
    """PReLU with one slope and with one per channel; grouped and dilated convolutions."""

    def __init__(self, width=12):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 2, 1)
        self.slope1 = nn.PReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=2, dilation=2, groups=3)
        self.slope2 = nn.PReLU(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(self.slope2(self.conv2(self.slope1(self.conv1(x)))).mean((2, 3)))


@net("transposed")
class Transposed(nn.Module):
    """Down, and up again by transposed convolutions, one of them grouped."""

    def __init__(self, width=12):
        super().__init__()
        self.down = nn.Conv2d(3, width, 4, 4)
        self.up = nn.ConvTranspose2d(width, 8, 4, 2, 1)
        self.again = nn.ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1, groups=2, bias=False)
        self.head = nn.Linear(32, CLASSES)

    def forward(self, x):
        x = F.gelu(self.up(2 * F.silu(2 * self.down(x))))
        return self.head(F.adaptive_avg_pool2d(F.silu(4 * self.again(x)), 2).flatten(1))


@net("conv-1d")
class Conv1d(nn.Module):
    """Conv1d with BatchNorm1d over an image's rows."""

    def __init__(self, width=12):
        super().__init__()
        self.conv1 = nn.Conv1d(48, width, 3, padding=1)
        self.norm = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, 3, 2, groups=2)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.silu(self.norm(self.conv1(x.flatten(1, 2))))
        return self.head(F.silu(self.conv2(x)).mean(2))


@net("conv-3d")
class Conv3d(nn.Module):
    """Conv3d that takes the colours as depth."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 6, (3, 4, 4), (1, 4, 4), (1, 0, 0))
        self.norm = nn.BatchNorm3d(6)
        self.head = nn.Linear(6, CLASSES)

    def forward(self, x):
        return self.head(F.silu(self.norm(self.conv(x.unsqueeze(1)))).mean((2, 3, 4)))


@net("squeeze-excitation")
class SqueezeExcitation(nn.Module):
    """Channels weighed by what is pooled; HardSwish and HardSigmoid."""

    def __init__(self, width=12):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 4, 4, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.reduce = nn.Conv2d(width, 4, 1)
        self.widen = nn.Conv2d(4, width, 1)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.hardswish(self.norm(self.conv(x)))
        gate = F.hardsigmoid(self.widen(F.silu(self.reduce(F.adaptive_avg_pool2d(x, 1)))))
        return self.head((x * gate).mean((2, 3)))


@net("convolutional-attention")
class ConvolutionalAttention(nn.Module):
    """CBAM: a shared MLP for average and maximum over space, then a map of weights from both over channels."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4), nn.SiLU(), nn.Linear(4, width))
        self.map = nn.Conv2d(2, 1, 3, padding=1)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        gate = self.mlp(x.mean((2, 3))) + self.mlp(x.amax((2, 3)))
        x = x * torch.sigmoid(gate)[..., None, None]
        both = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return self.head((x * torch.sigmoid(self.map(both))).mean((2, 3)))


@net("gated-units")
class GatedUnits(nn.Module):
    """F.glu after a convolution, SwiGLU in the head, a highway gate between."""

    def __init__(self, width=12):
        super().__init__()
        self.conv = nn.Conv2d(3, 2 * width, 4, 4)
        self.gate = nn.Conv2d(width, width, 1)
        self.carry = nn.Conv2d(width, width, 3, padding=1)
        self.w1, self.w2 = nn.Linear(width, 16, bias=False), nn.Linear(width, 16, bias=False)
        self.head = nn.Linear(16, CLASSES, bias=False)

    def forward(self, x):
        x = 3 * F.glu(2 * self.conv(x), dim=1)
        gate = torch.sigmoid(self.gate(x))
        x = 3 * (gate * torch.tanh(self.carry(x)) + (1 - gate) * x).mean((2, 3))
        return 2 * self.head(F.silu(self.w1(x)) * self.w2(x))


@net("inception")
class Inception(nn.Module):
    """Branches of several kernels, joined by channels; average and maximum pools with odd windows."""

    def __init__(self, width=5):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.one = nn.Conv2d(8, width, 1)
        self.wide = nn.Sequential(nn.Conv2d(8, width, (1, 5), padding=(0, 2)), nn.Conv2d(width, width, (5, 1), padding=(2, 0)))
        self.pooled = nn.Conv2d(8, width, 1)
        self.head = nn.Linear(4 * (3 * width + 8), CLASSES)

    def forward(self, x):
        x = F.silu(self.stem(x))
        pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        x = torch.cat([self.one(x), self.wide(x), self.pooled(pooled), F.max_pool2d(x, 3, 1, 1)], 1)
        return self.head(F.adaptive_avg_pool2d(F.silu(x), (2, 2)).flatten(1))


@net("maxout")
class Maxout(nn.Module):
    """The largest of three linear maps, and adaptive max pooling: choices, but clear ones."""

    def __init__(self, width=8):
        super().__init__()
        self.stem = Stem(width)
        self.pieces = nn.Linear(4 * width, 3 * width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.adaptive_max_pool2d(self.stem(x), (2, 2)).flatten(1)
        return self.head(self.pieces(x).view(-1, 8, 3).amax(2))


@net("flat-logits")
class FlatLogits(nn.Module):
    """A convolution as classifier, pooled to [N, K, 1, 1] and flattened, as SqueezeNet ends."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.classifier = nn.Conv2d(width, CLASSES, 1)

    def forward(self, x):
        return torch.flatten(F.adaptive_avg_pool2d(self.classifier(self.stem(x)), (1, 1)), 1)


@net("mixture")
class Mixture(nn.Module):
    """Kernels mixed for each image by a gate (CondConv), as a batched matrix product; experts are one parameter."""

    def __init__(self, width=10, experts=3):
        super().__init__()
        self.stem = Stem(width)
        self.router = nn.Linear(width, experts)
        self.experts = nn.Parameter(0.4 * torch.randn(experts, width, width))
        self.biases = nn.Parameter(0.2 * torch.randn(experts, width))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        share = self.router(x).softmax(-1)
        outputs = torch.einsum("nd,kde->nke", x, self.experts) + self.biases
        return self.head(F.silu((share.unsqueeze(-1) * outputs).sum(1)))


@net("up-and-down")
class UpAndDown(nn.Module):
    """Bilinear and nearest interpolation, pixel shuffle, reflected and replicated borders."""

    def __init__(self, width=8):
        super().__init__()
        self.down = nn.Conv2d(3, 4 * width, 3, 2, 1, padding_mode="reflect")
        self.mix = nn.Conv2d(5 * width, 8, 3, 2, 1, padding_mode="replicate")
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x):
        x = F.gelu(self.down(x))
        small = F.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)
        large = F.interpolate(small, scale_factor=4, mode="nearest")
        return self.head(F.softplus(self.mix(torch.cat([F.pixel_shuffle(x, 2), large], 1))).mean((2, 3)))


@net("plain-convnet")
class PlainConvNet(nn.Module):
    """Convolutions, ReLU, max pooling, a flattened head."""

    def __init__(self, width=8):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(width, width, 3), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(9 * width, 16), nn.ReLU(), nn.Dropout(0.0), nn.Linear(16, CLASSES))

    def forward(self, x):
        return self.head(self.features(x))
