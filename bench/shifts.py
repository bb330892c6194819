"""Milliseconds of each member of our families beside the same in another program, on one thread each: a table on stdout.

From the repository's root, in an environment with tools/fixtures/requirements-warps.txt, imagecorruptions==1.1.2 and
opencv-python==5.0.0.93:

    venv/bin/python bench/shifts.py [--only TEXT] [--rounds 9] > table.md

128 images of 3×32×32, and one of 3×224×224, of random bytes. The two take turns, in the same seconds, and both are measured in
processor time of their process: other work on the machine disturbs both alike, and little. Cells are medians of the rounds, of families
the mean over their members; stderr has each member's median and least. Members without the same elsewhere are left out. Pillow and imagecorruptions take one image at a time, and get it in the layout that they want.
"""

import argparse
import io
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools", "fixtures"))

import cv2
import kornia
import numpy as np
import PIL
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

from imagecorruptions_today import corrupt

torch.set_num_threads(1)
cv2.setNumThreads(1)
BILINEAR = InterpolationMode.BILINEAR
generator = np.random.default_rng(20261128)
WORKLOADS = {
    name: generator.integers(0, 256, shape, dtype=np.uint8)
    for name, shape in {"small": (128, 3, 32, 32), "photograph": (1, 3, 224, 224)}.items()
}


def milliseconds(run):
    start = time.process_time()
    run()
    once = 1000 * (time.process_time() - start)
    count = max(1, math.ceil(10 / max(once, 0.01)))
    start = time.process_time()
    for _ in range(count):
        run()
    return 1000 * (time.process_time() - start) / count


def peer(family, member):
    """Its name and what does the same to (tensor [N, C, H, W], bytes [N, H, W, C]), or None."""
    number = lambda at=-1: float("".join(c for c in member.split()[at] if c in "-.0123456789"))
    if family == "rotation":
        return "torchvision", lambda x, _: F.rotate(x, number(), BILINEAR)
    if family == "package-rotation":
        return "torchvision", lambda x, _: F.rotate(x, number(), BILINEAR)
    if family == "scale":
        return "torchvision", lambda x, _: F.affine(x, 0.0, [0, 0], number(), [0.0, 0.0], BILINEAR)
    if family == "shear":
        return "torchvision", lambda x, _: F.affine(x, 0.0, [0, 0], 1.0, [number(), 0.0], BILINEAR)
    if family == "translate":
        right, down = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}[member.split()[1]]

        def moved(x, _):
            by = [round(number() * side) for side in x.shape[2:]]
            return F.affine(x, 0.0, [right * by[1], down * by[0]], 1.0, [0.0, 0.0])

        return "torchvision", moved
    if family == "blur":
        sigma = number()
        return "torchvision", lambda x, _: F.gaussian_blur(x, 2 * int(np.ceil(3 * sigma)) + 1, sigma)
    if family in ("brightness", "saturation", "hue"):
        change = getattr(F, f"adjust_{family}")
        return "torchvision", lambda x, _: change(x, number())
    if family == "contrast":
        scale = {"x/2": 0.5, "x/4": 0.25, "1−x": -1, "(1−x)/2": -0.5, "(1−x)/4": -0.25}[member.split()[1]]
        return "torch", lambda x, _: scale * x if scale > 0 else -scale * (1 - x)
    if family == "reflect":
        turn = {"horizontal": F.hflip, "vertical": F.vflip}.get(member.split()[-1])
        return ("torchvision", lambda x, _: turn(x)) if turn else None
    if family == "noise":
        return "torch", lambda x, _: x + number() * torch.randn_like(x)
    if family == "exposure":
        return "torchvision", lambda x, _: F.adjust_gamma(x, number())
    if family == "perspective":

        def viewed(x, _):
            end, step = x.shape[-1] - 1, int(number() * (x.shape[-1] // 2))
            ends = [[0, step], [end, 0], [end, end], [0, end - step]]
            return F.perspective(x, [[0, 0], [end, 0], [end, end], [0, end]], ends, BILINEAR)

        return "torchvision", viewed
    if family == "zoom":

        def zoomed(x, _):
            height, width = x.shape[2:]
            taken = [round(side / number()) for side in (height, width)]
            top, left = [round((side - part) / 2) for side, part in zip((height, width), taken)]
            return F.resized_crop(x, top, left, *taken, [height, width], BILINEAR)

        return "torchvision", zoomed
    if family == "motion-blur":
        return "Kornia", lambda x, _: kornia.filters.motion_blur(x, int(number(1)), number(3), 0.0, "reflect", "bilinear")
    if family == "jpeg":

        def saved(_, images):
            for image in images:
                file = io.BytesIO()
                Image.fromarray(image).save(file, "JPEG", quality=int(number()))
                np.asarray(Image.open(file))

        return "Pillow", saved
    if family == "corruptions":
        name = member.split()[0]
        return "imagecorruptions", lambda _, images: [corrupt(image, corruption_name=name, severity=3) for image in images]
    return None


class Ours:
    def __init__(self):
        command = ["node", "--import", "tsx", "bench/shifts.ts"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = json.loads(self.process.stdout.readline())

    def milliseconds(self, number, workload):
        self.process.stdin.write(f"{number} {workload}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def pair(ours, number, workload, other, rounds):
    """Times of both, in turns; fewer rounds where one takes seconds."""
    images = WORKLOADS[workload]
    tensor = torch.from_numpy(images).float() / 255
    upright = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    times = [[], []]
    begin = time.perf_counter()
    for turn in range(rounds + 1):
        own = ours.milliseconds(number, workload)
        theirs = milliseconds(lambda: other(tensor, upright))
        # The first fills tables and compiles.
        if turn > 0:
            times[0].append(own)
            times[1].append(theirs)
        if turn >= 3 and time.perf_counter() - begin > 6:
            break
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="members whose family and name have this text")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    ours = Ours()
    versions = [f"Node.js {ours.about['node']}", f"Python {platform.python_version()}"]
    versions += [f"{m.__name__} {m.__version__}" for m in (torch, torchvision, kornia, PIL, cv2, np)]
    print(", ".join([time.strftime("%Y-%m-%d"), *versions]), f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    groups = {}
    for number, row in enumerate(ours.about["members"]):
        family, member = row["family"], row["member"]
        found = peer(family, member)
        if found is None or options.only not in f"{family} {member}":
            continue
        name, other = found
        group = f"`{family}/{member.split()[0]}`" if family == "corruptions" else f"`{family}`"
        times = [pair(ours, number, workload, other, options.rounds) for workload in WORKLOADS]
        print(member, *([f"{statistics.median(t):.2f} ({min(t):.2f})" for pairs in times for t in pairs]), sep="\t", file=sys.stderr)
        groups.setdefault((group, name), []).append([statistics.median(t) for pairs in times for t in pairs])
    ours.process.stdin.close()
    print("| member | beside | small, ms | theirs | × | photograph, ms | theirs | × |")
    print("| --- | --- | --: | --: | --: | --: | --: | --: |")
    for (group, name), rows in groups.items():
        means = [statistics.mean(column) for column in zip(*rows)]
        cells = [[f"{means[i]:.2f}", f"{means[i + 1]:.2f}", f"{means[i] / means[i + 1]:.2f}"] for i in (0, 2)]
        print(f"| {group} | {name} | " + " | ".join(cells[0] + cells[1]) + " |")


main()
