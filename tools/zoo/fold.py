"""What an exporter that folds constants makes of a module: the module to compare its file with."""
import torch
from torch import nn
from torch.nn.utils import parametrize, prune
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def fold(module, image, linear, keep=()):
    """
    Changes a module in evaluation mode: each BatchNorm right behind a convolution is folded into it, and each computed
    weight of torch.nn.utils becomes a weight. (A deep copy would share the class that a parametrization has made.)

    linear  whether BatchNorm1d behind a linear layer is folded too, as the newer exporter does
    keep    convolutions whose output something else reads too
    """
    folded = module.eval()
    without_reparametrisation(folded)
    names = {layer: name for name, layer in folded.named_modules()}
    pairs = neighbours(folded, image, CONVOLUTIONS + ((nn.Linear,) if linear else ()))
    for layer, norm in pairs:
        if names[layer] in keep:
            continue
        fuse = fuse_linear_bn_eval if isinstance(layer, nn.Linear) else fuse_conv_bn_eval
        fused = fuse(layer, with_scale(norm))
        # PyTorch leaves the bias of a layer that had none without gradient.
        fused.requires_grad_(True)
        replace(folded, names[layer], fused)
        # timm's norms bring their activation with them. A norm may run behind several layers.
        rest = [part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if part is not None]
        replace(folded, names[norm], nn.Sequential(*rest))
    return folded


def neighbours(module, image, layers):
    """Pairs of a layer and the BatchNorm that takes its output as it is, as the forward pass runs them."""
    made, pairs = {}, []

    def after_layer(layer, _inputs, output):
        made[id(output)] = (layer, output)

    def after_norm(norm, inputs, _output):
        layer, output = made.get(id(inputs[0]), (None, None))
        # Batch statistics cannot be folded.
        if output is inputs[0] and norm.running_mean is not None:
            pairs.append((layer, norm))

    handles = [m.register_forward_hook(after_layer) for m in module.modules() if isinstance(m, layers)]
    handles += [m.register_forward_hook(after_norm) for m in module.modules() if isinstance(m, NORMS)]
    with torch.no_grad():
        module(torch.rand(2, *image))
    for handle in handles:
        handle.remove()
    return pairs


def with_scale(norm):
    """The norm with a scale of ones and a bias of zeros where it has none."""
    if norm.weight is not None:
        return norm
    plain = nn.BatchNorm2d(norm.num_features, eps=norm.eps).eval()
    plain.running_mean, plain.running_var = norm.running_mean, norm.running_var
    return plain


def replace(module, name, layer):
    parent, _, own = name.rpartition(".")
    setattr(module.get_submodule(parent), own, layer)


def without_reparametrisation(module):
    for layer in list(module.modules()):
        if parametrize.is_parametrized(layer):
            for name in list(layer.parametrizations):
                parametrize.remove_parametrizations(layer, name, leave_parametrized=True)
        for hook in list(layer._forward_pre_hooks.values()):
            kind = type(hook).__name__
            if kind == "WeightNorm":
                nn.utils.remove_weight_norm(layer, hook.name)
            elif kind == "SpectralNorm":
                nn.utils.remove_spectral_norm(layer, hook.name)
            elif isinstance(hook, prune.BasePruningMethod):
                prune.remove(layer, hook._tensor_name)
