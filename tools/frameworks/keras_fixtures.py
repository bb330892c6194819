"""
Writes test/fixtures/keras: each model of keras_models.py as Keras saves it, and Keras's own three steps on it.

    python tools/frameworks/keras_fixtures.py [NAME …]
"""
import sys

import keras_steps as steps
import keras

import keras_files
import keras_models
import keras_outcome

H5 = ["sequential", "nested", "vit", "normalization", "shared"]


def main(names):
    keras_files.FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in names or keras_models.NETS:
        write(name, keras_models.NETS[name])


def write(name, net):
    model, pixels, labels, outcome = keras_outcome.clear_case(name, net)
    file = keras_files.FIXTURES / f"{name}.keras"
    model.save(file)
    tensors = keras_files.stored(file)
    places = [keras_files.place(value, tensors) for value in steps.values(model)]
    keras_files.write_reference(file.with_suffix(".step.onnx"), name, pixels, labels, outcome, places)
    keras_files.write_record(name, record(name, net, model, places, file))
    if name in H5:
        model.save(file.with_suffix(".h5"))
        keras_files.add_file(name, file.with_suffix(".h5"), keras_files.stored(file.with_suffix(".h5")))
    size = sum(path.stat().st_size for path in keras_files.FIXTURES.glob(f"{name}.*"))
    print(f"{name}: {size / 1e3:.0f} kB, error {outcome.error:.1e} at {outcome.where}", flush=True)


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
        # Other files of the same model, with the places there, in the order of the variables.
        "files": [],
        # Where each lies in the .keras file, Keras's path, and whether it is among trainable_weights.
        "variables": [
            {"place": place, "path": v.path, "shape": list(v.shape), "trainable": is_trainable}
            for place, v, is_trainable in rows
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
