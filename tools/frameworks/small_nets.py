"""Small classifiers of images 3×16×16 that PyTorch 1.13 can make as well as today's: one odd thing each."""
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 5
SMALL = {}


def net(name):
    def enter(make):
        SMALL[name] = make
        return make

    return enter


def stem(width):
    return nn.Sequential(nn.Conv2d(3, width, 4, 4), nn.SiLU())


@net("batch-norm")
def batch_norm():
    block = lambda i, o: [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.SiLU(), nn.AvgPool2d(2)]
    return nn.Sequential(*block(3, 8), *block(8, 12), nn.Flatten(), nn.Linear(12 * 16, CLASSES))


@net("dropout")
def dropout():
    """Compared with dropout 0; that its Dropout is in the file is looked at by itself."""
    return nn.Sequential(stem(8), nn.Dropout(0.2), nn.Flatten(), nn.Linear(128, 12), nn.SiLU(), nn.Dropout(0.5), nn.Linear(12, CLASSES))


@net("tied")
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = stem(12)
        self.encode, self.again, self.head = nn.Linear(12, 8), nn.Linear(12, 8), nn.Linear(12, CLASSES)
        self.again.weight = self.encode.weight

    def forward(self, x):
        x = self.stem(x).mean((2, 3))
        x = x + F.silu(self.encode(x)) @ self.encode.weight
        return self.head(x + F.silu(self.again(x)) @ self.again.weight)


@net("group-norm")
def group_norm():
    return nn.Sequential(stem(12), nn.GroupNorm(3, 12), nn.Conv2d(12, 8, 3), nn.GroupNorm(2, 8), nn.SiLU(), nn.Flatten(), nn.Linear(32, CLASSES))


@net("vit")
class Vit(nn.Module):
    """PyTorch's own encoder layer, a class token, learnt positions."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, 4, 4)
        self.cls = nn.Parameter(0.5 * torch.randn(1, 1, dim))
        self.positions = nn.Parameter(0.5 * torch.randn(1, 17, dim))
        self.layer = nn.TransformerEncoderLayer(dim, 2, 24, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.head(self.norm(self.layer(x))[:, 0])


@net("attention")
class CrossAttention(nn.Module):
    """nn.MultiheadAttention of learnt queries."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, 4, 4)
        self.queries = nn.Parameter(torch.randn(3, dim))
        self.attention = nn.MultiheadAttention(dim, 2, batch_first=True)
        self.head = nn.Linear(3 * dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x, _ = self.attention(self.queries.expand(x.shape[0], -1, -1), x, x, need_weights=False)
        return self.head(x.flatten(1))


class TwoLayers(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.stem, self.conv, self.head = stem(width), nn.Conv2d(width, width, 3, padding=1), nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(F.silu(self.conv(self.stem(x))).mean((2, 3)))


@net("weight-norm")
def weight_norm():
    """The parametrization where there is one (2.0), else the hook."""
    module = TwoLayers()
    norm = getattr(nn.utils.parametrizations, "weight_norm", nn.utils.weight_norm)
    norm(module.conv)
    norm(module.head)
    return module


@net("buffers")
class Buffers(TwoLayers):
    """A fixed table that is added, a fixed blur, a mask, and a table that is not saved."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", 0.3 * torch.randn(12, 4, 4))
        self.register_buffer("blur", torch.tensor([1.0, 2.0, 1.0]).outer(torch.tensor([1.0, 2.0, 1.0])).div(16).expand(12, 1, 3, 3).clone())
        self.register_buffer("mask", (torch.arange(12) % 3 > 0).float())
        self.register_buffer("offsets", torch.randn(12), persistent=False)

    def forward(self, x):
        x = self.stem(x) + self.table
        x = F.conv2d(x, self.blur, padding=1, groups=12) + self.offsets[:, None, None]
        return self.head(F.silu(self.conv(x)).mean((2, 3)) * self.mask)


@net("frozen")
class Frozen(TwoLayers):
    """requires_grad=False, on a layer and on a number of the code."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.3), requires_grad=False)
        self.stem.requires_grad_(False)

    def forward(self, x):
        return super().forward(x) * self.scale


@net("record")
class Record(TwoLayers):
    """Returns a record with logits, as Hugging Face's models do."""

    def forward(self, x):
        return {"hidden": x, "logits": super().forward(x)}


@net("unused-head")
class UnusedHead(TwoLayers):
    def __init__(self):
        super().__init__()
        self.auxiliary = nn.Linear(12, 7)


@net("layer-norm")
def layer_norm():
    """A ConvNeXt block without its shortcut: tokens last, LayerNorm, two linear layers."""

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.depthwise = stem(12), nn.Conv2d(12, 12, 3, padding=1, groups=12)
            self.norm, self.up, self.down = nn.LayerNorm(12), nn.Linear(12, 24), nn.Linear(24, 12)
            self.gamma, self.head = nn.Parameter(0.5 * torch.ones(12)), nn.Linear(12, CLASSES)

        def forward(self, x):
            x = self.stem(x)
            y = self.depthwise(x).permute(0, 2, 3, 1)
            y = self.gamma * self.down(F.gelu(self.up(self.norm(y))))
            return self.head((x + y.permute(0, 3, 1, 2)).mean((2, 3)))

    return Last()
