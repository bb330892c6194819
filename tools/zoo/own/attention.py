"""Attention: tokens, tables of positions, PyTorch's own layers."""
import math

import torch
import torch.nn.functional as F
from torch import nn

from .registry import CLASSES, net


class Patches(nn.Module):
    """Images [N, 3, 16, 16] to tokens [N, 16, dim]."""

    def __init__(self, dim):
        super().__init__()
        self.project = nn.Conv2d(3, dim, 4, 4)

    def forward(self, x):
        return self.project(x).flatten(2).transpose(1, 2)


class Mlp(nn.Sequential):
    def __init__(self, dim):
        super().__init__(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))


def split_heads(x, heads):
    n, tokens, dim = x.shape
    return x.reshape(n, tokens, heads, dim // heads).transpose(1, 2)


class SelfAttention(nn.Module):
    def __init__(self, dim, heads=2):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)

    def bias(self):
        return 0.0

    def forward(self, x):
        n, tokens, dim = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) * (dim // self.heads) ** -0.5 + self.bias()
        return self.project((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, tokens, dim))


@net("class-token")
class ClassToken(nn.Module):
    """Class token by expand, learnt positions, two blocks."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.cls_token = nn.Parameter(0.5 * torch.randn(1, 1, dim))
        self.pos_embed = nn.Parameter(0.5 * torch.randn(1, 17, dim))
        self.norm1, self.norm2, self.norm = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = SelfAttention(dim)
        self.mlp = Mlp(dim)
        self.head = nn.Linear(dim, CLASSES)

    def tokens(self, x):
        return self.cls_token.expand(x.shape[0], -1, -1)

    def forward(self, x):
        x = self.patches(x)
        x = torch.cat([self.tokens(x), x], 1) + self.pos_embed
        x = x + self.attention(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return self.head(self.norm(x)[:, 0])


@net("class-token-repeat")
class ClassTokenRepeat(ClassToken):
    """Class token by repeat: Tile in place of Expand."""

    def tokens(self, x):
        return self.cls_token.repeat(x.shape[0], 1, 1)


class RelativeAttention(SelfAttention):
    """A table of biases, gathered by a fixed index: Swin's relative positions."""

    def __init__(self, dim, side=4, heads=2):
        super().__init__(dim, heads)
        self.relative_position_bias_table = nn.Parameter(0.5 * torch.randn((2 * side - 1) ** 2, heads))
        rows = torch.arange(side).repeat_interleave(side)
        columns = torch.arange(side).repeat(side)
        index = (rows[:, None] - rows + side - 1) * (2 * side - 1) + columns[:, None] - columns + side - 1
        self.register_buffer("relative_position_index", index)

    def bias(self):
        table = self.relative_position_bias_table[self.relative_position_index.view(-1)]
        return table.view(16, 16, -1).permute(2, 0, 1).unsqueeze(0)


@net("relative-positions")
class RelativePositions(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.norm = nn.LayerNorm(dim)
        self.attention = RelativeAttention(dim)
        self.mlp = Mlp(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = 2 * self.attention(2 * self.norm(self.patches(x)))
        return self.head((x + self.mlp(x))[:, 0])


@net("cosine-attention")
class CosineAttention(nn.Module):
    """Swin V2's: normalised queries and keys, a clamped logarithmic scale per head, positions by a small MLP of a buffer."""

    def __init__(self, dim=12, heads=2):
        super().__init__()
        self.heads = heads
        self.patches = Patches(dim)
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.q_bias = nn.Parameter(0.3 * torch.randn(dim))
        self.v_bias = nn.Parameter(0.3 * torch.randn(dim))
        self.logit_scale = nn.Parameter(torch.tensor([1.1, 1.6]).view(heads, 1, 1))
        offsets = torch.arange(16.0)
        table = torch.stack([(offsets[:, None] - offsets) / 16, (offsets[:, None] - offsets).abs() / 16], -1)
        self.register_buffer("coordinates", table)
        self.positions = nn.Sequential(nn.Linear(2, 6), nn.SiLU(), nn.Linear(6, heads, bias=False))
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        bias = torch.cat([self.q_bias, torch.zeros_like(self.v_bias), self.v_bias])
        q, k, v = [split_heads(t, self.heads) for t in F.linear(x, self.qkv.weight, bias).chunk(3, -1)]
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        scores = scores * self.logit_scale.clamp(max=math.log(100)).exp()
        scores = scores + 4 * torch.sigmoid(self.positions(self.coordinates)).permute(2, 0, 1)
        return self.head((x + (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)).mean(1))


@net("encoder-layer")
class EncoderLayer(nn.Module):
    """nn.TransformerEncoderLayer: `in_proj_weight`, `in_proj_bias`; positions from nn.Embedding."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.positions = nn.Embedding(16, dim)
        self.register_buffer("index", torch.arange(16))
        self.layer = nn.TransformerEncoderLayer(
            dim, 2, 2 * dim, dropout=0.0, batch_first=True, activation="gelu", norm_first=True
        )
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        return self.head(self.layer(self.patches(x) + self.positions(self.index)).mean(1))


@net("cross-attention")
class CrossAttention(nn.Module):
    """Learnt queries ask the tokens, through nn.MultiheadAttention: `in_proj_weight` is sliced in three."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.queries = nn.Parameter(torch.randn(3, dim))
        self.attention = nn.MultiheadAttention(dim, 2, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(3 * dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        queries = self.queries.unsqueeze(0).expand(x.shape[0], -1, -1)
        answers, _ = self.attention(queries, x, x, need_weights=False)
        return self.head(self.norm(queries + answers).flatten(1))


@net("key-value-widths")
class KeyValueWidths(nn.Module):
    """nn.MultiheadAttention with other widths for keys and values: `q_proj_weight` …, `bias_k`, `bias_v`."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(8)
        self.query = nn.Parameter(torch.randn(1, 1, dim))
        self.attention = nn.MultiheadAttention(dim, 2, kdim=8, vdim=8, add_bias_kv=True, batch_first=True)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        answer, _ = self.attention(self.query.expand(x.shape[0], -1, -1), x, x)
        return self.head(answer[:, 0])


@net("pooled-attention")
class PooledAttention(nn.Module):
    """F.scaled_dot_product_attention with one learnt query, and a scalar temperature for it."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.query = nn.Parameter(torch.randn(1, dim))
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        query = self.query.expand(x.shape[0], 1, -1)
        return self.head(F.scaled_dot_product_attention(query, self.key(x), self.value(x))[:, 0])


@net("einsum-attention")
class EinsumAttention(nn.Module):
    """Heads as einsum, and a learnt mix of heads before and after the softmax (talking heads)."""

    def __init__(self, dim=12, heads=2):
        super().__init__()
        self.patches = Patches(dim)
        self.to_q = nn.Parameter(0.4 * torch.randn(dim, heads, dim // heads))
        self.to_k = nn.Parameter(0.4 * torch.randn(dim, heads, dim // heads))
        self.to_v = nn.Parameter(0.4 * torch.randn(dim, heads, dim // heads))
        self.before = nn.Parameter(torch.eye(heads) + 0.2 * torch.randn(heads, heads))
        self.after = nn.Parameter(torch.eye(heads) + 0.2 * torch.randn(heads, heads))
        self.out = nn.Parameter(0.4 * torch.randn(heads, dim // heads, dim))
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        q, k, v = [torch.einsum("ntd,dhe->nhte", x, w) for w in (self.to_q, self.to_k, self.to_v)]
        scores = torch.einsum("nhte,nhse->nhts", q, k)
        scores = torch.einsum("nhts,hg->ngts", scores, self.before).softmax(-1)
        scores = torch.einsum("nhts,hg->ngts", scores, self.after)
        mixed = torch.einsum("nhts,nhse->nhte", scores, v)
        return self.head((x + torch.einsum("nhte,hed->ntd", mixed, self.out)).mean(1))


@net("factored-positions")
class FactoredPositions(nn.Module):
    """Row and column tables, broadcast to a grid; a token that is dropped at the end."""

    def __init__(self, dim=12):
        super().__init__()
        self.project = nn.Conv2d(3, dim, 4, 4)
        self.rows = nn.Parameter(0.5 * torch.randn(1, 4, 1, dim))
        self.columns = nn.Parameter(0.5 * torch.randn(1, 1, 4, dim))
        self.registers = nn.Parameter(0.5 * torch.randn(1, 2, dim))
        self.attention = SelfAttention(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.project(x).permute(0, 2, 3, 1)
        x = (x + (self.rows + self.columns)).flatten(1, 2)
        x = torch.cat([x, self.registers.expand(x.shape[0], -1, -1)], 1)
        return self.head((x + self.attention(x))[:, :16].mean(1))


@net("rotary")
class Rotary(nn.Module):
    """Rotary positions: queries and keys times fixed cosines and sines (buffers)."""

    def __init__(self, dim=8):
        super().__init__()
        self.patches = Patches(dim)
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        angles = torch.arange(16.0)[:, None] * 0.3 ** torch.arange(dim // 2)[None]
        self.register_buffer("cos", torch.cat([angles.cos()] * 2, 1))
        self.register_buffer("sin", torch.cat([angles.sin()] * 2, 1))
        self.head = nn.Linear(dim, CLASSES)

    def turned(self, x):
        half = x.shape[-1] // 2
        return x * self.cos + torch.cat([-x[..., half:], x[..., :half]], -1) * self.sin

    def forward(self, x):
        x = self.patches(x)
        scores = self.turned(self.q(x)) @ self.turned(self.k(x)).transpose(1, 2)
        return self.head((scores.softmax(-1) @ self.v(x)).mean(1))


@net("mixer")
class Mixer(nn.Module):
    """MLP-Mixer: a linear layer over tokens, one over channels."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.tokens, self.channels = Mlp(16), Mlp(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        x = x + self.tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return self.head((x + self.channels(self.norm2(x))).mean(1))


@net("spatial-gate")
class SpatialGate(nn.Module):
    """gMLP: one half of the channels gates the other, through a parameter that mixes tokens."""

    def __init__(self, dim=12):
        super().__init__()
        self.patches = Patches(dim)
        self.widen = nn.Linear(dim, 2 * dim)
        self.norm = nn.LayerNorm(dim)
        self.mix = nn.Parameter(0.3 * torch.randn(16, 16))
        self.offset = nn.Parameter(torch.ones(16, 1))
        self.narrow = nn.Linear(dim, dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x)
        u, v = F.gelu(self.widen(x)).chunk(2, dim=-1)
        return self.head((x + self.narrow(u * (self.mix @ self.norm(v) + self.offset))).mean(1))
