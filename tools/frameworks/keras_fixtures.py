"""
Writes test/fixtures/keras: each model of keras_models.py as Keras saves it, and Keras's own three steps on it.

    python tools/frameworks/keras_fixtures.py [NAME …]
"""
import io
import json
import sys
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools" / "zoo"))

import keras_steps as steps  # noqa: E402, I001
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

import keras_outcome  # noqa: E402
import keras_models  # noqa: E402
import records  # noqa: E402

OUT = ROOT / "test" / "fixtures" / "keras"
TRIES = 20


def main(names):
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or keras_models.NETS:
        write(name, keras_models.NETS[name], OUT)


def write(name, net, out):
    model, pixels, labels, outcome = clear_case(name, net)
    file = out / f"{name}.keras"
    model.save(file)
    places = [place(value, weights_of(file)) for value in steps.values(model)]
    reference(out / f"{name}.step.onnx", name, pixels, labels, outcome, places)
    write_record(out / f"{name}.json", record(name, net, model, places, file))
    size = sum(path.stat().st_size for path in out.glob(f"{name}.*"))
    print(f"{name}: {size / 1e3:.0f} kB, error {outcome.error:.1e} at {outcome.where}", flush=True)


def reference(path, name, pixels, labels, outcome, places):
    """Keras's numbers, the changes by the place of the variable in the file."""
    outputs = {
        "logits": outcome.logits,
        "logits-after": outcome.logits_after,
        "predictions": outcome.predictions,
        "predictions-after": outcome.predictions_after,
    }
    changes = {f"change:{place}": change for place, change in zip(places, outcome.changes, strict=True)}
    records.tensors_file(path, name, pixels, labels, outputs, changes, "tools/frameworks")


def clear_case(name, net):
    """A model and images whose steps do not hang on a rounding."""
    for attempt in range(TRIES):
        seed = zlib.crc32(name.encode()) + attempt
        keras.utils.set_random_seed(seed % 2**31)
        keras.backend.clear_session()
        rng = np.random.default_rng(seed)
        model = net.build()
        pixels, labels = steps.batch(rng, net.image, net.classes)
        steps.disturb(model, rng)
        net.finish(model, steps.fed(net, pixels), labels)
        outcome = keras_outcome.Outcome(net, model, pixels, labels, rng)
        if outcome.is_clear:
            return model, pixels, labels, outcome
    raise RuntimeError(f"{name}: no clear case in {TRIES} tries, the last {outcome.error:.1e} at {outcome.where}")


def weights_of(path):
    """Data sets of a .keras file by their path."""
    found = {}
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(lambda key, item: found.update({key: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def record(name, net, model, places, file):
    trainable = steps.trainable(keras.models.load_model(file))
    if trainable != steps.trainable(model):
        raise RuntimeError(f"{name}: Keras trains something else of the saved model")
    rows = zip(places, steps.floating(model), trainable, strict=True)
    return {
        "net": name,
        "keras": keras.__version__,
        "image": list(net.image),
        "classes": net.classes,
        "pixels": net.pixels,
        # Where each lies in the file, Keras's path, and whether it is among trainable_weights.
        "variables": [
            {"place": place, "path": v.path, "shape": list(v.shape), "trainable": is_trainable}
            for place, v, is_trainable in rows
        ],
    }


def place(value, stored):
    found = [k for k, other in stored.items() if k.startswith("layers/") and np.array_equal(value, other)]
    if len(found) != 1:
        raise RuntimeError(f"a variable is in the file {len(found)} times: {found}")
    return found[0]


def write_record(path, fields):
    """JSON with a line for each variable."""
    rows = [f"  {json.dumps(row)}" for row in fields["variables"]]
    lines = [f' "{key}": {json.dumps(value)}' for key, value in fields.items() if key != "variables"]
    lines.append(' "variables": [\n' + ",\n".join(rows) + "\n ]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
