"""
Writes test/fixtures/keras-layers.json: small models, each about one layer or operation of Keras, with their weights, and
Keras's own logits and gradients in evaluation mode. Keras 3.15.1, TensorFlow backend (requirements-keras.txt).

    python tools/frameworks/keras_layers.py
"""
import base64
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "keras-layers.json"
LABELS = [0, 3, 1]
IMAGE = (6, 7, 2)

conv = lambda **kw: layers.Conv2D(**{"filters": 3, "kernel_size": 3, **kw})

CASES = {
    "Conv2D groups": [conv(filters=4, groups=2, activation="relu")],
    "Conv2D dilation": [conv(dilation_rate=2, kernel_size=2, padding="same")],
    "Conv1D causal": [layers.Reshape((14, 6)), layers.Conv1D(3, 3, padding="causal", dilation_rate=2)],
    "Conv1D same strides": [layers.Reshape((14, 6)), layers.Conv1D(3, 4, padding="same", strides=3)],
    "Conv2DTranspose same": [layers.Conv2DTranspose(2, 3, strides=2, padding="same", activation="tanh")],
    "Conv2DTranspose valid, stride above kernel": [layers.Conv2DTranspose(2, 2, strides=3)],
    "Conv1DTranspose": [layers.Reshape((14, 6)), layers.Conv1DTranspose(2, 4, strides=2, padding="same")],
    "DepthwiseConv2D dilation": [layers.DepthwiseConv2D(2, depth_multiplier=2, dilation_rate=2)],
    "DepthwiseConv1D": [layers.Reshape((14, 6)), layers.DepthwiseConv1D(3, strides=2, padding="same")],
    "SeparableConv2D": [layers.SeparableConv2D(3, 3, strides=2, padding="same", depth_multiplier=2)],
    "SeparableConv1D": [layers.Reshape((14, 6)), layers.SeparableConv1D(3, 3, activation="silu")],
    "MaxPooling2D same": [layers.MaxPooling2D(3, strides=2, padding="same")],
    "AveragePooling2D same": [layers.AveragePooling2D((2, 4), strides=(2, 3), padding="same")],
    "MaxPooling1D": [layers.Reshape((14, 6)), layers.MaxPooling1D(3, strides=2)],
    "AveragePooling1D same": [layers.Reshape((14, 6)), layers.AveragePooling1D(3, strides=2, padding="same")],
    "GlobalAveragePooling2D keepdims": [layers.GlobalAveragePooling2D(keepdims=True), conv(kernel_size=1)],
    "GlobalMaxPooling1D": [layers.Reshape((14, 6)), layers.GlobalMaxPooling1D()],
    "BatchNormalization": [layers.BatchNormalization(epsilon=0.01)],
    "BatchNormalization without scale": [layers.BatchNormalization(scale=False)],
    "BatchNormalization of vectors": [layers.Flatten(), layers.BatchNormalization(center=False)],
    "LayerNormalization": [layers.LayerNormalization()],
    "LayerNormalization all axes": [layers.LayerNormalization(axis=[1, 2, 3], center=False)],
    "GroupNormalization": [conv(filters=6), layers.GroupNormalization(3)],
    "GroupNormalization by channels": [layers.GroupNormalization(-1, scale=False)],
    "RMSNormalization": [layers.RMSNormalization()],
    "UnitNormalization": [layers.UnitNormalization()],
    "Normalization given": [layers.Normalization(mean=[0.4, 0.5], variance=[0.2, 0.3])],
    "Normalization inverted": [layers.Normalization(axis=None, mean=0.3, variance=0.5, invert=True)],
    "Rescaling by channel": [layers.Rescaling([2.0, 3.0], offset=[-1.0, 0.5])],
    "Resizing bilinear": [layers.Resizing(9, 4)],
    "Resizing nearest": [layers.Resizing(4, 10, interpolation="nearest")],
    "Resizing crop": [layers.Resizing(4, 3, crop_to_aspect_ratio=True)],
    "CenterCrop": [layers.CenterCrop(3, 4)],
    "UpSampling2D": [layers.UpSampling2D((2, 3))],
    "UpSampling2D bilinear": [layers.UpSampling2D(2, interpolation="bilinear")],
    "UpSampling1D": [layers.Reshape((14, 6)), layers.UpSampling1D(2)],
    "ZeroPadding2D": [layers.ZeroPadding2D(((0, 2), (1, 0))), conv()],
    "ZeroPadding1D": [layers.Reshape((14, 6)), layers.ZeroPadding1D((1, 2)), layers.Conv1D(2, 3)],
    "Cropping2D": [layers.Cropping2D(((1, 2), (0, 3)))],
    "Cropping1D": [layers.Reshape((14, 6)), layers.Cropping1D((2, 3))],
    "RepeatVector": [layers.GlobalAveragePooling2D(), layers.RepeatVector(3), layers.Conv1D(2, 2)],
    "Permute": [layers.Permute((3, 1, 2)), conv(kernel_size=2)],
    "PReLU": [conv(), layers.PReLU(shared_axes=[1, 2])],
    "ReLU": [conv(), layers.ReLU(max_value=0.4, negative_slope=0.1, threshold=0.05)],
    "LeakyReLU": [conv(), layers.LeakyReLU(0.2)],
    "ELU": [conv(), layers.ELU(0.7)],
    "Softmax of rows": [layers.Softmax(axis=1)],
    "activation as layer": [conv(activation=layers.ReLU(max_value=0.3))],
    "Dense on channels": [layers.Dense(3, activation="gelu")],
    "Dropout": [layers.Dropout(0.5), layers.SpatialDropout2D(0.5), layers.GaussianNoise(1.0), layers.Identity()],
    "Dropout noise_shape": [layers.Dropout(0.5, noise_shape=(None, 1, 1, 2))],
    "Add of three": lambda x: layers.Add()([x, conv(filters=2, padding="same")(x), x]),
    "Subtract": lambda x: layers.Subtract()([x, conv(filters=2, padding="same")(x)]),
    "Multiply by a gate": lambda x: layers.Multiply()([x, layers.Reshape((1, 1, 2))(layers.GlobalMaxPooling2D()(x))]),
    "Maximum": lambda x: layers.Maximum()([x, conv(filters=2, padding="same")(x)]),
    "Concatenate rows": lambda x: layers.Concatenate(axis=1)([x, conv(filters=2, kernel_size=1)(x)]),
    "Dot": lambda x: layers.Dot(axes=1)([layers.Flatten()(x), layers.Flatten()(conv(filters=2, padding="same")(x))]),
    "MultiHeadAttention": lambda x: layers.MultiHeadAttention(2, 3)(*[layers.Reshape((14, 6))(x)] * 2),
    "MultiHeadAttention of two": lambda x: layers.MultiHeadAttention(2, 3, value_dim=4, output_shape=5, use_bias=False)(
        query=layers.Reshape((14, 6))(x), key=layers.Reshape((21, 4))(x), value=layers.Reshape((21, 4))(x)
    ),
    "operators": lambda x: 1 - ops.relu(x) * 2 + x / 3 - (-x),
    "operation with an array": lambda x: x * np.array([1.0, -2.0], "float32") + np.arange(7.0, dtype="float32")[:, None],
    "indexing": lambda x: ops.concatenate([x[:, 1:5:2], x[:, 2:4]], axis=1)[..., 0],
    "split": lambda x: ops.add(*ops.split(x, 2, axis=-1)),
    "mean and maximum": lambda x: ops.concatenate([ops.mean(x, axis=(1, 2)), ops.max(x, axis=[1, 2])], axis=-1),
    "reduction that keeps axes": lambda x: x - ops.mean(x, axis=-1, keepdims=True),
    "reduction of rows": lambda x: layers.Conv1D(2, 2)(ops.sum(x, axis=1)),
    "reshape and transpose": lambda x: conv(kernel_size=1)(ops.transpose(ops.reshape(x, (-1, 7, 6, 2)), (0, 2, 1, 3))),
    "operations of activation": lambda x: ops.silu(x) + ops.gelu(x) + ops.softmax(x, axis=-1) + ops.leaky_relu(x) + ops.sigmoid(x),
    "numbers": lambda x: ops.sqrt(ops.square(x) + 1) + ops.exp(-ops.abs(x)) + ops.clip(x, -0.2, 0.3),
    **{
        f"Activation {name}": [conv(kernel_size=2), layers.Activation(name)]
        for name in (
            "relu6 selu softplus softsign silu gelu tanh sigmoid hard_sigmoid hard_silu exponential leaky_relu mish "
            "log_softmax log_sigmoid celu hard_tanh tanh_shrink soft_shrink hard_shrink squareplus"
        ).split()
    },
}


