"""What is written beside the exported files: a JSON record of each net, and its tensors in an ONNX file without nodes."""
import json

import numpy as np
import onnx
from onnx import helper, numpy_helper


def step_file(path, net, pixels, labels, outcome):
    """`change:` and `rwa-change:` of each tensor beside the images, labels and logits (tensors_file)."""
    changes = {
        prefix + name: change.numpy()
        for prefix, some in (("change:", outcome.changes), ("rwa-change:", outcome.rwa_changes or {}))
        for name, change in some.items()
    }
    logits = {"logits": outcome.logits.numpy(), "logits-after": outcome.logits_after.numpy()}
    tensors_file(path, net, pixels, labels, logits, changes, "tools/zoo")


def tensors_file(path, net, pixels, labels, outputs, changes, producer):
    """
    Initializers: `images` (uint8), `labels`, `outputs` by their names, such as `logits` and `logits-after` (evaluation
    mode, before and after the three steps), and `changes` by theirs (int16, in units of the metadata's `scales`, so
    that 32,767 is the largest).
    """
    scales = {}
    tensors = {
        "images": pixels,
        "labels": labels.astype(np.int64),
        **{name: value.astype(np.float32) for name, value in outputs.items()},
    }
    for name, change in changes.items():
        largest = float(np.abs(change).max()) if change.size else 0.0
        if largest == 0:
            continue
        scales[name] = largest / 32767
        tensors[name] = (change / (largest / 32767)).round().astype(np.int16)
    graph = helper.make_graph([], net, [], [], [numpy_helper.from_array(np.asarray(a), n) for n, a in tensors.items()])
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name=producer, ir_version=8)
    helper.set_model_props(file, {"scales": json.dumps(scales)})
    onnx.save(file, str(path))


def module_record(module, gradients):
    """named_parameters(), tied names, named_buffers() and sum(p.numel())."""
    own = dict(module.named_parameters())
    again = dict(module.named_parameters(remove_duplicate=False))
    return {
        "numbers": sum(p.numel() for p in module.parameters()),
        "parameters": [{"name": n, "shape": list(p.shape), "gradient": n in gradients} for n, p in own.items()],
        "tied": {n: next(o for o, q in own.items() if q is p) for n, p in again.items() if n not in own},
        "buffers": [
            {"name": n, "shape": list(b.shape), "floating": b.is_floating_point(), "saved": n in module.state_dict()}
            for n, b in module.named_buffers()
        ],
    }


def arrays_of(model):
    """Float initializers and Constant nodes of more than one element, by name."""
    constants = {
        n.output[0]: numpy_helper.to_array(a.t)
        for n in model.graph.node if n.op_type == "Constant" for a in n.attribute if a.name == "value"
    }
    initializers = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    return {n: a for n, a in {**constants, **initializers}.items() if a.dtype == np.float32}


def file_record(path, module, gradients):
    """
    Which of the module's tensors the file holds under another name or in another shape, which not, and what else.

    module     what the file computes: the net, or the net folded as the exporter folds
    gradients  parameters of a folded module that the loss reaches; None for the net itself
    """
    model = onnx.load(str(path))
    arrays = arrays_of(model)
    state = {n: v.float().numpy() for n, v in module.state_dict().items() if v.is_floating_point()}
    copies = {n.input[0]: n.output[0] for n in model.graph.node if n.op_type == "Identity" and n.input[0] in arrays}
    names, rest = {}, []
    for initializer, array in arrays.items():
        if initializer in state and array.shape == state[initializer].shape:
            continue
        found = match(array, state)
        if found:
            names[initializer] = found
        elif array.size > 1 or initializer in state:
            rest.append(initializer)
    held = {n for n in state if n in arrays} | {f["tensor"] for f in names.values()} | set(copies.values())
    trained = {} if gradients is None else {"parameters": sorted(gradients)}
    return {**trained, "names": names, "others": rest, "missing": [n for n in state if n not in held]}


def match(array, state):
    """The tensor of which an array is a reshaped or transposed copy, by its numbers."""
    if array.size < 2:
        return None
    for name, value in state.items():
        if value.size != array.size:
            continue
        close = lambda a: np.allclose(a.ravel(), array.ravel(), rtol=1e-4, atol=1e-6)
        if close(value):
            return {"tensor": name, **({} if value.shape == array.shape else {"shape": list(array.shape)})}
        if value.ndim == 2 and close(value.T):
            return {"tensor": name, "transposed": True}
    return None


def write_json(path, record):
    path.write_text(json.dumps(record, indent=1) + "\n")


