"""
Features of images under 13 views by PyTorch: kept_features.py FOLDER THREADS, with FOLDER/graph.json, the folded network as
nodes, and FOLDER/tensors.safetensors, its weights and the `pixels`. Prints seconds and the features' mean as JSON.
"""
import json
import math
import sys
import time

import numpy
import torch
import torch.nn.functional as F
import torchvision
import torchvision.transforms.functional as vision

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
BATCH = 13


def read(path):
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[start + begin : start + end], numpy.float32)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


nodes = json.load(open(f"{folder}/graph.json"))
tensors = read(f"{folder}/tensors.safetensors")
pixels = tensors.pop("pixels")


def network(layout):
    weights = {n: t.contiguous(memory_format=layout) if t.dim() == 4 else t for n, t in tensors.items()}

    def conv(node, x, w, b=None):
        a = node["attributes"]
        top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
        if (top, left) != (bottom, right):
            x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
        return F.conv2d(x, w, b, a.get("strides", 1), (top, left), a.get("dilations", 1), a.get("group", 1))

    run = {
        "Conv": conv,
        "Clip": lambda _, x, low, high: torch.clamp_(x, float(low), float(high)),
        "Add": lambda _, x, y: x + y,
        "Mul": lambda _, x, y: x * y,
        "Sub": lambda _, x, y: x - y,
        "Div": lambda _, x, y: x / y,
        "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdim=True),
        "Flatten": lambda _, x: x.flatten(1),
        "Reshape": lambda _, x, *shape: x.flatten(1),
    }

    def forward(images):
        values = {**weights, "images": images}
        for node in nodes:
            inputs = [values.get(name) for name in node["inputs"]]
            values[node["outputs"][0]] = run[node["opType"]](node, *inputs)
        return values[nodes[-1]["outputs"][0]]

    return forward


bilinear = torchvision.transforms.InterpolationMode.BILINEAR
views = [
    lambda x: x,
    *[lambda x, d=d: vision.rotate(x, d, bilinear) for d in (-30, -15, 15, 30)],
    *[lambda x, f=f: vision.adjust_brightness(x, f) for f in (0.5, 0.75, 1.5, 2)],
    *[lambda x, s=s: vision.gaussian_blur(x, 2 * math.ceil(3 * s) + 1, s) for s in (0.5, 1, 1.5, 2)],
]

runs = []
with torch.inference_mode():
    for name, layout in (("", torch.contiguous_format), (", channels last", torch.channels_last)):
        forward = network(layout)
        forward(pixels[:BATCH].contiguous(memory_format=layout))
        began = time.perf_counter()
        total = 0.0
        count = 0
        for start in range(0, len(pixels), BATCH):
            batch = pixels[start : start + BATCH]
            for view in views:
                features = forward(view(batch).contiguous(memory_format=layout))
                total += float(features.double().sum())
                count += features.numel()
        seconds = time.perf_counter() - began
        runs.append({"contender": f"PyTorch{name}", "seconds": seconds, "mean": total / count})
print(json.dumps({"versions": f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}", "runs": runs}))
