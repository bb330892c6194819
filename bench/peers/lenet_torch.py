"""PyTorch's side of the LeNet benchmark, as a subprocess that times blocks of steps on request.

Prints one JSON line with versions, threads and the BLAS in use, then reads commands from standard input and answers
each with one JSON line:

    plain 50      -> {"workload": "plain", "ms": [50 step times in milliseconds]}
    careful 20
    published 20
    quit

The first line's `blas.unfair` lists reasons why the figures should not be quoted as PyTorch's; empty if there are none.

Between commands it waits in a blocking read, so that it takes no processor time while another peer runs.

Workloads, all with batch 128 and Adam 1e-3; the four rotated views are inputs, so augmentation is not timed:

plain      forward, cross-entropy, backward, Adam
careful    worst-case step as one would write it with care: one forward without gradients over all 4 * 128 views, the worst
           view of each image, one forward and backward over clean and worst together (2 * 128)
published  worst-case step as the package `alignreg` 1.0 does it (torch_train and torch_maxsql2): one view for the whole batch,
           K + 4 forwards, all recording gradients. The package adds its regularizer as a number without a gradient; here
           the gradient is kept, since a peer should compute what it is compared with.

Options: --threads N (default 2), --batch-size N (default 128).
"""
import argparse
import ctypes
import json
import math
import os
import sys
import time

# These make OpenBLAS choose kernels for another processor; a peer should run as installed. Unset before it is loaded.
IGNORED = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if os.environ.pop(name, None) is not None]
# An OpenBLAS older than the processor falls back to SSE kernels; the benchmark then names kernels that are fair to it.
if core := os.environ.get("PEER_OPENBLAS_CORE"):
    os.environ["OPENBLAS_CORETYPE"] = core

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

ANGLES = (-15.0, -30.0, -45.0, -60.0)  # degrees, the published package's default rotations
VIEWS = len(ANGLES)
CLASSES = 10
ALIGNMENT_WEIGHT = 0.5
WARM_UP_STEPS = 5


class LeNet(nn.Module):
    """[N, 1, 28, 28] -> logits [N, 10]; 61,706 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def plain_step(model, optimizer, batch):
    x, _, y = batch
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


def careful_step(model, optimizer, batch):
    x, views, y = batch
    n = len(y)
    model.eval()
    with torch.no_grad():
        logits = model(views.flatten(0, 1))
        losses = F.cross_entropy(logits, y.repeat(VIEWS), reduction="none").view(VIEWS, n)
        worst = views[losses.argmax(dim=0), torch.arange(n)]
    model.train()
    optimizer.zero_grad(set_to_none=True)
    z, z_worst = model(torch.cat([x, worst])).split(n)
    distance = (z - z_worst).square().sum(dim=1).mean()
    loss = F.cross_entropy(z, y) + F.cross_entropy(z_worst, y) + ALIGNMENT_WEIGHT * distance
    loss.backward()
    optimizer.step()
    return loss


def published_step(model, optimizer, batch):
    x, views, y = batch
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    worst = max(views, key=lambda view: F.cross_entropy(model(view), y))
    worst_loss = F.cross_entropy(model(worst), y)
    distance = (model(x) - model(worst)).square().sum()
    loss = loss + ALIGNMENT_WEIGHT * (worst_loss + distance)
    loss.backward()
    optimizer.step()
    return loss


STEPS = {"plain": plain_step, "careful": careful_step, "published": published_step}


def rotate(x, degrees):
    """About the image centre, bilinear, zero outside."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = torch.tensor([[c, -s, 0.0], [s, c, 0.0]]).expand(len(x), 2, 3)
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def make_batch(size):
    """Images with a constant background, as MNIST has, and their rotations: x, views [4, N, 1, 28, 28], labels."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(size, 1, 28, 28, generator=generator)
    x = x * (torch.rand(size, 1, 28, 28, generator=generator) < 0.2)
    views = torch.stack([rotate(x, angle) for angle in ANGLES])
    y = torch.randint(0, CLASSES, (size,), generator=generator)
    return x, views, y


class Workload:
    """A model and an optimizer of its own, so that no workload warms up or trains another's."""

    def __init__(self, name, batch):
        torch.manual_seed(0)
        self.step = STEPS[name]
        self.batch = batch
        self.model = LeNet()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.run(WARM_UP_STEPS)

    def run(self, count):
        times = []
        for _ in range(count):
            start = time.perf_counter_ns()
            loss = self.step(self.model, self.optimizer, self.batch)
            times.append((time.perf_counter_ns() - start) / 1e6)
        assert torch.isfinite(loss), "the loss is not finite"
        return times


def blas_in_use():
    """
    The BLAS libraries mapped into this process, the kernels OpenBLAS picked, and why the figures would be unfair if so.

    The reference BLAS, and OpenBLAS on a processor it does not know (it falls back to SSE kernels), are several times slower
    than what the processor can do: a figure taken with either says little about PyTorch.
    """
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    with open("/proc/self/maps", encoding="utf-8") as maps:
        mapped = {line.split()[-1] for line in maps if "/" in line}
    paths = sorted(p for p in mapped if "blas" in os.path.basename(p).lower() or "mkl_" in os.path.basename(p))
    built_with_mkl = "BLAS_INFO=mkl" in torch.__config__.show()
    core = next(filter(None, map(openblas_core, paths)), None)

    unfair = []
    if not built_with_mkl and not any("openblas" in p or "mkl_" in p or "blis" in p for p in paths):
        unfair.append("PyTorch runs on the reference BLAS; install OpenBLAS")
    if core is not None and core not in AVX2_CORES and "avx2" in processor_field("flags").split():
        unfair.append(f"OpenBLAS runs its {core} kernels on a processor with AVX2; it does not know this processor")
    return {
        "libraries": [os.path.basename(p) for p in paths],
        "builtWithMkl": built_with_mkl,
        "openblasCore": core,
        "unfair": unfair,
    }


# OpenBLAS's names for the kernel sets that use AVX2 or more.
AVX2_CORES = {"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "Sapphirerapids", "SapphireRapids"}


def openblas_core(path):
    """The kernel set that the loaded library chose, or None if it is not OpenBLAS."""
    try:
        corename = ctypes.CDLL(path).openblas_get_corename
    except (AttributeError, OSError):
        return None
    corename.restype = ctypes.c_char_p
    return corename().decode()


def processor_field(name):
    """A field of the first processor in /proc/cpuinfo, or the empty string."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    return ""


def say(message):
    print(json.dumps(message), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=128)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    batch = make_batch(options.batch_size)
    say(
        {
            "peer": "pytorch",
            "torch": torch.__version__,
            "python": sys.version.split()[0],
            "threads": torch.get_num_threads(),
            "batchSize": options.batch_size,
            "blas": blas_in_use(),
            "mkldnn": torch.backends.mkldnn.is_available(),
            "processor": processor_field("model name"),
            "ignoredVariables": IGNORED,
            "workloads": list(STEPS),
        }
    )
    workloads = {}
    # readline, not iteration: iteration would read ahead and hold commands back.
    for line in iter(sys.stdin.readline, ""):
        words = line.split()
        if not words:
            continue
        if words == ["quit"]:
            break
        if len(words) != 2 or words[0] not in STEPS or not words[1].isdigit() or int(words[1]) < 1:
            say({"error": f"Cannot read {line.strip()!r}. Send one of: {', '.join(STEPS)}, then a count; or quit."})
            continue
        name = words[0]
        if name not in workloads:
            workloads[name] = Workload(name, batch)
        say({"workload": name, "ms": workloads[name].run(int(words[1]))})


if __name__ == "__main__":
    main()
