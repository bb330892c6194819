"""How fast torchvision's ImageFolder gives photographs as tensors, and what memory that takes.

python bench/peers/image_folder.py DIR IMAGES WORKERS: reads so many from all over the folder, 224 x 224, in batches of 128;
prints JSON.
"""

import json
import os
import sys
import time

import torch
import torchvision
from torchvision import transforms

directory, images, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def peak_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return 1024 * int(line.split()[1])


torch.set_num_threads(1)
resized = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
folder = torchvision.datasets.ImageFolder(directory, resized)
images = min(images, len(folder))
some = torch.utils.data.Subset(folder, [i * len(folder) // images for i in range(images)])
loader = torch.utils.data.DataLoader(some, batch_size=128, num_workers=workers)
batches = iter(loader)
# The workers' start does not count.
total = float(next(batches)[0].sum())
started = time.perf_counter()
read = 0
for pixels, _ in batches:
    total += float(pixels[:, :, 0, 0].sum())
    read += len(pixels)
    peak = peak_bytes(os.getpid()) + sum(peak_bytes(worker.pid) for worker in batches._workers if worker.is_alive())
seconds = time.perf_counter() - started
print(json.dumps({"images": read, "seconds": seconds, "peakBytes": peak, "versions": f"torchvision {torchvision.__version__}"}))
