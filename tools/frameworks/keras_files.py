"""The files of test/fixtures/keras: what they hold, and the record beside them."""
import io
import json
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import onnx
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "test" / "fixtures" / "keras"
sys.path.append(str(ROOT / "tools" / "zoo"))

import records  # noqa: E402


def stored(path):
    """Data sets of a .keras or .h5 file by their path."""
    found = {}
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            source = io.BytesIO(archive.read("model.weights.h5"))
    else:
        source = path
    with h5py.File(source) as file:
        file.visititems(lambda key, item: found.update({key: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return {key: value for key, value in found.items() if not key.startswith("optimizer")}


def place(value, tensors):
    """Where a variable lies in a file, by its numbers."""
    found = [key for key, other in tensors.items() if np.array_equal(value, other)]
    if len(found) != 1:
        raise RuntimeError(f"a variable is in the file {len(found)} times: {found}")
    return found[0]


def write_reference(path, name, pixels, labels, outcome, places):
    """Keras's numbers, the changes by the place of the variable in the .keras file."""
    outputs = {
        "logits": outcome.logits,
        "logits-after": outcome.logits_after,
        "predictions": outcome.predictions,
        "predictions-after": outcome.predictions_after,
    }
    changes = {f"change:{place}": change for place, change in zip(places, outcome.changes, strict=True)}
    records.tensors_file(path, name, pixels, labels, outputs, changes, "tools/frameworks")


def reference(name):
    """The images as bytes and Keras's predictions."""
    graph = onnx.load(str(FIXTURES / f"{name}.step.onnx")).graph
    tensors = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    return tensors["images"], tensors["predictions"]


def read_record(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def write_record(name, fields):
    """JSON with a line for each file and variable."""
    lines = [f' "{key}": {json.dumps(value)}' for key, value in fields.items() if key not in ("files", "variables")]
    for key in ("files", "variables"):
        rows = ",\n".join(f"  {json.dumps(row)}" for row in fields[key])
        lines.append(f' "{key}": [\n{rows}\n ]')
    (FIXTURES / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def add_file(name, path, tensors):
    """Another file of the same model: the places of the variables in it, in the record's order."""
    record = read_record(name)
    own = stored(FIXTURES / f"{name}.keras")
    places = [place(own[v["place"]], tensors) for v in record["variables"]]
    others = [row for row in record["files"] if row["file"] != path.name]
    write_record(name, {**record, "files": [*others, {"file": path.name, "places": places}]})
    print(f"{path.name}: {len(places)} variables", flush=True)
