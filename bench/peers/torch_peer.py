"""
PyTorch's side of the benchmark; protocol.py has how it is asked. Options: --threads N (default 2).

The first line's `blas.unfair` lists reasons why the figures should not be quoted as PyTorch's; empty if there are none.

Steps, on a batch of B images with its A views (block 0 the images themselves) as inputs, so that augmentation is timed
by itself:

method base       forward, cross-entropy, backward, update
careful           method rwa as one would write it with care: one forward without gradients over all A * B views, the worst
                  view of each image, one forward and backward over clean and worst together (2 * B)
channels last     the same with images and weights in torch.channels_last
published         method rwa as the package `alignreg` 1.0 does it (torch_train and torch_maxsql2): one view for the whole batch
                  among the A - 1 transforms, A + 3 forwards, all recording gradients, the sum of the squared distances. The package
                  adds its regularizer as a number without a gradient; here the gradient is kept, since a peer should
                  compute what it is compared with.
"""
import argparse
import math
import sys

import blas  # before torch: it decides which kernels are loaded
import torch
import torch.nn.functional as F
from protocol import ALIGNMENT_WEIGHT, CLASSES, LEARNING_RATES, MOMENTUM, OPTIMIZERS, Unavailable, serve
from torch_models import MODELS

try:
    import torchvision
    import torchvision.transforms.functional as vision
except ImportError:
    torchvision = None


def loaded_model(job, tensors):
    """The model with the weights and statistics of the workload."""
    model = MODELS[job["model"]](job["width"])
    prefix = "model."
    weights = {name[len(prefix) :]: torch.from_numpy(v) for name, v in tensors.items() if name.startswith(prefix)}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    # PyTorch's count of batches decides nothing where the momentum is given.
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert not missing and not unexpected, f"the models differ: {missing} are missing, {unexpected} unexpected"
    return model


