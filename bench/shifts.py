"""The same shifts in other programs on one thread, beside what bench/shifts.ts measured: a table on stdout.

    venv/bin/python bench/shifts.py ours.json

Packages: tools/fixtures/requirements-warps.txt, imagecorruptions==1.1.2 and opencv-python==5.0.0.93. Random pixels, as there; milliseconds
of 128 images of 3×32×32, and of one of 3×224×224. Pillow and imagecorruptions take one image at a time.
"""

import importlib.util
import io
import json
import os
import statistics
import sys
import time
import types

import numpy as np

resources = types.ModuleType("pkg_resources")
resources.resource_filename = lambda name, path: os.path.join(
    os.path.dirname(importlib.util.find_spec("imagecorruptions").origin), path
)
sys.modules["pkg_resources"] = resources
np.float_ = np.float64

import skimage.filters

gaussian = skimage.filters.gaussian
skimage.filters.gaussian = lambda image, *args, multichannel=False, **more: gaussian(
    image, *args, channel_axis=-1 if multichannel else None, **more
)

import cv2
import imagecorruptions
import kornia
import torch
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

torch.set_num_threads(1)
cv2.setNumThreads(1)
BILINEAR = InterpolationMode.BILINEAR
generator = np.random.default_rng(20261128)
WORKLOADS = {
    name: generator.integers(0, 256, shape, dtype=np.uint8)
    for name, shape in {"small": (128, 3, 32, 32), "photograph": (1, 3, 224, 224)}.items()
}


def milliseconds(run):
    run()
    times, begin = [], time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - begin < 0.3 and len(times) < 30):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def peer(family, member):
    """What does the same to (tensor, bytes), or None."""
    number = lambda at=-1: float("".join(c for c in member.split()[at] if c in "-.0123456789"))
    if family == "rotation":
        return lambda x, _: F.rotate(x, number(), BILINEAR)
    if family == "scale":
        return lambda x, _: F.affine(x, 0.0, [0, 0], number(), [0.0, 0.0], BILINEAR)
    if family == "shear":
        return lambda x, _: F.affine(x, 0.0, [0, 0], 1.0, [number(), 0.0], BILINEAR)
    if family == "blur":
        sigma = number()
        return lambda x, _: F.gaussian_blur(x, 2 * int(np.ceil(3 * sigma)) + 1, sigma)
    if family in ("brightness", "saturation", "hue"):
        change = getattr(F, f"adjust_{family}")
        return lambda x, _: change(x, number())
    if family == "exposure":
        return lambda x, _: F.adjust_gamma(x, number())
    if family == "perspective":
        def viewed(x, _):
            end = x.shape[-1] - 1
            ends = [[0, end // 8], [end, 0], [end, end], [0, end - end // 8]]
            return F.perspective(x, [[0, 0], [end, 0], [end, end], [0, end]], ends, BILINEAR)

        return viewed
    if family == "zoom":
        def zoomed(x, _):
            height, width = x.shape[2:]
            taken = [round(side / number()) for side in (height, width)]
            return F.resized_crop(x, (height - taken[0]) // 2, (width - taken[1]) // 2, *taken, [height, width], BILINEAR)

        return zoomed
    if family == "motion-blur":
        return lambda x, _: kornia.filters.motion_blur(x, int(number(1)), number(3), 0.0, "reflect", "bilinear")
    if family == "jpeg":
        def saved(_, images):
            for image in images:
                file = io.BytesIO()
                Image.fromarray(image.transpose(1, 2, 0)).save(file, "JPEG", quality=int(number()))
                np.asarray(Image.open(file))

        return saved
    if family == "corruptions":
        name = member.split()[0]
        return lambda _, images: [
            imagecorruptions.corrupt(image.transpose(1, 2, 0), corruption_name=name, severity=3) for image in images
        ]
    return None


print("| member | 128 × 3×32×32, ms | theirs | 3×224×224, ms | theirs |\n| --- | --: | --: | --: | --: |")
with open(sys.argv[1]) as file:
    rows = json.load(file)["rows"]
for row in rows:
    other = peer(row["family"], row["member"])
    cells = []
    for name, images in WORKLOADS.items():
        tensor = torch.from_numpy(images).float() / 255
        theirs = f"{milliseconds(lambda: other(tensor, images)):.2f}" if other else "–"
        cells += [f"{row[name]:.2f}", theirs]
    print(f"| {row['member']} | " + " | ".join(cells) + " |", flush=True)
