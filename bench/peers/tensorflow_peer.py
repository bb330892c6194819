"""
TensorFlow's side of the benchmark, each step one tf.function; protocol.py has how it is asked. Options: --threads N (default 2).

Steps of LeNet and the CIFAR CNN, method base and rwa "careful" as in torch_peer.py. Channels last, as TensorFlow's convolutions
for CPUs are. Weights are those of the workload, turned to TensorFlow's order.
"""
import argparse
import math

import tensorflow as tf
from protocol import ALIGNMENT_WEIGHT, LEARNING_RATES, OPTIMIZERS, Unavailable, serve


def lenet(w, x):
    x = pooled(conv(w, "conv1", x, "SAME"))
    x = pooled(conv(w, "conv2", x, "VALID"))
    x = tf.nn.relu(dense(w, "fc1", flat(x)))
    return dense(w, "fc3", tf.nn.relu(dense(w, "fc2", x)))


def cifar_cnn(w, x):
    x = pooled(conv(w, "conv1", x, "VALID"))
    x = pooled(conv(w, "conv2", x, "VALID"))
    x = tf.nn.relu(conv(w, "conv3", x, "VALID"))
    return dense(w, "fc2", tf.nn.relu(dense(w, "fc1", flat(x))))


MODELS = {"lenet": lenet, "cifarCnn": cifar_cnn}


def conv(w, name, x, padding):
    return tf.nn.bias_add(tf.nn.conv2d(x, w[f"{name}.weight"], 1, padding), w[f"{name}.bias"])


def pooled(x):
    return tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID")


def flat(x):
    """In the order C, H, W, as the dense weights of the workload expect."""
    x = tf.transpose(x, [0, 3, 1, 2])
    return tf.reshape(x, [tf.shape(x)[0], math.prod(x.shape[1:])])


def dense(w, name, x):
    return tf.matmul(x, w[f"{name}.weight"]) + w[f"{name}.bias"]


def cross_entropy(logits, labels):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def turned(value):
    """[out, in, k, k] -> [k, k, in, out]; [out, in] -> [in, out]."""
    return value.transpose({4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}[value.ndim])


class Adam:
    """The fused kernel that Keras's Adam calls, without what Keras changes around it between versions."""

    BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

    def __init__(self, variables, rate):
        self.rate = rate
        self.steps = tf.Variable(0.0)
        self.slots = [(p, tf.Variable(tf.zeros_like(p)), tf.Variable(tf.zeros_like(p))) for p in variables]

    def update(self, gradients):
        t = self.steps.assign_add(1.0)
        for (parameter, m, v), gradient in zip(self.slots, gradients):
            tf.raw_ops.ResourceApplyAdam(
                var=parameter.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=tf.pow(self.BETA1, t),
                beta2_power=tf.pow(self.BETA2, t),
                lr=self.rate,
                beta1=self.BETA1,
                beta2=self.BETA2,
                epsilon=self.EPSILON,
                grad=gradient,
            )


class Training:
    def __init__(self, job, tensors):
        if job["work"] != "step" or job["model"] not in MODELS:
            raise Unavailable("the TensorFlow peer does steps of LeNet and the CIFAR CNN only")
        prefix = "model."
        weights = {n[len(prefix) :]: tf.Variable(turned(v)) for n, v in tensors.items() if n.startswith(prefix)}
        variables = list(weights.values())
        images = tf.constant(tensors["images"].transpose(0, 2, 3, 1))
        labels = tf.constant(tensors["labels"])
        n, members = len(tensors["labels"]), len(tensors["images"]) // len(tensors["labels"])
        rate = LEARNING_RATES[OPTIMIZERS[job["model"]]]
        adam = Adam(variables, rate)
        model = MODELS[job["model"]]

        def base_loss(images):
            return tf.reduce_mean(cross_entropy(model(weights, images), labels))

        def rwa_loss(both):
            z, z_worst = tf.split(model(weights, both), 2)
            distance = tf.reduce_mean(tf.reduce_sum(tf.square(z - z_worst), axis=1))
            losses = cross_entropy(z, labels) + cross_entropy(z_worst, labels)
            return tf.reduce_mean(losses) + ALIGNMENT_WEIGHT * distance

        def clean_and_worst(images):
            losses = tf.reshape(cross_entropy(model(weights, images), tf.tile(labels, [members])), [members, n])
            rows = tf.range(n, dtype=tf.int64)
            return tf.gather(images, tf.concat([rows, tf.argmax(losses) * n + rows], axis=0))

        @tf.function
        def step(images):
            # Outside the tape: the selection has no gradient.
            taken = images if job["method"] == "base" else clean_and_worst(images)
            with tf.GradientTape() as tape:
                loss = base_loss(taken) if job["method"] == "base" else rwa_loss(taken)
            adam.update(tape.gradient(loss, variables))
            return loss

        # An argument, so that TensorFlow does not fold what it knows of a constant.
        self.run = lambda: float(step(images))
        self.losses = []

    def step(self):
        self.losses.append(self.run())

    def check(self):
        return {"first": self.losses[0], "second": self.losses[1], "last": self.losses[-1]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    serve({"versions": f"TensorFlow {tf.__version__}"}, Training)


if __name__ == "__main__":
    main()
