"""
Classifiers that real PyTorch exports, and what PyTorch makes of them in one `rwa` step.

    python3 tools/pytorch fixtures          writes test/fixtures/pytorch: narrow ones, for the tests
    python3 tools/pytorch export DIR        writes full ones, for scripts/check-pytorch.ts
    python3 tools/pytorch verify DIR        loads the weights that were trained there into the modules, and compares

A case is a folder or a pair of files: the model as torch.onnx.export writes it, and step.onnx, a file without nodes
whose initializers are `images` (uint8), `labels`, `after:<name>` (parameters and running statistics after the step) and
`logits` (of the images, after the step, in evaluation mode).
"""
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parents[1] / "python")]
from cases import BATCH, CASES, IMAGE  # noqa: E402
from alignreg_export import load_weights  # noqa: E402
from reference import logits_of, step  # noqa: E402

FIXTURES = HERE.parents[1] / "test" / "fixtures" / "pytorch"
# A worst view must be worse than the next one by this much, and float32 arithmetic on images that are moved by a few
# roundings must stay this near float64's: else a choice or a kink that rounding decides, not a mistake, could make the
# difference. The first seed that is so is taken.
CLEAR_MARGIN = 1e-5
CLEAR_ERROR = 3e-4
ROUNDINGS = 3e-6
JITTERS = 3
SEEDS = 300


def batch(seed):
    """Smooth random images, as bytes, and labels."""
    rng = np.random.default_rng(seed)
    coarse = torch.tensor(rng.uniform(0, 1, (BATCH, IMAGE[0], 5, 5)))
    smooth = torch.nn.functional.interpolate(coarse, IMAGE[1:], mode="bilinear", align_corners=True).numpy()
    pixels = np.clip(255 * smooth + rng.normal(0, 20, smooth.shape), 0, 255).round().astype(np.uint8)
    return pixels, rng.integers(0, 10, BATCH)


def pixels_as(pixels, dtype):
    return torch.tensor(pixels).to(dtype) / 255


def relative(got, want, least=1e-12):
    return (got.double() - want.double()).abs().max().item() / max(want.abs().max().item(), least)


def trained(module, pixels, labels):
    """The step in float64, the worst float32 error of a parameter's change, and the margin of the choice."""
    double = module.double()
    after, margin = step(double, pixels_as(pixels, torch.float64), torch.tensor(labels))
    before = {n: v.clone() for n, v in double.state_dict().items()}
    single, _ = step(module.float(), pixels_as(pixels, torch.float32), torch.tensor(labels))
    floating = [n for n, v in before.items() if v.is_floating_point()]
    changes = {n: after[n] - before[n] for n in floating}
    # A bias before BatchNormalization has no gradient but rounding.
    least = 1e-3 * max(c.abs().max().item() for c in changes.values())
    worst = max(relative(single[n] - before[n].float(), c, least) for n, c in changes.items())
    return {n: after[n] for n in floating}, worst, margin


def settled(case, width, path):
    """A module, exported to `path`, and a batch for which the step is well-conditioned."""
    for seed in range(SEEDS):
        original = case.module(width, seed)
        case.export(original, path)
        module = case.trained_module(original)
        start_from(path, module)
        pixels, labels = batch(seed)
        after, worst, margin = trained(module, pixels, labels)
        if worst < CLEAR_ERROR and margin > CLEAR_MARGIN:
            return seed, module, pixels, labels, after, worst
    raise SystemExit(f"{case.name}: no seed below {SEEDS} is well-conditioned at width {width}")


def start_from(path, module):
    """Lets the module hold the very numbers of the file: what the exporter folds, it rounds in its own way."""
    model = onnx.load(str(path))
    arrays = arrays_of(model)
    names = exported_names(model, module)
    module.load_state_dict({n: torch.tensor(arrays[e]) for n, e in names.items()}, strict=False)


def arrays_of(model):
    """Initializers and constants by name."""
    constants = [n for n in model.graph.node if n.op_type == "Constant"]
    return {
        **{n.output[0]: numpy_helper.to_array(a.t) for n in constants for a in n.attribute if a.name == "value"},
        **{i.name: numpy_helper.to_array(i) for i in model.graph.initializer},
    }


