"""torchvision's own classes at widths of a few channels; images 3×32×32 unless the table says more."""
from functools import partial

from torch import nn
from torchvision.models import convnext, densenet, efficientnet, maxvit, mnasnet, mobilenetv2, mobilenetv3
from torchvision.models.googlenet import BasicConv2d
from torchvision.models.googlenet import Inception as InceptionBlock
from torchvision.models import regnet, resnet, shufflenetv2, squeezenet, swin_transformer, vgg, vision_transformer

CLASSES = 5
TORCHVISION = {}


def net(name):
    def enter(make):
        TORCHVISION[name] = make
        return make

    return enter


class NarrowResNet(resnet.ResNet):
    """ResNet whose every width is divided; the class itself has no such argument for basic blocks."""

    DIVISOR = 16

    def __init__(self, block, layers, **options):
        self.__dict__["narrowed"] = None
        super().__init__(block, layers, num_classes=CLASSES, **options)
        self.fc = nn.Linear(self.inplanes, CLASSES)

    @property
    def inplanes(self):
        return self.narrowed

    @inplanes.setter
    def inplanes(self, value):
        self.__dict__["narrowed"] = value // self.DIVISOR if self.narrowed is None else value

    def _make_layer(self, block, planes, blocks, **options):
        return super()._make_layer(block, planes // self.DIVISOR, blocks, **options)


@net("tv-resnet")
def tv_resnet():
    return NarrowResNet(resnet.BasicBlock, [1, 1, 1, 1])


@net("tv-resnext")
def tv_resnext():
    """Bottleneck blocks with grouped convolutions."""
    return NarrowResNet(resnet.Bottleneck, [1, 1, 1, 1], groups=2, width_per_group=32)


@net("tv-mobilenet-v2")
def tv_mobilenet_v2():
    settings = [[1, 16, 1, 1], [4, 16, 2, 2], [4, 32, 1, 2]]
    module = mobilenetv2.MobileNetV2(CLASSES, 0.5, settings, dropout=0.0)
    module.features[-1] = mobilenetv2.Conv2dNormActivation(16, 32, kernel_size=1, activation_layer=nn.ReLU6)
    module.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(32, CLASSES))
    return module


@net("tv-mobilenet-v3")
def tv_mobilenet_v3():
    block = partial(mobilenetv3.InvertedResidualConfig, width_mult=1.0)
    settings = [
        block(8, 3, 8, 8, True, "RE", 2, 1),
        block(8, 3, 24, 8, False, "HS", 1, 1),
        block(8, 5, 24, 16, True, "HS", 2, 1),
    ]
    return mobilenetv3.MobileNetV3(settings, 32, CLASSES, dropout=0.0)


@net("tv-shufflenet")
def tv_shufflenet():
    return shufflenetv2.ShuffleNetV2([2, 1, 1], [8, 16, 24, 32, 40], CLASSES)


@net("tv-squeezenet")
def tv_squeezenet():
    module = squeezenet.SqueezeNet("1_1", CLASSES, dropout=0.0)
    fire = squeezenet.Fire
    pool = partial(nn.MaxPool2d, kernel_size=3, stride=2, ceil_mode=True)
    module.features = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2), nn.ReLU(inplace=True), pool(), fire(16, 8, 12, 12), fire(24, 8, 12, 12), pool(), fire(24, 8, 16, 16)
    )
    module.classifier[1] = nn.Conv2d(32, CLASSES, 1)
    return module


@net("tv-densenet")
def tv_densenet():
    return densenet.DenseNet(6, (2, 2, 2), 12, bn_size=2, num_classes=CLASSES)


@net("tv-efficientnet")
def tv_efficientnet():
    block = partial(efficientnet.MBConvConfig, width_mult=1.0, depth_mult=1.0)
    settings = [block(1, 3, 1, 8, 8, 1), block(4, 3, 2, 8, 16, 1), block(4, 5, 2, 16, 16, 2)]
    return efficientnet.EfficientNet(settings, 0.0, 0.0, CLASSES, last_channel=32)


@net("tv-efficientnet-v2")
def tv_efficientnet_v2():
    settings = [
        efficientnet.FusedMBConvConfig(1, 3, 1, 8, 8, 1),
        efficientnet.FusedMBConvConfig(2, 3, 2, 8, 16, 1),
        efficientnet.MBConvConfig(4, 3, 2, 16, 16, 2),
    ]
    return efficientnet.EfficientNet(settings, 0.0, 0.0, CLASSES, partial(nn.BatchNorm2d, eps=1e-3), last_channel=32)


@net("tv-regnet")
def tv_regnet():
    params = regnet.BlockParams([1, 2, 1], [8, 16, 24], [4, 8, 8], [1.0, 1.0, 1.0], [2, 2, 2], se_ratio=0.25)
    return regnet.RegNet(params, CLASSES, stem_width=8)


@net("tv-convnext")
def tv_convnext():
    block = convnext.CNBlockConfig
    return convnext.ConvNeXt([block(8, 16, 1), block(16, 24, 1), block(24, None, 1)], 0.0, num_classes=CLASSES)


@net("tv-vit")
def tv_vit():
    return vision_transformer.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=CLASSES)


@net("tv-swin")
def tv_swin():
    return swin_transformer.SwinTransformer([4, 4], 12, [2, 1], [2, 3], [4, 4], 2.0, stochastic_depth_prob=0.0, num_classes=CLASSES)


@net("tv-swin-v2")
def tv_swin_v2():
    return swin_transformer.SwinTransformer(
        [4, 4], 12, [2], [2], [4, 4], 2.0, stochastic_depth_prob=0.0, num_classes=CLASSES,
        block=swin_transformer.SwinTransformerBlockV2, downsample_layer=swin_transformer.PatchMergingV2,
    )


@net("tv-maxvit")
def tv_maxvit():
    return maxvit.MaxVit((32, 32), 8, 2, [8, 16], [1, 1], 4, 0.0, num_classes=CLASSES)


@net("tv-mnasnet")
def tv_mnasnet():
    """BatchNorm with a momentum of 0.0003."""
    module = mnasnet.MNASNet(0.1, CLASSES, dropout=0.0)
    tail = [nn.Conv2d(8, 32, 1, bias=False), nn.BatchNorm2d(32, momentum=3e-4), nn.ReLU(inplace=True)]
    module.layers = nn.Sequential(*list(module.layers)[:10], *tail)
    module.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(32, CLASSES))
    return module


@net("tv-vgg")
def tv_vgg():
    module = vgg.VGG(vgg.make_layers([6, "M", 8, "M", 12, 12, "M"], batch_norm=True), CLASSES, dropout=0.0)
    module.avgpool = nn.AdaptiveAvgPool2d((2, 2))
    module.classifier = nn.Sequential(nn.Linear(48, 24), nn.ReLU(True), nn.Dropout(0.0), nn.Linear(24, CLASSES))
    return module


class GoogLeNetPart(nn.Module):
    """GoogLeNet's blocks between a short stem and its head; the auxiliary head does not run."""

    def __init__(self):
        super().__init__()
        self.conv1 = BasicConv2d(3, 8, kernel_size=5, stride=2, padding=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = InceptionBlock(8, 6, 6, 8, 4, 6, 4)
        self.inception3b = InceptionBlock(24, 8, 8, 8, 4, 6, 6)
        self.aux1 = nn.Linear(28, CLASSES)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(28, CLASSES)

    def forward(self, x):
        x = self.inception3b(self.inception3a(self.maxpool(self.conv1(x))))
        return self.fc(self.avgpool(x).flatten(1))


net("tv-googlenet")(GoogLeNetPart)
