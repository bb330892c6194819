"""timm's own models at widths of a few channels."""
TIMM = {}
