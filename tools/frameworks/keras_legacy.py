"""
Beside the .keras files of test/fixtures/keras, the same models as Keras 2 saved them (.h5) and as TensorFlow.js' converter
writes the models of Keras 2 and Keras 3 (folders). Their record gets the places of the variables.

    TF_USE_LEGACY_KERAS=1 python tools/frameworks/keras_legacy.py      # requirements-keras2.txt
"""
import json
import os
import shutil
import sys
import tempfile
import types
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

# keras_models.py with Keras 2 under it.
sys.modules["keras"] = tf_keras
for name in ("tensorflow_decision_forests", "tensorflow_hub", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

import keras_files  # noqa: E402
import keras_models  # noqa: E402
from tensorflowjs import read_weights  # noqa: E402
from tensorflowjs.converters import converter  # noqa: E402

OUT = keras_files.FIXTURES
KERAS_2 = ["sequential", "nested", "regularized", "separable"]
KERAS_3 = ["sequential", "nested"]


def main():
    for name in KERAS_2:
        record = keras_files.read_record(name)
        stored = keras_files.stored(OUT / f"{name}.keras")
        values = {v["path"]: stored[v["place"]] for v in record["variables"]}
        tf_keras.backend.clear_session()
        model = keras_models.NETS[name].build()
        for weight in model.weights:
            own = weight.name.removesuffix(":0").replace("depthwise_conv2d/depthwise_kernel", "depthwise_conv2d/kernel")
            found = [path for path in values if f"/{path}".endswith("/" + own)]
            if len(found) != 1:
                raise RuntimeError(f"{name}: {weight.name} is {found}")
            weight.assign(values[found[0]])
        check(model, name, record)
        file = OUT / f"{name}.keras2.h5"
        model.save(file)
        keras_files.add_file(name, file, keras_files.stored(file))
        if name in KERAS_3:
            folder(name, OUT / f"{name}.keras2.tfjs", converter.dispatch_keras_h5_to_tfjs_layers_model_conversion, file)
            convert = converter.dispatch_keras_keras_to_tfjs_layers_model_conversion
            folder(name, OUT / f"{name}.keras3.tfjs", convert, OUT / f"{name}.keras")


def check(model, name, record):
    images, want = keras_files.reference(name)
    got = model.predict(images / 255.0 if record["pixels"] == "unit" else images.astype(float), verbose=0)
    if np.abs(got - want).max() > 1e-6:
        raise RuntimeError(f"{name}: Keras 2 predicts something else: {np.abs(got - want).max()}")


def folder(name, path, convert, source):
    shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        # The converter unpacks a .keras file where it lies.
        copy = shutil.copy(source, scratch)
        convert(copy, str(path))
    manifest = json.loads((path / "model.json").read_text())["weightsManifest"]
    groups = read_weights.read_weights(manifest, str(path), flatten=True)
    keras_files.add_file(name, path, {entry["name"]: entry["data"] for entry in groups})


if __name__ == "__main__":
    main()
