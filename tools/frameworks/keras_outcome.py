"""Changes of a model's weights in three steps, in float64, and how sure they are."""
import contextlib

import keras
import numpy as np

import keras_steps as steps

# How far weights are moved, to see what a rounding does.
ROUNDINGS = 1e-6
AUGMENTATION = ("Random", "RandAugment", "AugMix", "CutMix", "MixUp", "AutoContrast", "Equalization", "Solarization")


TRIES = 20


class Outcome:
    """
    changes             of the floating variables, in their order
    logits, predictions [N, K], in evaluation mode, before the steps; …_after: after them
    error, where        once is_clear was asked: how far another arithmetic comes from the changes, and which variable
    """

    def __init__(self, net, model, pixels, labels):
        images = steps.fed(net, pixels)
        with floats_of("float64"):
            wide = copied(model, "float64")
            self.logits, self.predictions = outputs_of(wide, images)
            self.changes = changes(wide, images, labels, net.rate)
            self.logits_after, self.predictions_after = outputs_of(wide, images)

    def is_clear(self, net, model, pixels, labels, rng):
        images = steps.fed(net, pixels)
        with floats_of("float64"):
            moved = copied(model, "float64")
            for variable in steps.floating(moved):
                value = variable.numpy()
                variable.assign(value * (1 + ROUNDINGS * rng.standard_normal(value.shape)))
            errors = self.errors(changes(moved, images, labels, net.rate))
        errors += self.errors(changes(copied(model, "float32"), images.astype(np.float32), labels, net.rate))
        self.error, worst = max(errors)
        self.where = steps.floating(model)[worst].path
        return self.error < net.clear

    def errors(self, changes):
        least = 1e-2 * max(np.abs(c).max() for c in self.changes)
        return [
            (np.abs(got - want).max() / max(np.abs(want).max(), least), i)
            for i, (got, want) in enumerate(zip(changes, self.changes, strict=True))
        ]


def clear_case(name, net):
    """A model and images whose steps do not hang on a rounding."""
    for attempt in range(TRIES):
        model, pixels, labels, rng = steps.made(name, net, attempt)
        outcome = Outcome(net, model, pixels, labels)
        if outcome.is_clear(net, model, pixels, labels, rng):
            return model, pixels, labels, outcome
        print(f"{name}: no clear case, {outcome.error:.1e} off at {outcome.where}", flush=True)
    raise RuntimeError(f"{name}: no clear case in {TRIES} tries, the last {outcome.error:.1e} at {outcome.where}")


def outputs_of(model, images):
    return steps.logits_of(model, images), model(images, training=False).numpy()


def changes(model, images, labels, rate):
    before = steps.values(model)
    steps.three_steps(model, images, labels, rate)
    return [after.astype(np.float64) - old for after, old in zip(steps.values(model), before, strict=True)]


@contextlib.contextmanager
def floats_of(dtype):
    """Losses and optimizers compute in it too."""
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx("float32")


def copied(model, dtype):
    """A copy that computes in `dtype`, with augmentation layers left out, as alignreg leaves them out of training."""
    copy = clone(model, dtype)
    for own, other in zip(steps.floating(copy), steps.floating(model), strict=True):
        own.assign(other.numpy())
    set_trainable(copy, model)
    for layer in copy.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:
            layer.finalize_state()
    return copy


def clone(model, dtype):
    def of_layer(layer):
        if type(layer).__name__.startswith(AUGMENTATION):
            return keras.layers.Identity(name=layer.name, dtype=dtype)
        if not isinstance(layer, keras.layers.Layer):
            return layer  # x + y is an operation without weights
        if isinstance(layer, keras.Model):
            return clone(layer, dtype)
        return type(layer).from_config({**layer.get_config(), "dtype": dtype})

    return keras.models.clone_model(model, clone_function=of_layer)


def set_trainable(copy, model):
    for own, other in zip(copy.layers, model.layers, strict=True):
        if isinstance(other, keras.Model):
            set_trainable(own, other)
        elif isinstance(own, keras.layers.Layer):
            own.trainable = other.trainable