def exported_names(model, module):
    """Name in the ONNX file of each tensor of the module: its own, or that of an equal tensor the exporter renamed."""
    arrays = arrays_of(model)
    names = {}
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        value = value.float().numpy()
        found = [name] if name in arrays else [n for n, a in arrays.items() if n.startswith("onnx::")
                                               and a.shape == value.shape and np.allclose(a, value, rtol=1e-4, atol=1e-6)]
        if len(found) == 1:
            names[name] = found[0]
    return names


def write_case(case, width, model_path, step_path):
    model_path.parent.mkdir(parents=True, exist_ok=True)
    seed, module, pixels, labels, after, worst = settled(case, width, model_path)
    model = onnx.load(str(model_path))
    names = exported_names(model, module)
    running = any(n.op_type == "BatchNormalization" for n in model.graph.node)
    expected = {n: v for n, v in after.items() if running or "running" not in n}
    lost = [n for n in expected if n not in names]
    assert not lost, f"{case.name}: the export has no {lost}"
    if case.external:
        data = model_path.with_name(model_path.name + ".data")
        # An existing file would be appended to.
        data.unlink(missing_ok=True)
        onnx.save_model(model, str(model_path), save_as_external_data=True, location=data.name, size_threshold=0,
                        convert_attribute=False)

    for parameter, name in zip(module.parameters(), [n for n, _ in module.named_parameters()]):
        parameter.data = after[name].to(parameter.dtype)
    for name, buffer in module.named_buffers():
        if name in after:
            buffer.data = after[name].to(buffer.dtype)
    logits = logits_of(module.double(), pixels_as(pixels, torch.float64))
    tensors = {
        "images": pixels,
        "labels": labels.astype(np.int64),
        "logits": logits.numpy().astype(np.float32),
        **{f"after:{names[n]}": v.numpy().astype(np.float32) for n, v in expected.items()},
    }
    graph = helper.make_graph([], case.name, [], [], [numpy_helper.from_array(a, n) for n, a in tensors.items()])
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="tools/pytorch")
    helper.set_model_props(file, {"torch": torch.__version__, "seed": str(seed), "width": str(width)})
    onnx.save(file, str(step_path))
    print(f"{case.name}: width {width}, seed {seed}, {len(expected)} tensors, float32 error {worst:.1e}", flush=True)


def write_fixtures():
    for case in CASES:
        write_case(case, case.width, FIXTURES / f"{case.name}.onnx", FIXTURES / f"{case.name}.step.onnx")


def write_full(folder):
    for case in CASES:
        write_case(case, case.full_width, folder / case.name / "model.onnx", folder / case.name / "step.onnx")


def verify(folder):
    """The weights that were trained from `model.onnx` go into a new module, whose logits are those of `trained.onnx`."""
    failures = 0
    for case in CASES:
        where = folder / case.name
        steps = onnx.load(str(where / "step.onnx"))
        seed = int({p.key: p.value for p in steps.metadata_props}["seed"])
        tensors = {i.name: numpy_helper.to_array(i) for i in steps.graph.initializer}
        ours = torch.tensor(np.fromfile(where / "logits.bin", np.float32).reshape(BATCH, -1))
        if case.form == "folded":
            # Its names are not the module's: the ONNX file goes home, not the weights.
            print(f"{case.name}: logits against PyTorch's {relative(ours, torch.tensor(tensors['logits'])):.1e}")
            failures += relative(ours, torch.tensor(tensors["logits"])) > 1e-4
            continue
        module = case.module(case.full_width, seed + 1)
        load_weights(module, where / "weights.safetensors")
        state = module.state_dict()
        weights = max(relative(state[n[len("after:"):]], torch.tensor(a)) for n, a in tensors.items() if ":" in n)
        logits = relative(ours, logits_of(module, pixels_as(tensors["images"], torch.float32)))
        verdict = "holds" if weights < 1e-4 and logits < 1e-5 else "FAILS"
        failures += verdict == "FAILS"
        print(f"{verdict}: {case.name}: weights {weights:.1e} (1e-4), logits in PyTorch {logits:.1e} (1e-5)")
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    command, *rest = sys.argv[1:] or [""]
    commands = {"fixtures": write_fixtures, "export": write_full, "verify": verify}
    if command not in commands:
        raise SystemExit(__doc__)
    commands[command](*[Path(r) for r in rest])
