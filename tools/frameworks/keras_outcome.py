"""Changes of a model's weights in three steps, in float64, and how sure they are."""
import keras
import numpy as np

import keras_steps as steps

# float32 arithmetic, and float64 arithmetic on images and weights moved by a few roundings, must come this near to the
# change of each tensor: else a kink or a cancellation decides, not a mistake.
CLEAR_ERROR = 4e-4
ROUNDINGS = 1e-6
AUGMENTATION = ("Random", "RandAugment", "AugMix", "CutMix", "MixUp", "AutoContrast", "Equalization", "Solarization")


class Outcome:
    """
    changes             by variable path, what moves only
    logits, predictions [N, K], in evaluation mode, before the steps; …_after: after them
    """

    def __init__(self, net, model, pixels, labels, rng):
        images = steps.fed(net, pixels)
        wide, moved = copied(model, "float64"), copied(model, "float64")
        before = values(wide)
        self.logits, self.predictions = steps.logits_of(wide, images), wide(images, training=False).numpy()
        steps.three_steps(wide, images, labels)
        self.logits_after, self.predictions_after = steps.logits_of(wide, images), wide(images, training=False).numpy()
        self.changes = {n: v - before[n] for n, v in values(wide).items() if np.any(v != before[n])}

        single = copied(model, "float32")
        single_before = values(single)
        steps.three_steps(single, images.astype(np.float32), labels)
        errors = self.errors({n: v.astype(np.float64) - single_before[n] for n, v in values(single).items()})
        for variable in steps.floating(moved).values():
            value = variable.numpy()
            variable.assign(value * (1 + ROUNDINGS * rng.standard_normal(value.shape)))
        moved_before = values(moved)
        steps.three_steps(moved, images, labels)
        errors += self.errors({n: v - moved_before[n] for n, v in values(moved).items()})
        self.error, self.where = max(errors)

    def errors(self, changes):
        least = 1e-2 * max(np.abs(c).max() for c in self.changes.values())
        return [
            (np.abs(changes[name] - want).max() / max(np.abs(want).max(), least), name)
            for name, want in self.changes.items()
        ]

    @property
    def is_clear(self):
        return self.error < CLEAR_ERROR


def values(model):
    return {name: variable.numpy() for name, variable in steps.floating(model).items()}


def copied(model, dtype):
    """A copy that computes in `dtype`, with augmentation layers left out, as alignreg leaves them out of training."""

    def clone(layer):
        config = layer.get_config()
        if type(layer).__name__.startswith(AUGMENTATION):
            return keras.layers.Identity(name=layer.name, dtype=dtype)
        if isinstance(layer, keras.Model):
            return copied(layer, dtype)
        return type(layer).from_config({**config, "dtype": dtype})

    keras.config.set_floatx(dtype)
    try:
        copy = keras.models.clone_model(model, clone_function=clone)
    finally:
        keras.config.set_floatx("float32")
    for own, other in zip(steps.floating(copy).values(), steps.floating(model).values(), strict=True):
        own.assign(other.numpy())
    copy.trainable = True
    restore_trainable(copy, model)
    return copy


def restore_trainable(copy, model):
    for own, other in zip(copy.layers, model.layers, strict=True):
        if isinstance(other, keras.Model):
            restore_trainable(own, other)
        else:
            own.trainable = other.trainable
