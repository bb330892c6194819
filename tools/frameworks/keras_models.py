"""Keras classifiers of today's kinds, small. Each function makes a model that is not built on the caller's weights."""
import keras
from keras import layers

L2 = keras.regularizers.L2


class Net:
    """
    build    () -> model; the name of a layer is the user's where a person would give one
    image    (height, width, channels)
    finish   what a user does before saving: compile, train, freeze
    pixels   what the model is fed: "unit", floats in [0, 1], or "bytes", floats from 0 to 255
    """

    def __init__(self, build, image, classes, pixels="unit", finish=lambda model, images, labels: None):
        self.build, self.image, self.classes, self.pixels, self.finish = build, image, classes, pixels, finish


def sequential():
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(4, 3, name="first_conv"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(6, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(0.0),
            layers.Dense(5, activation="softmax", name="classes"),
        ]
    )


def residual():
    def block(x, filters, strides):
        shortcut = x
        y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        y = layers.BatchNormalization()(y)
        y = layers.Activation("relu")(y)
        y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        if strides > 1:
            shortcut = layers.Conv2D(filters, 1, strides=strides)(x)
        return layers.Activation("relu")(layers.Add()([y, shortcut]))

    inputs = keras.Input((13, 13, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="stem")(inputs)
    x = block(x, 4, 1)
    x = block(x, 6, 2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(4)(x), name="residual")


def compiled(model, images, labels):
    """Trained by Adam for a step, whose state is saved too."""
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(images, labels)


NETS = {
    "sequential": Net(sequential, (12, 12, 1), 5, finish=compiled),
    "residual": Net(residual, (13, 13, 3), 4),
}
