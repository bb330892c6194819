"""One `rwa` step in PyTorch: rotations, the worst one of each image, cross-entropies and squared-l2 alignment, SGD."""
import copy
import math

import torch
import torch.nn.functional as F

DEGREES = [15, 30, 45, 60]
ALIGNMENT_WEIGHT = 0.1
LEARNING_RATE = 0.1
MEAN = [0.4914, 0.4822, 0.4465]
STD = [0.247, 0.243, 0.262]


def rotated(images, degrees):
    """Counter-clockwise about the centre, bilinear, zeros outside. images [N, C, S, S]"""
    a = math.radians(degrees)
    matrix = torch.tensor([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0]], dtype=images.dtype)
    grid = F.affine_grid(matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def normalized(images):
    mean, std = (torch.tensor(v, dtype=images.dtype).view(1, 3, 1, 1) for v in (MEAN, STD))
    return (images - mean) / std


def choose(model, images, labels):
    """The worst view of each image by its loss in evaluation mode, and how clear the choice was."""
    views = torch.stack([images] + [rotated(images, degrees) for degrees in DEGREES])
    model.eval()
    with torch.no_grad():
        losses = torch.stack([F.cross_entropy(model(normalized(v)), labels, reduction="none") for v in views])
    best, second = losses.topk(2, dim=0).values
    worst = losses.argmax(dim=0)
    return views[worst, torch.arange(len(labels))], (best - second).min().item()


def step(model, images, labels):
    """
    Trains a copy of the model for one step.

    Returns its state_dict, and the smallest distance of a worst view's loss from the next one's.
    """
    model = copy.deepcopy(model)
    worst, margin = choose(model, images, labels)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    clean, view = model(normalized(torch.cat([images, worst]))).chunk(2)
    alignment = ((clean - view) ** 2).sum(1).mean()
    loss = F.cross_entropy(clean, labels) + F.cross_entropy(view, labels) + ALIGNMENT_WEIGHT * alignment
    loss.backward()
    optimizer.step()
    return {name: value.detach().clone() for name, value in model.state_dict().items()}, margin


def logits_of(model, images):
    model.eval()
    with torch.no_grad():
        return model(normalized(images))
