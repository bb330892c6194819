"""
PyTorch's half of docs/frameworks.md; tools/frameworks/torch.ts runs both commands and trains between them.

    python tools/frameworks export DIR SET [NAME …]   exports nets; SET: today (torchvision, timm) or version (small_nets.py)
    python tools/frameworks verify DIR                compares what was trained there with PyTorch, writes DIR/rows.json
    python tools/frameworks fixtures [NAME …]         writes test/fixtures/frameworks with the PyTorch that is there
"""
import json
import sys
import time
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "zoo"), str(HERE.parents[1] / "python")]
from compare import verify  # noqa: E402
from fixtures import fixtures  # noqa: E402
from nets import made, nets_of  # noqa: E402
from training import batch  # noqa: E402
from writers import OF_A_VERSION, TODAY, program_of, quiet  # noqa: E402


def export(folder, which, *names):
    """Writes the files and nets.json: of each net the batch (pixels in a file of bytes), of each file who wrote it."""
    records = []
    for net in nets_of(which):
        if names and not any(name in net.name for name in names):
            continue
        started = time.time()
        pixels, labels = batch(net.seed, net.image, net.classes)
        (folder / f"{net.name}.pixels").write_bytes(pixels.tobytes())
        files = [write(folder, net, writer, i) for i, writer in enumerate(TODAY if which == "today" else OF_A_VERSION)]
        records.append({
            "net": net.name, "framework": net.framework, "seed": net.seed, "image": list(net.image), "classes": net.classes,
            "labels": labels.tolist(), "files": files,
        })
        failed = sum("failed" in f for f in files)
        print(f"{net.name}: {len(files) - failed} files, {failed} failed, {time.time() - started:.0f} s", flush=True)
    (folder / "nets.json").write_text(json.dumps({"versions": versions(which), "set": which, "nets": records}))


PROGRAMS = {}


def write(folder, net, writer, number):
    record = {"file": f"{net.name}-{number}.onnx", "exporter": writer.exporter, "opset": writer.opset, "folds": writer.folds}
    images = torch.rand(2, *net.image, generator=torch.Generator().manual_seed(0))
    try:
        with quiet():
            if writer.program and net.name not in PROGRAMS:
                PROGRAMS.clear()
                PROGRAMS[net.name] = program_of(made(net, net.seed), images)
            writer.write(PROGRAMS[net.name] if writer.program else made(net, net.seed), images, folder / record["file"])
    except Exception as error:
        record["failed"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
    return record


def versions(which):
    found = {"torch": torch.__version__.split("+")[0]}
    for name in ("torchvision", "timm", "onnxscript") if which == "today" else ():
        found[name] = __import__(name).__version__.split("+")[0]
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    command, *rest = sys.argv[1:] or [""]
    commands = {"export": export, "verify": verify, "fixtures": fixtures}
    if command not in commands:
        raise SystemExit(__doc__)
    commands[command](*(rest if command == "fixtures" else [Path(rest[0]), *rest[1:]]))
