"""What Keras makes of a model: its predictions, and three plain SGD steps in its ordinary training mode."""
import os
import zlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

STEPS = 3


def batch(rng, image, classes, count):
    """Smooth random images [N, H, W, C] as bytes, and labels [N]."""
    height, width, channels = image
    coarse = tf.constant(rng.uniform(0, 255, (count, 5, 5, channels)))
    smooth = tf.image.resize(coarse, (height, width)).numpy()
    pixels = np.clip(smooth + rng.normal(0, 20, smooth.shape), 0, 255).round().astype(np.uint8)
    return pixels, rng.integers(0, classes, count)


def made(name, net, attempt=0):
    """The model with disturbed weights, images as bytes, labels, and the generator that drew them."""
    seed = zlib.crc32(name.encode()) + attempt
    keras.utils.set_random_seed(seed % 2**31)
    keras.backend.clear_session()
    rng = np.random.default_rng(seed)
    model = net.build()
    pixels, labels = batch(rng, net.image, net.classes, net.batch)
    disturb(model, rng)
    net.finish(model, fed(net, pixels), labels)
    return model, pixels, labels, rng


def fed(net, pixels):
    """The images as the model takes them."""
    return pixels / 255 if net.pixels == "unit" else pixels.astype(np.float64)


def disturb(model, rng):
    """Moves every weight and statistic off its start, where ones and zeros would hide a mistake."""
    for variable in floating(model):
        value = variable.numpy()
        noise = rng.uniform(-1, 1, value.shape).astype(value.dtype)
        # Of a Normalization the statistics are data, and of adapted ones the pixels' own.
        if "/count" in variable.path or "normalization" in variable.path and variable.name in ("mean", "variance"):
            continue
        variable.assign(value * (1 + 0.3 * noise) if variable.name == "moving_variance" else value + 0.1 * noise)


def floating(model):
    """Variables in Keras's order, without counts and the states of random generators. Their paths may repeat."""
    return [v for v in model.variables if "float" in v.dtype]


def values(model):
    return [v.numpy() for v in floating(model)]


def trainable(model):
    """Of each of the `floating`, whether Keras trains it."""
    ours = {id(v) for v in model.trainable_variables}
    return [id(v) in ours for v in floating(model)]


def logits_of(model, images):
    """[N, K]; what goes into a last softmax. One sigmoid unit is two classes with the logits 0 and its own."""
    outputs = model(images, training=False)
    logits = getattr(outputs, "_keras_logits", outputs).numpy()
    return np.concatenate([np.zeros_like(logits), logits], 1) if logits.shape[1] == 1 else logits


def loss_of(model):
    """The loss that a Keras user would compile the model with."""
    outputs = model(np.zeros((1, *model.input_shape[1:])), training=False)
    if outputs.shape[1] == 1:
        return keras.losses.BinaryCrossentropy()
    return keras.losses.SparseCategoricalCrossentropy(from_logits=not hasattr(outputs, "_keras_logits"))


def three_steps(model, images, labels, rate):
    # Without XLA, which compiles a deep network in float64 for longer than all else takes.
    model.compile(keras.optimizers.SGD(rate), loss_of(model), jit_compile=False)
    for _ in range(STEPS):
        model.train_on_batch(images, labels)
