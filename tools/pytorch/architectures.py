"""Image classifiers in PyTorch as people write them, each a function of one width, for 3×32×32 images and 10 classes."""
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


class LeNet(nn.Module):
    """`x.view(x.size(0), -1)`: shape arithmetic in the export."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 5, padding=2)
        self.conv2 = nn.Conv2d(width, 2 * width, 5)
        self.fc1 = nn.Linear(2 * width * 36, 8 * width)
        self.fc2 = nn.Linear(8 * width, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        return self.fc2(F.relu(self.fc1(x)))


def vgg(width):
    """VGG-like with BatchNormalization and Dropout (of ratio 0: a mask drawn here and there would differ)."""

    def block(before, after):
        return [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]

    return nn.Sequential(
        *block(3, width),
        *block(width, width),
        nn.MaxPool2d(2),
        *block(width, 2 * width),
        *block(2 * width, 2 * width),
        nn.MaxPool2d(2),
        *block(2 * width, 4 * width),
        nn.AdaptiveAvgPool2d((2, 2)),
        nn.Flatten(),
        nn.Linear(16 * width, 8 * width),
        nn.ReLU(),
        nn.Dropout(0.0),
        nn.Linear(8 * width, CLASSES),
    )


class BasicBlock(nn.Module):
    def __init__(self, before, after, stride, activation):
        super().__init__()
        self.activation = activation
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        out = self.activation(self.bn1(self.conv1(x)))
        return self.activation(self.bn2(self.conv2(out)) + self.shortcut(x))


class ResNet18(nn.Module):
    """With the stem for 32×32 images; width 64 is the usual one."""

    def __init__(self, width, activation=F.relu):
        super().__init__()
        self.activation = activation
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        for i in range(1, 5):
            stride = 1 if i == 1 else 2
            first = BasicBlock(widths[i - 1], widths[i], stride, activation)
            blocks = [first, BasicBlock(widths[i], widths[i], 1, activation)]
            setattr(self, f"layer{i}", nn.Sequential(*blocks))
        self.linear = nn.Linear(8 * width, CLASSES)

    def forward(self, x):
        x = self.activation(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = F.avg_pool2d(x, 4)
        return self.linear(x.view(x.size(0), -1))


def smooth_resnet18(width):
    """
    ResNet-18 without kinks. At full width some of its ReLUs are so near 0 that rounding decides about their gradient, in
    PyTorch's float32 too (1 to 10 % of a change); with SiLU a difference is a mistake.
    """
    return ResNet18(width, F.silu)


class InvertedResidual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        hidden = 2 * before
        self.body = nn.Sequential(
            nn.Conv2d(before, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
            nn.Conv2d(hidden, after, 1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.adds = stride == 1 and before == after

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class MobileNet(nn.Module):
    """Depthwise convolutions and HardSwish."""

    def __init__(self, width):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.Hardswish()
        )
        self.blocks = nn.Sequential(
            InvertedResidual(width, width, 1),
            InvertedResidual(width, 2 * width, 2),
            InvertedResidual(2 * width, 2 * width, 1),
        )
        self.classifier = nn.Sequential(nn.Linear(2 * width, 4 * width), nn.Hardswish(), nn.Linear(4 * width, CLASSES))

    def forward(self, x):
        x = self.blocks(self.stem(x))
        return self.classifier(x.mean([2, 3]))


class DenseLayer(nn.Module):
    def __init__(self, before, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(before)
        self.conv = nn.Conv2d(before, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


class DenseNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        channels, parts = 2 * width, []
        self.conv0 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        for last in (False, True):
            for _ in range(3):
                parts.append(DenseLayer(channels, width))
                channels += width
            if not last:
                half = channels // 2
                parts += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, half, 1, bias=False), nn.AvgPool2d(2)]
                channels = half
        self.features = nn.Sequential(*parts, nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, CLASSES)

    def forward(self, x):
        x = F.avg_pool2d(self.conv0(x), 2)
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))


class InceptionBlock(nn.Module):
    def __init__(self, before, width):
        super().__init__()
        self.one = nn.Conv2d(before, width, 1)
        self.three = nn.Sequential(
            nn.Conv2d(before, width, 1), nn.LeakyReLU(0.1), nn.Conv2d(width, width, (1, 3), padding=(0, 1)),
            nn.Conv2d(width, width, (3, 1), padding=(1, 0)),
        )
        self.five = nn.Sequential(nn.Conv2d(before, width, 1), nn.ELU(), nn.Conv2d(width, width, 5, padding=2))
        self.pooled = nn.Conv2d(before, width, 1)

    def forward(self, x):
        pooled = self.pooled(F.max_pool2d(x, 3, 1, 1))
        return torch.relu(torch.cat((self.one(x), self.three(x), self.five(x), pooled), dim=1))


class Inception(nn.Module):
    """Parallel branches joined by channels; overlapping max pooling, with and without ceil_mode; PReLU."""

    def __init__(self, width):
        super().__init__()
        self.stem = nn.Conv2d(3, 2 * width, 3, padding=1)
        self.slope = nn.PReLU(2 * width)
        self.block1 = InceptionBlock(2 * width, width)
        self.block2 = InceptionBlock(4 * width, width)
        self.head = nn.Linear(4 * width, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(self.slope(self.stem(x)), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.block1(x), 3, 2, 1)
        x = self.block2(x)
        return self.head(F.adaptive_max_pool2d(x, 1).flatten(1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 2, 1)
        self.fc2 = nn.Conv2d(channels // 2, channels, 1)

    def forward(self, x):
        scale = F.silu(self.fc1(F.adaptive_avg_pool2d(x, 1)))
        return x * F.hardsigmoid(self.fc2(scale))


class SqueezeExcitationNet(nn.Module):
    """Channels weighed by what is pooled; GroupNorm and SiLU."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 2 * width, 3, 2, 1)
        self.norm1 = nn.GroupNorm(2, 2 * width)
        self.gate1 = SqueezeExcitation(2 * width)
        self.conv2 = nn.Conv2d(2 * width, 4 * width, 3, 2, 1)
        self.norm2 = nn.InstanceNorm2d(4 * width, affine=True)
        self.gate2 = SqueezeExcitation(4 * width)
        self.head = nn.Linear(4 * width, CLASSES)

    def forward(self, x):
        x = self.gate1(F.silu(self.norm1(self.conv1(x))))
        x = self.gate2(F.silu(self.norm2(self.conv2(x))))
        return self.head(x.mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        n, tokens, dim = x.shape
        qkv = self.qkv(x).reshape(n, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        weights = ((q @ k.transpose(-2, -1)) * (dim // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, tokens, dim))


class EncoderBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.scale = nn.Parameter(torch.full((dim,), 0.5))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.scale * self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Class token, position embedding, attention, LayerNorm, GELU, a scale for each channel of a block."""

    def __init__(self, width):
        super().__init__()
        dim = 4 * width
        self.patches = nn.Conv2d(3, dim, 8, 8)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 17, dim))
        self.blocks = nn.Sequential(EncoderBlock(dim, 2), EncoderBlock(dim, 2))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class TorchAttention(nn.Module):
    """nn.TransformerEncoderLayer: PyTorch's own attention, with the batch as second axis inside."""

    def __init__(self, width):
        super().__init__()
        dim = 4 * width
        self.patches = nn.Conv2d(3, dim, 8, 8)
        self.layer = nn.TransformerEncoderLayer(dim, 2, 2 * dim, dropout=0.0, batch_first=True)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).permute(0, 2, 1)
        return self.head(self.layer(x).mean(1))


class UpAndDown(nn.Module):
    """Transposed convolution, bilinear and nearest interpolation, pixel shuffle."""

    def __init__(self, width):
        super().__init__()
        self.down = nn.Conv2d(3, 4 * width, 3, 2, 1)
        self.up = nn.ConvTranspose2d(4 * width, 4 * width, 4, 2, 1)
        self.mix = nn.Conv2d(width + 4 * width, 2 * width, 3, 2, 1)
        self.head = nn.Linear(2 * width, CLASSES)

    def forward(self, x):
        x = F.gelu(self.down(x))
        shuffled = F.pixel_shuffle(x, 2)
        up = F.mish(self.up(x))
        small = F.interpolate(up, scale_factor=0.5, mode="bilinear", align_corners=False)
        large = F.interpolate(small, size=shuffled.shape[2:], mode="nearest")
        x = F.softplus(self.mix(torch.cat([shuffled, up * large], 1)))
        return self.head(x.amax((2, 3)))


ARCHITECTURES = {
    "lenet": LeNet,
    "vgg": vgg,
    "resnet18": ResNet18,
    "smooth-resnet18": smooth_resnet18,
    "mobilenet": MobileNet,
    "densenet": DenseNet,
    "inception": Inception,
    "squeeze-excitation": SqueezeExcitationNet,
    "vision-transformer": VisionTransformer,
    "torch-attention": TorchAttention,
    "up-and-down": UpAndDown,
}
