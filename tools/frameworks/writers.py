"""The ways in which a module is written: by alignreg_export.py, by the lines of docs/pytorch.md, and as people do."""
import contextlib
import io
import logging
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import alignreg_export
import torch

ROOT = Path(__file__).resolve().parents[2]

NEWEST_OPSET = 25


@dataclass(frozen=True)
class Writer:
    """
    exporter  as docs/frameworks.md calls it
    folds     "newer" or "older": that exporter folds BatchNormalization and computes weights; None: nothing is folded
    write     (module, images, path) -> None; the module is in evaluation mode
    program   takes what torch.export.export made of the module in its place, so that a net is traced once for all such
    """

    exporter: str
    opset: int
    folds: str
    write: Callable
    program: bool = False


def by_hand(newer):
    """The lines of docs/pytorch.md, run as they stand but for images and path."""
    page = (ROOT / "docs" / "pytorch.md").read_text()
    blocks = re.findall(r"```py\n(torch\.onnx\.export\(.*?)```", page, re.S)
    (block,) = [b for b in blocks if ("dynamo=True" in b) == newer]
    code = re.sub(r"torch\.zeros\([\d, ]+\)", "images", block).replace('"net.onnx"', "path")
    assert "images" in code and "path" in code
    if not newer and has_newer():
        code = code.replace("do_constant_folding=False,", "do_constant_folding=False, dynamo=False,")
    return lambda model, images, path: exec(code, {"torch": torch, "model": model, "images": images, "path": str(path)})


def has_newer():
    """Whether the newer exporter is PyTorch's default."""
    return tuple(int(n) for n in torch.__version__.split(".")[:2]) >= (2, 9)


def dynamo(optimize, opset):
    def write(program, images, path):
        torch.onnx.export(
            program, (images,), str(path), dynamo=True, optimize=optimize, opset_version=opset, external_data=False, verbose=False,
            input_names=["images"], output_names=["logits"],
        )

    label = "dynamo=True" + ("" if optimize else ", optimize=False")
    return Writer(label, opset, "newer" if optimize else None, write, program=True)


# It chooses the exporter, and so the opset, by itself.
OURS = Writer("alignreg_export.py", None, None, alignreg_export.export)
BY_HAND = Writer("docs/pytorch.md, by hand", 18 if has_newer() else 17, None, by_hand(has_newer()))
OLDER = Writer("dynamo=False, names kept", 17, None, by_hand(False))
TODAY = [OURS, *(dynamo(optimize, opset) for optimize in (True, False) for opset in (20, NEWEST_OPSET)), OLDER]
OF_A_VERSION = [OURS, BY_HAND]


@contextlib.contextmanager
def quiet():
    """Without what the exporters print."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def program_of(module, images):
    """As torch.onnx.export makes it of a module first."""
    return torch.export.export(module, (images,), dynamic_shapes=({0: torch.export.Dim("batch", min=2)},), strict=False)
