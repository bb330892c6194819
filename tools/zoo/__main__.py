"""
Small classifiers as both exporters of today's PyTorch write them, and what PyTorch makes of them in three steps.

    python -m venv zoo && zoo/bin/pip install -r tools/zoo/requirements.txt
    zoo/bin/python tools/zoo fixtures [NAME …]      writes test/fixtures/zoo: all nets, or those whose names are given
    zoo/bin/python tools/zoo verify DIR             loads the weights that scripts/check-zoo.ts trained there (home.py)

Of each net there are `<net>-<form>-opset<k>.onnx` (forms.py says what the forms are), `<net>.json` (records.py: the
module's parameters and buffers, and where each file keeps them) and `<net>.step.onnx` (images, labels, logits, the change
of each tensor in three plain SGD steps, and for some in one `rwa` step). A file whose exporter folded tensors into one
another is compared with a module folded alike: `<net>-folded.step.onnx` or `<net>-dynamo.step.onnx`.
"""
import sys
import time
import traceback
import warnings
from pathlib import Path

import torch
from onnxruntime import InferenceSession, SessionOptions

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from disturb import disturb, without_dropout  # noqa: E402
from fold import fold  # noqa: E402
from forms import export  # noqa: E402
from home import verify  # noqa: E402
from records import file_record, module_record, step_file, write_json  # noqa: E402
from table import NETS  # noqa: E402
from training import Outcome, batch, normalized  # noqa: E402

FIXTURES = HERE.parents[1] / "test" / "fixtures" / "zoo"
SEEDS = 30


def made(net, seed):
    torch.manual_seed(seed)
    return (without_dropout if net.untrained else disturb)(net.make()).eval()


def settled(net):
    """The first seed for which three steps are well-conditioned in float32, for the folded forms too."""
    kinds = sorted({form.kind for form in net.forms if form.folds})
    tried = []
    for seed in range(SEEDS):
        module = made(net, seed)
        pixels, labels = batch(seed, net.image, net.classes)
        modules = {None: module, **{kind: fold(made(net, seed), net.image, kind == "dynamo", net.read_twice) for kind in kinds}}
        outcomes = {}
        for kind, version in modules.items():
            same = next((o for k, o in outcomes.items() if same_tensors(modules[k], version)), None)
            outcomes[kind] = same or Outcome(version, pixels, labels, net.rwa)
            if not outcomes[kind].is_clear:
                break
        if all(outcome.is_clear for outcome in outcomes.values()):
            return seed, pixels, labels, modules, outcomes
        tried.append(f"{outcomes[kind].error:.0e} {outcomes[kind].where}")
    raise RuntimeError(f"no seed below {SEEDS} is well-conditioned: {tried[:4]}")


def same_tensors(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[n], b[n]) for n in a)


def write_net(net):
    seed, pixels, labels, modules, outcomes = settled(net)
    for old in FIXTURES.glob(f"{net.name}*"):
        if belongs(old.name, net.name):
            old.unlink()
    steps = {}
    for kind, outcome in outcomes.items():
        shared = next((k for k in steps if outcomes[k] is outcome), kind)
        steps[kind] = f"{net.name}{f'-{shared}' if shared else ''}.step.onnx"
        step_file(FIXTURES / steps[kind], net.name, pixels, labels, outcome)
    files = []
    for form in net.forms:
        path = FIXTURES / f"{net.name}-{form.name}.onnx"
        export(modules[None], net.image, form, path)
        kind = form.kind if form.folds else None
        check_logits(path, form, pixels, outcomes[kind].logits)
        record = {"file": path.name, "kind": form.kind, "opset": form.opset, "batch": form.batch, "step": steps[kind]}
        files.append({**record, **file_record(path, modules[kind], outcomes[kind].gradients if kind else None)})
    write_json(FIXTURES / f"{net.name}.json", {
        "net": net.name, "torch": torch.__version__.split("+")[0], "seed": seed, "image": list(net.image),
        "classes": net.classes, **module_record(modules[None], outcomes[None].gradients), "files": files,
    })
    sizes = sum(p.stat().st_size for p in FIXTURES.glob(f"{net.name}*") if belongs(p.name, net.name))
    worst = max(o.error for o in outcomes.values())
    print(f"{net.name}: seed {seed}, {len(files)} files, {sizes / 1000:.0f} kB, float32 error {worst:.0e}", flush=True)


def check_logits(path, form, pixels, wanted):
    """The file computes what the module does that it is compared with. @throws AssertionError"""
    # Such a file normalises by the statistics of a batch.
    if form.kind == "training" or "stateless" in path.name:
        return
    quiet = SessionOptions()
    quiet.log_severity_level = 3
    images = normalized(torch.tensor(pixels).float() / 255)[: form.batch].numpy()
    got = torch.tensor(InferenceSession(path, quiet).run(None, {"images": images})[0])
    error = (got - wanted[: form.batch]).abs().max()
    assert error <= 1e-4 * wanted.abs().max(), f"{path.name} computes other logits than the module ({error:.1e})"


def belongs(file, name):
    """Whether a file is this net's, not that of one whose name begins alike."""
    kinds = ("plain-opset", "training-opset", "folded", "dynamo")
    rest = file[len(name):]
    return rest.startswith(".") or any(rest.startswith(f"-{kind}") for kind in kinds)


def write_fixtures(*names):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    unknown = set(names) - {net.name for net in NETS}
    if unknown:
        raise SystemExit(f"No net is called {', '.join(unknown)}.")
    failed = []
    for net in NETS:
        if names and net.name not in names:
            continue
        start = time.time()
        try:
            write_net(net)
        except Exception as error:
            failed.append(net.name)
            print(f"{net.name}: FAILED after {time.time() - start:.0f} s: {type(error).__name__}: {str(error)[:600]}", flush=True)
            if "-v" in sys.argv:
                traceback.print_exc()
    raise SystemExit(f"Failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    command, *rest = sys.argv[1:] or [""]
    if command == "verify" and rest:
        verify(Path(rest[0]), NETS, made, FIXTURES)
    if command != "fixtures":
        raise SystemExit(__doc__)
    write_fixtures(*[r for r in rest if r != "-v"])