def model_of(body):
    inputs = keras.Input(IMAGE)
    x = layers.Conv2D(2, 2, padding="same", name="stem")(inputs)
    if callable(body):
        x = body(x)
    else:
        for layer in body:
            x = layer(x)
    if len(x.shape) > 2:
        x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(4, name="head")(x), name="case")


def packed(array):
    array = np.ascontiguousarray(array)
    return {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "data": base64.b64encode(array.tobytes()).decode(),
    }


def stored(model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            weights = io.BytesIO(archive.read("model.weights.h5"))
    tensors = {}
    with h5py.File(weights) as file:
        file.visititems(lambda key, item: tensors.update({key: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return config, tensors


def place(value, tensors):
    [found] = [key for key, other in tensors.items() if np.array_equal(value, other)]
    return found


def without_build(value):
    """The configuration without what the reader does not use, to keep the file small."""
    if isinstance(value, list):
        return [without_build(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = ("build_config", "compile_config", "kernel_initializer", "bias_initializer", "shared_object_id")
    return {key: without_build(item) for key, item in value.items() if key not in left_out}


def case(name, body, rng):
    keras.utils.set_random_seed(1)
    model = model_of(body)
    for variable in model.variables:
        if "float" in variable.dtype:
            noise = 0.5 * rng.standard_normal(variable.shape)
            variable.assign(0.5 + np.abs(noise) if "variance" in variable.name else noise)
    images = tf.constant(rng.uniform(0, 1, (len(LABELS), *IMAGE)).astype("float32"))
    with tf.GradientTape() as tape:
        logits = model(images, training=False)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits))
    gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
    config, tensors = stored(model)
    places = [place(v.numpy(), tensors) for v in model.trainable_variables]
    return {
        "name": name,
        "config": without_build(config),
        "tensors": {key: packed(value) for key, value in tensors.items()},
        "images": packed(images.numpy()),
        "logits": packed(logits.numpy()),
        "gradients": {key: packed(g.numpy()) for key, g in zip(places, gradients, strict=True)},
    }


def main():
    rng = np.random.default_rng(15)
    cases = [case(name, body, rng) for name, body in CASES.items()]
    head = json.dumps({"keras": keras.__version__, "labels": LABELS})[:-1]
    rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    OUT.write_text(f'{head}, "cases": [\n{rows}\n]}}\n')
    print(f"{len(cases)} cases, {OUT.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
