"""Which nets there are, and in which forms each is exported."""
from dataclasses import dataclass, field
from typing import Callable

from forms import Form
from own import CLASSES, OWN
from timm_nets import TIMM
from torchvision_nets import TORCHVISION

PLAIN = Form("plain", 17)
FOLDED = Form("folded", 17)
OLD, NEW = Form("plain", 13), Form("plain", 20)
TRAINING = Form("training", 17)
DYNAMO = [Form("dynamo", 20), Form("dynamo-plain", 18)]
DYNAMO_NEWEST = [Form("dynamo", 23)]


@dataclass
class Net:
    name: str
    make: Callable
    image: tuple = (3, 32, 32)
    forms: list = field(default_factory=lambda: [PLAIN])
    # One `rwa` step is compared as well.
    rwa: bool = False
    classes: int = CLASSES
    # Convolutions in front of a BatchNorm whose output a shortcut reads too: no exporter folds them.
    read_twice: tuple = ()
    # As it is made: scales of ones, biases of zeros, which the newer exporter merges and leaves out.
    untrained: bool = False


# Further forms than PLAIN.
FURTHER = {
    "layer-scale": [OLD, FOLDED, *DYNAMO],
    "layer-scale-2d": [*DYNAMO],
    "temperature": [FOLDED, *DYNAMO],
    "gated-scalars": [Form("plain", 14), FOLDED, *DYNAMO],
    "expanded-scale": [FOLDED],
    "gem-pool": [OLD],
    "weight-norm-hook": [FOLDED],
    "weight-norm": [FOLDED, *DYNAMO],
    "pruned": [FOLDED],
    "scaled-kernel": [FOLDED, *DYNAMO],
    "standardized-kernel": [FOLDED],
    "batch-norm-over-weights": [*DYNAMO],
    "cosine-classifier": [OLD, FOLDED, *DYNAMO],
    "blur-pool": [FOLDED, *DYNAMO],
    "masked-attention": [FOLDED, *DYNAMO],
    "fixed-positions": [FOLDED, *DYNAMO],
    "tied-weights": [OLD, FOLDED, *DYNAMO],
    "module-twice": [FOLDED, *DYNAMO],
    "batch-norm-twice": [TRAINING, FOLDED],
    "unused-heads": [*DYNAMO],
    "two-outputs": [FOLDED, *DYNAMO],
    "group-norm": [OLD, NEW, FOLDED, *DYNAMO],
    "instance-norm": [FOLDED],
    "batch-norm": [OLD, NEW, TRAINING, Form("plain", 17, 1), Form("plain", 17, 4), FOLDED, *DYNAMO],
    "batch-norm-plain": [FOLDED],
    "layer-norm": [OLD, NEW, FOLDED, *DYNAMO],
    "global-response-norm": [OLD],
    "batch-norm-1d": [FOLDED, *DYNAMO],
    "pre-activation": [FOLDED, *DYNAMO],
    "class-token": [OLD, NEW, Form("plain", 17, 4), FOLDED, *DYNAMO, *DYNAMO_NEWEST],
    "class-token-repeat": [FOLDED, *DYNAMO],
    "relative-positions": [OLD, FOLDED, *DYNAMO],
    "encoder-layer": [FOLDED, *DYNAMO, *DYNAMO_NEWEST],
    "cross-attention": [FOLDED, *DYNAMO, *DYNAMO_NEWEST],
    "squeeze-excitation": [OLD, TRAINING, FOLDED, *DYNAMO],
    "gated-units": [*DYNAMO],
    "inception": [Form("plain", 17, 1)],
    "plain-convnet": [OLD, Form("plain", 16), NEW, TRAINING, FOLDED, *DYNAMO],
    "tv-resnet": [FOLDED, *DYNAMO],
    "tv-mobilenet-v3": [FOLDED, *DYNAMO],
    "tv-shufflenet": [FOLDED, *DYNAMO],
    "tv-densenet": [FOLDED],
    "tv-convnext": [FOLDED, *DYNAMO],
    "tv-vit": [FOLDED, *DYNAMO],
    "tv-swin": [FOLDED, Form("dynamo", 20)],
    "timm-vit": [FOLDED, *DYNAMO],
    "timm-resnet": [FOLDED],
    "timm-nfnet": [FOLDED, *DYNAMO],
    "timm-beit": [FOLDED],
    "timm-convnext-v2": [FOLDED],
    "timm-repvit": [FOLDED],
    "timm-mixer": [*DYNAMO],
}
# The older exporter knows no vdot, no RMSNorm and not all of scaled_dot_product_attention; and it writes batch
# statistics for a fixed batch only.
ONLY = {
    "spectral-norm": DYNAMO,
    "timm-vit-registers": DYNAMO,
    "timm-eva": DYNAMO,
    "batch-norm-stateless": [Form("plain", 17, 4)],
}
PLAIN_DYNAMO = Form("dynamo-plain", 20)
NEWEST = Form("dynamo", 23)
UNTRAINED = {
    "tv-vit": [DYNAMO[0], NEWEST, PLAIN_DYNAMO],
    "tv-swin": [DYNAMO[0], NEWEST],
    "tv-convnext": [DYNAMO[0], NEWEST, PLAIN_DYNAMO],
    "timm-vit": [DYNAMO[0], NEWEST],
    "timm-swin": [DYNAMO[0]],
    "timm-convnext": [DYNAMO[0], NEWEST],
    "tv-resnet": [DYNAMO[0], NEWEST],
}
READ_TWICE = {"pre-activation": ("conv0",), "tv-maxvit": ("stem.1.0",)}
RWA = {
    "layer-scale", "temperature", "gated-scalars", "weight-norm", "scaled-kernel", "cosine-classifier", "blur-pool",
    "masked-attention", "tied-weights", "batch-norm-twice", "group-norm", "batch-norm", "layer-norm", "class-token",
    "relative-positions", "encoder-layer", "cross-attention", "squeeze-excitation", "tv-resnet", "tv-mobilenet-v3",
    "tv-convnext", "tv-vit", "tv-swin", "timm-resnet", "timm-vit",
}
SMALL = (3, 16, 16)
# At 32×32 their last BatchNorms have a handful of numbers to normalise by.
LARGER = {"tv-resnext", "tv-shufflenet", "timm-resnet-blur"}


def net_of(name, make, image):
    return Net(name, make, image, ONLY.get(name, [PLAIN, *FURTHER.get(name, [])]), name in RWA, read_twice=READ_TWICE.get(name, ()))


NETS = [
    *(net_of(name, make, SMALL) for name, make in OWN.items()),
    *(
        net_of(name, make, (3, 64, 64) if name in LARGER else (3, 32, 32))
        for name, make in {**TORCHVISION, **TIMM}.items()
    ),
    *(
        Net(f"untrained-{name}", {**TORCHVISION, **TIMM}[name], (3, 32, 32), forms, untrained=True)
        for name, forms in UNTRAINED.items()
    ),
]
