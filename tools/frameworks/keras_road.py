"""
Python's part of tools/frameworks/keras-road.ts, in the working folder.

    python keras_road.py save     a small functional net with BatchNormalization and Dropout: net.keras
    python keras_road.py judge    loads out/model.keras, predicts on views.f32, and compares with predictions.f32 and ours.json
"""
import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

TOLERANCE = 1e-5


def save():
    keras.utils.set_random_seed(0)
    images = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, 5, strides=2, use_bias=False, name="stem")(images)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9, name="stem_bn")(x))
    y = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(y))
    x = layers.MaxPooling2D()(layers.Concatenate()([x, y]))
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    keras.Model(images, layers.Dense(10, activation="softmax", name="digit")(x)).save("net.keras")


def judge():
    ours = json.loads(Path("ours.json").read_text())
    labels = np.array(ours["labels"])
    views = np.fromfile("views.f32", np.float32).reshape(ours["members"], len(labels), 28, 28, 1)
    expected = np.fromfile("predictions.f32", np.float32).reshape(ours["members"], len(labels), 10)
    model = keras.models.load_model("out/model.keras")
    predicted = np.stack([model.predict(batch, batch_size=250, verbose=0) for batch in views])
    is_right = predicted.argmax(axis=2) == labels
    found = {
        "clean": int(is_right[0].sum()),
        "robust": int(is_right.all(axis=0).sum()),
        "byMember": is_right.sum(axis=1).tolist(),
    }
    error = float(np.abs(predicted - expected).max())
    of = f"of {len(labels)} digits under {ours['members']} members"
    print(f"Keras {keras.__version__}: {found['clean']} right upright, {found['robust']} right under every member, {of}")
    print(f"here: {ours['clean']} and {ours['robust']}; predictions differ by {error:.1e} at most")
    wrong = [f"{key}: {found[key]} by Keras, {ours[key]} here" for key in found if found[key] != ours[key]]
    if not error < TOLERANCE:
        wrong.append(f"predictions differ by {error:.1e}, more than {TOLERANCE:.0e}")
    if not 0 < found["robust"] < found["clean"] < len(labels):
        wrong.append("accuracies of none or all tell nothing")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    commands = {"save": save, "judge": judge}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        raise SystemExit(__doc__)
    commands[sys.argv[1]]()
