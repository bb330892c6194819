"""Small nets for 3×16×16 images and 5 classes, each with one thing in it that exporters write in an odd way."""
from . import attention, buffers, convolutions, normalisations, reparametrised, scales, sharing  # noqa: F401
from .registry import CLASSES, OWN  # noqa: F401
