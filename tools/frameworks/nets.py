"""Which nets there are, with the seeds that tools/zoo found well-conditioned."""
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch

from disturb import disturb

ZOO = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "zoo"


@dataclass
class Net:
    name: str
    framework: str
    make: Callable
    image: tuple
    seed: int
    classes: int = 5


def nets_of(which):
    if which == "version":
        from small_nets import SMALL

        framework = f"PyTorch {torch.__version__.split('+')[0]}"
        return [Net(name, framework, make, (3, 16, 16), 1) for name, make in SMALL.items()]
    from timm_nets import TIMM
    from torchvision_nets import TORCHVISION

    nets = []
    for name, make in {**TORCHVISION, **TIMM}.items():
        record = json.loads((ZOO / f"{name}.json").read_text())
        nets.append(Net(name, "torchvision" if name in TORCHVISION else "timm", make, tuple(record["image"]), record["seed"]))
    return nets


def made(net, seed):
    """In evaluation mode, dropout 0."""
    torch.manual_seed(seed)
    return disturb(net.make()).eval()
