"""Parameters that are no layer's weight or bias: scales, temperatures, gates, exponents."""
import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net


class Stem(nn.Sequential):
    """Images [N, 3, 16, 16] to features [N, width, 4, 4]."""

    def __init__(self, width=12):
        super().__init__(nn.Conv2d(3, width, 4, 4), nn.SiLU())


@net("layer-scale")
class LayerScale(nn.Module):
    """ConvNeXt's block: depthwise convolution, LayerNorm over channels, GELU, `gamma` on the residual branch."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 2 * width)
        self.contract = nn.Linear(2 * width, width)
        self.gamma = nn.Parameter(torch.full((width,), 0.5))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.gamma * self.contract(F.gelu(self.expand(y)))
        return self.head((x + y.permute(0, 3, 1, 2)).mean((2, 3)))


@net("layer-scale-2d")
class LayerScale2d(nn.Module):
    """`gamma` as [C, 1, 1], and a per-channel shift."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.mix = nn.Conv2d(width, width, 3, padding=1)
        self.gamma = nn.Parameter(torch.full((width, 1, 1), 0.5))
        self.shift = nn.Parameter(torch.zeros(1, width, 1, 1))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        return self.head((x + self.gamma * F.silu(self.mix(x)) + self.shift).mean((2, 3)))


@net("temperature")
class Temperature(nn.Module):
    """A cosine classifier with a learnt temperature, `exp` of a scalar, as CLIP has."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.classes = nn.Parameter(torch.randn(CLASSES, width))
        self.logit_scale = nn.Parameter(torch.tensor(1.2))

    def forward(self, x):
        x = F.normalize(self.stem(x).mean((2, 3)), dim=1)
        return self.logit_scale.exp() * x @ F.normalize(self.classes, dim=1).t()


@net("scalar-temperature")
class ScalarTemperature(nn.Module):
    """Logits divided by a scalar."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.head = nn.Linear(width, CLASSES)
        self.temperature = nn.Parameter(torch.tensor(0.7))

    def forward(self, x):
        return self.head(self.stem(x).mean((2, 3))) / self.temperature


@net("gated-scalars")
class GatedScalars(nn.Module):
    """Scalars and vectors through softplus, sigmoid, clamp, softmax and exp before they meet an activation."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 1)
        self.sharpness = nn.Parameter(torch.tensor(0.3))
        self.gate = nn.Parameter(torch.tensor(0.4))
        self.bounded = nn.Parameter(torch.linspace(-0.7, 0.8, width))
        self.mix = nn.Parameter(torch.tensor([0.2, -0.3, 0.1]))
        self.log_scale = nn.Parameter(torch.linspace(-0.5, 0.5, width))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        share = self.mix.softmax(0)
        x = share[0] * x + share[1] * F.silu(self.first(x)) + share[2] * self.second(x)
        gate = torch.sigmoid(self.gate)
        x = gate * torch.tanh(F.softplus(self.sharpness) * x) + (1 - gate) * x
        x = x * self.bounded.clamp(-0.5, 0.5).view(1, -1, 1, 1)
        return self.head((x * self.log_scale.exp().view(1, -1, 1, 1)).mean((2, 3)))


@net("expanded-scale")
class ExpandedScale(nn.Module):
    """A scale per channel through view and expand, a bias through repeat."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.mix = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.scale = nn.Parameter(torch.linspace(0.6, 1.4, width))
        self.rows = nn.Parameter(torch.linspace(-0.3, 0.3, 4))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.mix(self.stem(x))
        x = F.silu(x * self.scale.view(1, -1, 1, 1).expand(-1, -1, 4, 4))
        return self.head((x + self.rows.view(1, 1, 4, 1).repeat(1, 1, 1, 4)).pow(2).mean((2, 3)))


@net("gem-pool")
class GemPool(nn.Module):
    """Generalised mean pooling with a learnt exponent."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.p = nn.Parameter(torch.tensor([2.4]))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = F.softplus(self.stem(x)).clamp(min=1e-6).pow(self.p)
        return self.head(x.mean((2, 3)).pow(1.0 / self.p))


@net("rezero")
class ReZero(nn.Module):
    """Residual branches, each behind a learnt scalar; the scalars are one list."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.blocks = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.alphas = nn.ParameterList(nn.Parameter(torch.tensor(0.4)) for _ in range(2))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        for alpha, block in zip(self.alphas, self.blocks):
            x = x + alpha * F.gelu(block(x))
        return self.head(x.mean((2, 3)))


@net("prototypes")
class Prototypes(nn.Module):
    """Logits are negative squared distances to learnt prototypes."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = Stem(width)
        self.project = nn.Linear(width, 6)
        self.prototypes = nn.Parameter(0.4 * torch.randn(CLASSES, 6))

    def forward(self, x):
        x = self.project(self.stem(x).mean((2, 3)))
        return -(x[:, None, :] - self.prototypes[None]).pow(2).sum(-1)