class Training:
    """A model and an optimizer of its own, so that no job warms up or trains another's."""

    def __init__(self, job, tensors):
        self.labels = torch.from_numpy(tensors["labels"])
        self.layout = torch.channels_last if job["way"] == "channels last" else torch.contiguous_format
        self.images = torch.from_numpy(tensors["images"]).contiguous(memory_format=self.layout)
        self.model = loaded_model(job, tensors).to(memory_format=self.layout)
        parameters = self.model.parameters()
        optimizer = OPTIMIZERS[job["model"]]
        lr = LEARNING_RATES[optimizer]
        if optimizer == "adam":
            self.optimizer = torch.optim.Adam(parameters, lr=lr)
        else:
            self.optimizer = torch.optim.SGD(parameters, lr=lr, momentum=MOMENTUM)
        self.losses = []
        careful = self.plain if job["method"] == "base" else self.careful
        self.minimise = self.published if job["way"] == "published" else careful

    def step(self):
        loss = self.minimise().item()
        assert math.isfinite(loss), f"the loss is {loss}"
        self.losses.append(loss)

    def check(self):
        return {"first": self.losses[0], "second": self.losses[1], "last": self.losses[-1]}

    def plain(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def careful(self):
        n = len(self.labels)
        worst = worst_views(self.model, self.images, self.labels)
        rows = torch.arange(n)
        both = self.images.index_select(0, torch.cat([rows, worst * n + rows]))
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        z, z_worst = self.model(both.contiguous(memory_format=self.layout)).split(n)
        distance = (z - z_worst).square().sum(dim=1).mean()
        loss = F.cross_entropy(z, self.labels) + F.cross_entropy(z_worst, self.labels) + ALIGNMENT_WEIGHT * distance
        loss.backward()
        self.optimizer.step()
        return loss

    def published(self):
        x, *views = self.images.split(len(self.labels))
        y, model = self.labels, self.model
        self.optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        worst = max(views, key=lambda view: F.cross_entropy(model(view), y))
        worst_loss = F.cross_entropy(model(worst), y)
        distance = (model(x) - model(worst)).square().sum()
        loss = loss + ALIGNMENT_WEIGHT * (worst_loss + distance)
        loss.backward()
        self.optimizer.step()
        return loss


def worst_views(model, images, labels):
    """The member of the greatest cross-entropy, the image itself among them, [B]; at ties the first."""
    model.eval()
    with torch.no_grad():
        members = len(images) // len(labels)
        losses = F.cross_entropy(model(images), labels.repeat(members), reduction="none")
        return losses.view(members, -1).argmax(dim=0)


class Selection:
    """The selection pass alone."""

    def __init__(self, job, tensors):
        layout = torch.channels_last if job["way"] == "channels last" else torch.contiguous_format
        self.labels = torch.from_numpy(tensors["labels"])
        self.images = torch.from_numpy(tensors["images"]).contiguous(memory_format=layout)
        self.model = loaded_model(job, tensors).to(memory_format=layout)

    def step(self):
        self.chosen = worst_views(self.model, self.images, self.labels)

    def check(self):
        return {"chosen": self.chosen.sum().item()}


class Rotations:
    """A batch's rotations, bilinear, zero outside: [A - 1, B, C, H, W]."""

    def __init__(self, job, tensors):
        self.images = torch.from_numpy(tensors["images"])
        self.degrees = job["degrees"]
        self.make = self.by_torchvision if job["way"] == "torchvision" else self.careful
        if self.make == self.by_torchvision and torchvision is None:
            raise Unavailable("no torchvision here (Debian: python3-torchvision)")
        self.grids = rotation_grids(self.degrees, *self.images.shape[-2:])

    def step(self):
        self.views = self.make()

    def check(self):
        views = self.views.double()
        return {"sum": views.sum().item(), "squares": views.square().sum().item()}

    def careful(self):
        return rotate(self.images, self.grids)

    def by_torchvision(self):
        bilinear = vision.InterpolationMode.BILINEAR
        return torch.stack([vision.rotate(self.images, angle, interpolation=bilinear) for angle in self.degrees])


def rotation_grids(degrees, height, width):
    """Where each pixel comes from, for each angle: [A - 1, H, W, 2]."""
    matrices = []
    for angle in degrees:
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        matrices.append([[c, -s, 0.0], [s, c, 0.0]])
    return F.affine_grid(torch.tensor(matrices), [len(degrees), 1, height, width], align_corners=False)


def rotate(images, grids):
    """[B, C, H, W] -> [A - 1, B, C, H, W]. All images are channels of one, as each angle's weights are those of them all."""
    stacked = images.reshape(1, -1, *images.shape[-2:]).expand(len(grids), -1, -1, -1)
    return F.grid_sample(stacked, grids, align_corners=False).view(len(grids), *images.shape)


class Evaluation:
    """Accuracies and invariance score over a test set, from its images on; docs/procedure.md has the definitions."""

    BATCH = 500

    def __init__(self, job, tensors):
        self.images = torch.from_numpy(tensors["images"])
        self.labels = torch.from_numpy(tensors["labels"])
        self.model = loaded_model(job, tensors).eval()
        self.grids = rotation_grids(job["degrees"], *self.images.shape[-2:])

    def step(self):
        members = 1 + len(self.grids)
        with torch.no_grad():
            batches = []
            for images in self.images.split(self.BATCH):
                views = torch.cat([images[None], rotate(images, self.grids)])
                batches.append(self.model(views.flatten(0, 1)).view(members, len(images), CLASSES))
            logits = torch.cat(batches, dim=1)
            right = logits.argmax(dim=2) == self.labels
            shares = []
            for label in range(CLASSES):
                embedded = logits[:, self.labels == label].double()
                samples = embedded.shape[1]
                # A sample's copies are neighbours, so that the copy's place tells its sample.
                copies = embedded.transpose(0, 1).reshape(-1, CLASSES)
                distances = torch.cdist(embedded[0], copies)
                nearest = distances.topk(members, dim=1, largest=False).indices.div(members, rounding_mode="floor")
                shares.append((nearest == torch.arange(samples)[:, None]).double().mean())
        self.scores = {
            "clean": right[0].double().mean().item(),
            "robust": right.all(dim=0).double().mean().item(),
            "invariance": torch.stack(shares).mean().item(),
        }

    def check(self):
        return self.scores


JOBS = {"step": Training, "select": Selection, "rotate": Rotations, "evaluate": Evaluation}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    # As our sessions do.
    torch.set_flush_denormal(True)
    serve(
        {
            "versions": f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}",
            "threads": torch.get_num_threads(),
            "blas": blas.blas_in_use(),
            "torchvision": getattr(torchvision, "__version__", None),
            "oneDnn": torch.backends.mkldnn.is_available(),
            "ignoredVariables": blas.IGNORED,
        },
        lambda job, tensors: JOBS[job["work"]](job, tensors),
    )


if __name__ == "__main__":
    main()
