"""Whether weights that were trained outside come home: into a fresh module, by the lines of docs/pytorch.md."""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from training import logits_of

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
from alignreg_export import load_weights  # noqa: E402

LOGITS, WEIGHTS = 1e-5, 1e-4
# Files whose weights are PyTorch's only in part, for no file says where gradients end. Their logits must agree.
OWN_WAY = {"detached-branch-plain-opset17.onnx": "detach() leaves no trace"}


def verify(folder, nets, made, fixtures):
    """
    Compares each `<folder>/<file>/weights.safetensors` in a module of another seed with `logits.bin`, and in forms that keep
    names with PyTorch's own three steps. A file whose exporter folded something must be refused, or compute the same.

    made  the module of a net and a seed
    """
    wrong, worst, counts = [], {"logits": 0.0, "weights": 0.0}, {}
    for net in nets:
        record = json.loads((fixtures / f"{net.name}.json").read_text())
        for form in record["files"]:
            where = folder / form["file"].removesuffix(".onnx")
            if not where.exists():
                continue
            verdict, detail, errors = outcome(where, net, record, form, made, fixtures)
            for key, error in errors.items():
                if verdict == "holds" and form["kind"] not in ("folded", "dynamo"):
                    worst[key] = max(worst[key], error)
            key = f"{form['kind']}: {verdict}"
            counts[key] = counts.get(key, 0) + 1
            if verdict == "FAILS":
                wrong.append(form["file"])
            if verdict != "holds" or detail:
                print(f"{verdict}: {form['file']}: {detail}", flush=True)
    print(", ".join(f"{key} {number}" for key, number in sorted(counts.items())))
    print(f"Where names are kept: logits within {worst['logits']:.1e} ({LOGITS}), weights {worst['weights']:.1e} ({WEIGHTS}).")
    raise SystemExit(f"Wrong: {', '.join(wrong)}" if wrong else 0)


def outcome(where, net, record, form, made, fixtures):
    """"holds", "refused" or "FAILS"; a remark; the errors."""
    keeps_names = form["kind"] not in ("folded", "dynamo")
    module = made(net, record["seed"] + 1)
    exported = made(net, record["seed"])
    try:
        rest = load_weights(module, where / "weights.safetensors")
    except ValueError as error:
        return ("FAILS" if keeps_names else "refused"), str(error)[:160], {}
    steps = tensors_of(fixtures / form["step"])
    images = torch.tensor(steps["images"]).float() / 255
    # What the file has not is the exported module's as before.
    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    before = {**dict(exported.named_parameters()), **dict(exported.named_buffers())}
    with torch.no_grad():
        for name in rest:
            if name in own:
                own[name].copy_(before[name])
    ours = torch.tensor(np.fromfile(where / "logits.bin", np.float32).reshape(len(images), -1))
    with torch.no_grad():
        logits = relative(ours, logits_of(module.eval(), images))
    errors = {"logits": logits}
    if keeps_names and form["file"] not in OWN_WAY:
        errors["weights"] = weights_error(module, exported, steps)
    fails = logits > LOGITS or errors.get("weights", 0) > WEIGHTS
    detail = ", ".join(f"{k} {v:.1e}" for k, v in errors.items())
    remark = f"{detail}{'; nothing for ' + ' '.join(rest) if rest else ''}" if fails or rest else ""
    return ("FAILS" if fails else "holds"), remark, errors


def weights_error(module, exported, steps):
    state, before = module.state_dict(), exported.state_dict()
    worst = 0.0
    for name, value in before.items():
        if not value.is_floating_point() or value.numel() == 0:
            continue
        change = steps.get("change:" + name)
        want = value.double() + (0 if change is None else torch.tensor(change))
        finite = torch.isfinite(want)
        if finite.any():
            worst = max(worst, relative(state[name].double()[finite], want[finite]))
    return worst


def tensors_of(path):
    """The arrays of a step file; changes in their unit."""
    file = onnx.load(str(path))
    scales = json.loads({p.key: p.value for p in file.metadata_props}["scales"])
    arrays = {i.name: numpy_helper.to_array(i) for i in file.graph.initializer}
    return {n: a * scales[n] if n in scales else a for n, a in arrays.items()}


def relative(got, want):
    return ((got - want).abs().max() / want.abs().max().clamp_min(1e-30)).item()
