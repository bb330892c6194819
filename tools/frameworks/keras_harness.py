"""
Keras's half of docs/frameworks.md; tools/frameworks/keras.ts runs both commands and trains between them.

    python tools/frameworks/keras_harness.py export DIR [NAME …]   saves and exports the models of keras_models.py
    python tools/frameworks/keras_harness.py verify DIR            compares what was trained there with Keras, writes rows.json
"""
import contextlib
import io
import json
import sys
import time
import zipfile
from importlib.metadata import version
from pathlib import Path

import keras_steps as steps
import keras
import numpy as np
import onnx
from onnx import numpy_helper

import keras_files
import keras_models
import keras_outcome

TF_EXPORT = 'model.export(format="onnx"), TensorFlow backend'
# What float32 sees of a change; a bias before a BatchNormalization has no slope.
ROUNDING = 1e-6
PACKAGES = ("keras", "tensorflow-cpu", "tf2onnx")


def export(folder, *names):
    listed = []
    nets = {**keras_models.NETS, **keras_models.LARGE}
    for number, (name, net) in enumerate(nets.items()):
        if names and name not in names:
            continue
        started = time.time()
        model, pixels, labels, outcome = keras_outcome.clear_case(name, net)
        stem = f"net-{number}"
        (folder / f"{stem}.pixels").write_bytes(pixels.tobytes())
        np.savez(folder / f"{stem}.npz", pixels, outcome.logits_after, *outcome.changes)
        files = [{"file": f"{stem}.keras", "exporter": ".keras"}]
        model.save(folder / files[0]["file"])
        if name not in keras_models.LARGE:
            files.append({"file": f"{stem}.h5", "exporter": ".h5"})
            model.save(folder / files[1]["file"])
            model(np.zeros((1, *net.image), np.float32))  # Keras exports no model that was never called.
            files.append(onnx_file(model, folder, f"{stem}.onnx"))
        listed.append({
            "net": name, "stem": stem, "framework": "keras.applications" if name in keras_models.LARGE else "Keras",
            "image": list(net.image), "classes": net.classes, "pixels": net.pixels, "rate": net.rate, "labels": labels.tolist(), "files": files,
        })
        print(f"{name}: {time.time() - started:.0f} s", flush=True)
    versions = {name: version(name) for name in PACKAGES}
    (folder / "nets.json").write_text(json.dumps({"versions": versions, "nets": listed}))


def onnx_file(model, folder, file):
    record = {"file": file, "exporter": TF_EXPORT}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            model.export(folder / file, format="onnx", verbose=False)
        record["opset"] = next(o.version for o in onnx.load(folder / file).opset_import if o.domain == "")
    except Exception as error:
        record["failed"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:160]}"
    return record


def verify(folder):
    listed = json.loads((folder / "nets.json").read_text())
    rows = []
    for net in listed["nets"]:
        for file in net["files"]:
            rows.append({"net": net["net"], "framework": net["framework"], **row_of(folder, net, file)})
            print(json.dumps(rows[-1]), flush=True)
    (folder / "rows.json").write_text(json.dumps({"versions": listed["versions"], "rows": rows}))


def row_of(folder, net, file):
    row = {"exporter": file["exporter"], **({"opset": file["opset"]} if "opset" in file else {})}
    if "failed" in file:
        return {**row, "refused": f"by Keras: {file['failed']}"}
    ours = json.loads((folder / f"{file['file']}.json").read_text())
    if "refused" in ours:
        return {**row, "refused": ours["refused"]}
    original = keras.models.load_model(folder / f"{net['stem']}.keras")
    pixels, logits, *changes = np.load(folder / f"{net['stem']}.npz").values()
    if file["file"].endswith(".onnx"):
        return {**row, **onnx_columns(folder / file["file"], original, ours)}
    before = steps.values(original)
    path = folder / ours["written"]
    try:
        trained = keras.models.load_model(path)
    except ValueError as error:
        # An .h5 with a layer of an application's own: it does not load its own file either.
        return {**row, "refused": f"by Keras: {str(error).split('.')[0]}"}
    after = steps.values(trained)
    moved = [v.path for v, old, new in zip(steps.floating(original), before, after) if not np.array_equal(old, new)]
    wanted = [v.path for v, is_trainable, change in zip(steps.floating(original), steps.trainable(original), changes)
              if is_trainable and np.abs(change).max() > ROUNDING * np.abs(v.numpy()).max()]
    still = [path for path in wanted if path not in moved]
    others = [v.path for v, is_trainable, change in zip(steps.floating(original), steps.trainable(original), changes)
              if v.path in moved and not is_trainable and not np.any(change)]
    errors = [np.abs(new - (old + change)).max() / max(np.abs(old + change).max(), 1e-30)
              for old, new, change in zip(before, after, changes)]
    got = steps.logits_of(trained, steps.fed(Pixels(net["pixels"]), pixels))
    problems = [*untouched(folder / file["file"], path), *(f"{path} moved" for path in others)]
    if len(ours["trained"]) != sum(steps.trainable(original)):
        problems.append(f"{len(ours['trained'])} of {sum(steps.trainable(original))} trainable weights trained")
    return {
        **row,
        "trains": still or "all",
        "numbers": float(max(errors)),
        "home": float(np.abs(got - np.asarray(ours["logits"])).max() / np.abs(got).max()),
        **({"besides": problems} if problems else {}),
    }


class Pixels:
    def __init__(self, pixels):
        self.pixels = pixels


def untouched(before, after):
    """What of the file changed beside its float variables and the optimizer's."""
    problems = []
    if before.suffix == ".keras":
        with zipfile.ZipFile(before) as a, zipfile.ZipFile(after) as b:
            if a.namelist() != b.namelist():
                problems.append(f"entries {b.namelist()}")
            problems += [f"{n} changed" for n in ("config.json", "metadata.json") if a.read(n) != b.read(n)]
    old, new = keras_files.stored(before), keras_files.stored(after)
    if list(old) != list(new):
        problems.append("other data sets")
    problems += [f"{n} changed" for n in old if old[n].dtype != np.float32 and not np.array_equal(old[n], new[n])]
    return problems


def onnx_columns(path, model, ours):
    """Which of Keras's trainable weights train in an ONNX file: those whose numbers an initializer that trains holds."""
    arrays = {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
    trained = [np.sort(arrays[n].ravel()) for n in ours["trained"] if n in arrays]

    def trains(variable):
        numbers = np.sort(variable.numpy().ravel())
        return any(a.size == numbers.size and np.allclose(a, numbers, rtol=1e-5, atol=1e-6) for a in trained)

    frozen = [v for v, is_trainable in zip(steps.floating(model), steps.trainable(model)) if is_trainable and not trains(v)]
    folded = [v.path for v in frozen if v.name in ("gamma", "beta", "kernel", "bias", "depthwise_kernel", "pointwise_kernel")]
    says = any("BatchNormalization" in note for note in ours["notes"])
    return {"trains": [v.path for v in frozen] or "all", **({"folded": folded} if folded and says else {})}


if __name__ == "__main__":
    command, folder, *rest = [*sys.argv[1:], "", ""][: max(2, len(sys.argv) - 1)]
    commands = {"export": export, "verify": verify}
    if command not in commands:
        raise SystemExit(__doc__)
    commands[command](Path(folder), *rest)
