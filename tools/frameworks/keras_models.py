"""Keras classifiers of today's kinds, small. Each function makes a model that is not built on the caller's weights."""
import keras
from keras import applications, layers

L2 = keras.regularizers.L2


class Net:
    """
    build    () -> model; the name of a layer is the user's where a person would give one
    image    (height, width, channels)
    finish   what a user does before saving: compile, train, freeze
    pixels   what the model is fed: "unit", floats in [0, 1], or "bytes", floats from 0 to 255
    rate     of the three steps
    batch    images of each
    clear    how far other arithmetic may come from the changes, else a kink or a cancellation decides, not a mistake
    """

    def __init__(
        self, build, image, classes, pixels="unit", finish=lambda *_: None, rate=0.05, batch=6, clear=4e-4
    ):
        self.build, self.image, self.classes, self.pixels, self.finish = build, image, classes, pixels, finish
        self.rate, self.batch, self.clear = rate, batch, clear


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


def normalization():
    """Statistics of the data in front, as `adapt` leaves them."""
    inputs = keras.Input((10, 10, 3), name="pixels")
    x = layers.Normalization(name="pixel_statistics")(inputs)
    x = layers.Conv2D(6, 3, activation="gelu", kernel_initializer="he_normal")(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Activation("swish")(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(x))


def adapted(model, images, labels):
    model.get_layer("pixel_statistics").adapt(images)
    compiled(model, images, labels)


def rescaling():
    """Takes bytes."""
    return keras.Sequential(
        [
            keras.Input((11, 11, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.SpatialDropout2D(0.0),
            layers.AveragePooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dense(8, activation="tanh", kernel_regularizer="l2"),
            layers.Dense(3, name="logits"),
            layers.Softmax(),
        ],
        name="takes_bytes",
    )


def nested():
    """A backbone that is a model of its own, and a head."""
    inner = keras.Input((12, 12, 3))
    x = layers.ZeroPadding2D(1)(inner)
    x = layers.Conv2D(4, 3, strides=2, use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(name="bn")(x)
    x = layers.ReLU(6.0)(x)
    block = keras.Sequential([layers.Conv2D(6, 3, padding="same", name="inner"), layers.LeakyReLU(0.2)], name="block")
    backbone = keras.Model(inner, block(x), name="backbone")
    inputs = keras.Input((12, 12, 3))
    x = backbone(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="head")(x), name="with_head")


def frozen():
    """Transfer learning: the backbone frozen, one of its layers thawed again, the head trained."""
    return nested()


def freeze(model, images, labels):
    backbone = model.get_layer("backbone")
    backbone.trainable = False
    backbone.get_layer("block").trainable = True
    compiled(model, images, labels)


def frozen_layers():
    return keras.Sequential(
        [
            keras.Input((10, 10, 2)),
            layers.Conv2D(4, 3, trainable=False, kernel_regularizer="l1"),
            layers.BatchNormalization(trainable=False),
            layers.ReLU(),
            layers.Conv2D(4, 3, bias_regularizer=L2(0.02)),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def shared():
    """One convolution and one normalisation, called twice."""
    inputs = keras.Input((9, 9, 2))
    conv = layers.Conv2D(2, 3, padding="same", name="both_times", activation="elu")
    norm = layers.LayerNormalization()
    x = norm(conv(inputs))
    y = norm(conv(x))
    x = layers.Concatenate()([x, y])
    x = layers.Flatten()(layers.MaxPooling2D(3)(x))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def separable():
    """Xception's kind of block."""
    inputs = keras.Input((12, 12, 3))
    x = layers.SeparableConv2D(5, 3, depth_multiplier=2, name="first")(inputs)
    x = layers.BatchNormalization(center=False)(x)
    x = layers.Activation("selu")(x)
    x = layers.SeparableConv2D(5, 3, padding="same", use_bias=False)(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.UpSampling2D(2)(layers.MaxPooling2D(2, strides=2, padding="same")(x))
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(4, 1)(x)
    return keras.Model(inputs, layers.Softmax()(layers.Reshape((4,))(x)))


def vit():
    """Patches, blocks of attention and a perceptron, the mean of the tokens."""
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(8, 4, strides=4, name="patches")(inputs)
    x = layers.Reshape((9, 8))(x)
    for _ in range(2):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.MultiHeadAttention(num_heads=2, key_dim=4)(y, y)
        x = layers.Add()([x, y])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(16, activation="gelu")(y)
        y = layers.Dropout(0.0)(y)
        x = layers.Add()([x, layers.Dense(8)(y)])
    x = layers.LayerNormalization()(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(x), name="vit")


def group_norm():
    return keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            layers.Conv2D(6, 3),
            layers.GroupNormalization(groups=3),
            layers.Activation("relu"),
            layers.Conv2D(6, 3, groups=2),
            layers.GroupNormalization(groups=-1, epsilon=1e-4),
            layers.Activation("hard_sigmoid"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3),
        ]
    )


def layer_norm():
    """ConvNeXt's kind of block."""
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(6, 2, strides=2)(inputs)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.DepthwiseConv2D(5, padding="same")(x)
    y = layers.LayerNormalization(epsilon=1e-6)(y)
    y = layers.Dense(12, activation=keras.activations.gelu)(y)
    y = layers.Dense(6)(y)
    x = layers.Add()([x, y])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(x))


def regularized():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, kernel_regularizer=L2(0.01), activation="relu"),
            layers.DepthwiseConv2D(3, depthwise_regularizer=keras.regularizers.L1(0.01)),
            layers.BatchNormalization(gamma_regularizer=L2(0.02), beta_regularizer="l2"),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(6, kernel_regularizer=keras.regularizers.L1L2(1e-3, 1e-2), bias_regularizer="l1"),
            layers.ReLU(negative_slope=0.1),
            layers.Dense(3, activation="softmax", kernel_regularizer=keras.regularizers.L2(1e-4)),
        ]
    )


def sigmoid():
    """Two classes, one unit."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def augmented():
    """The augmentation of Keras's guide in front, as a model of its own."""
    augmentation = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.1)], name="augmentation"
    )
    inputs = keras.Input((10, 10, 3))
    x = augmentation(inputs)
    x = layers.RandomContrast(0.2)(x)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def mobilenet_v2():
    """The first blocks of the package's network, and a head."""
    base = applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, include_top=False)
    x = layers.GlobalAveragePooling2D()(base.get_layer("block_2_add").output)
    return keras.Model(base.input, layers.Dense(4, activation="softmax", name="predictions")(x))


def efficientnet():
    """The first blocks of a narrow one: deep ones on small images hang on roundings."""
    from keras.src.applications.efficientnet import EfficientNet

    base = EfficientNet(0.2, 0.1, 32, drop_connect_rate=0, weights=None, input_shape=(32, 32, 3), include_top=False)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(base.get_layer("block3a_project_bn").output)
    return keras.Model(base.input, layers.Dense(4, activation="softmax", name="predictions")(x), name="efficientnet")


def resnet_v2():
    from keras.src.applications import resnet

    def stacks(x):
        x = resnet.stack_residual_blocks_v2(x, 4, 2, name="conv2")
        return resnet.stack_residual_blocks_v2(x, 6, 2, name="conv3")

    return resnet.ResNet(stacks, True, True, weights=None, input_shape=(32, 32, 3), classes=4)


def convnext():
    from keras.src.applications.convnext import ConvNeXt

    return ConvNeXt(
        [1, 1, 2, 1], [6, 8, 10, 12], drop_path_rate=0.0, weights=None, input_shape=(32, 32, 3), classes=4
    )


def compiled(model, images, labels):
    """Trained by Adam for a step, whose state is saved too."""
    loss = "binary_crossentropy" if model.output_shape[1] == 1 else "sparse_categorical_crossentropy"
    model.compile("adam", loss, metrics=["accuracy"])
    model.train_on_batch(images, labels)


NETS = {
    "sequential": Net(sequential, (12, 12, 1), 5, finish=compiled),
    "residual": Net(residual, (13, 13, 3), 4),
    "normalization": Net(normalization, (10, 10, 3), 4, finish=adapted),
    "rescaling": Net(rescaling, (11, 11, 3), 3, pixels="bytes"),
    "nested": Net(nested, (12, 12, 3), 4),
    "frozen": Net(frozen, (12, 12, 3), 4, finish=freeze),
    "frozen-layers": Net(frozen_layers, (10, 10, 2), 3),
    "shared": Net(shared, (9, 9, 2), 3),
    "separable": Net(separable, (12, 12, 3), 4, finish=compiled),
    "vit": Net(vit, (12, 12, 3), 4),
    "group-norm": Net(group_norm, (10, 10, 3), 3),
    "layer-norm": Net(layer_norm, (12, 12, 3), 4),
    "regularized": Net(regularized, (8, 8, 3), 3),
    "sigmoid": Net(sigmoid, (8, 8, 1), 2, finish=compiled),
    "mobilenet-v2": Net(mobilenet_v2, (32, 32, 3), 4),
    "efficientnet": Net(efficientnet, (32, 32, 3), 4, pixels="bytes"),
    "resnet-v2": Net(resnet_v2, (32, 32, 3), 4),
    "convnext": Net(convnext, (32, 32, 3), 4, pixels="bytes"),
    "augmented": Net(augmented, (10, 10, 3), 3),
}


def warmed(model, images, labels):
    """Fifty random layers make chaos of a rounding; trained for a while they do not."""
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", jit_compile=False)
    for _ in range(60):
        model.train_on_batch(images, labels)


def application(build, size, settings, **options):
    def make():
        return build(weights=None, input_shape=(size, size, 3), classes=10, **options)

    return Net(make, (size, size, 3), 10, rate=1e-3, clear=1e-2, **settings)


# Too large to be committed: the harness alone has them.
LARGE = {
    "MobileNetV2 0.35": application(applications.MobileNetV2, 96, {"batch": 16, "finish": warmed}, alpha=0.35),
    "EfficientNetB0": application(applications.EfficientNetB0, 64, {"batch": 12, "finish": warmed, "pixels": "bytes"}),
    "ResNet50V2": application(applications.ResNet50V2, 64, {"batch": 12, "finish": warmed}),
    "ConvNeXtTiny": application(applications.ConvNeXtTiny, 32, {"batch": 3, "pixels": "bytes"}),
}
