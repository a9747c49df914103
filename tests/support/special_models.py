"""Special models, in the style of Keras's guides and of books: subclasses, custom training steps, several outputs, no loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

Made = tuple[keras.Model, Any, Any]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6)).astype("float32")
CLASSES = RNG.integers(0, 3, 40)
AMOUNTS = RNG.normal(size=(40, 1)).astype("float32")


class Plain(keras.Model):
    """A subclass that creates its weights on the first call."""

    def __init__(self, units: int = 3) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, "relu")
        self.drop = layers.Dropout(0.3)
        self.head = layers.Dense(units)

    def call(self, x: Any, *, training: bool = False) -> Any:
        return self.head(self.drop(self.hidden(x), training=training))


class WithBuild(Plain):
    """A subclass with its own `build`."""

    def build(self, shape: Any) -> None:
        self.hidden.build(shape)
        self.drop.build((None, 8))
        self.head.build((None, 8))
        self.built = True


class OddNames(Plain):
    """A subclass with attributes named like those of functional models."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs = layers.Dense(6, name="first")
        self.outputs = layers.Dense(3, name="last")

    def call(self, x: Any, *, training: bool = False) -> Any:
        return self.outputs(super().call(self.inputs(x), training=training))


class TwoHeads(keras.Model):
    """A subclass with two outputs."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.hidden, self.first, self.second = layers.Dense(8, "relu"), layers.Dense(3), layers.Dense(1)
        self.kind = kind

    def call(self, x: Any) -> Any:
        shared = self.hidden(x)
        pair = [self.first(shared), self.second(shared)]
        return dict(zip(("label", "amount"), pair, strict=True)) if self.kind is dict else self.kind(pair)


class TwoInputs(keras.Model):
    """A subclass that takes a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.head = layers.Dense(4), layers.Dense(4), layers.Dense(3)

    def call(self, x: Any) -> Any:
        return self.head(ops.concatenate([self.left(x["left"]), self.right(x["right"])], axis=-1))


class Distiller(keras.Model):
    """A small network trained on the output of a larger one: overrides `compile`, `compute_loss` and `call`."""

    def __init__(self, student: keras.Model, teacher: keras.Model) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher

    def compile(self, optimizer: Any, metrics: Any, student_loss: Any, distillation_loss: Any, alpha: float = 0.1) -> None:
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss, self.distillation_loss, self.alpha = student_loss, distillation_loss, alpha

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: Any = None) -> Any:
        taught = self.teacher(x, training=False)
        hard = self.student_loss(y, y_pred)
        soft = self.distillation_loss(ops.softmax(taught / 3, axis=1), ops.softmax(y_pred / 3, axis=1)) * 9
        return self.alpha * hard + (1 - self.alpha) * soft

    def call(self, x: Any) -> Any:
        return self.student(x)


class Gan(keras.Model):
    """A generator and a discriminator: with two optimizers, data without labels, and noise from a seed generator."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(1)])
        self.generator = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(6)])
        self.seeds = keras.random.SeedGenerator(1337)
        self.d_loss, self.g_loss = keras.metrics.Mean("d_loss"), keras.metrics.Mean("g_loss")

    def compile(self, d_optimizer: Any, g_optimizer: Any, loss_fn: Any) -> None:
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    @property
    def metrics(self) -> list[Any]:
        return [self.d_loss, self.g_loss]

    def train_step(self, data: Any) -> Any:
        real = data[0] if isinstance(data, tuple) else data
        count = ops.shape(real)[0]
        noise = keras.random.normal((count, 4), seed=self.seeds)
        mixed = ops.concatenate([self.generator(noise), real], axis=0)
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(mixed))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights, strict=True))
        noise = keras.random.normal((count, 4), seed=self.seeds)
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(ops.zeros((count, 1)), self.discriminator(self.generator(noise)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}


class Sampling(layers.Layer):
    """Samples from a normal distribution, and adds the KL divergence from the standard one as a loss."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seeds = keras.random.SeedGenerator(3)

    def call(self, inputs: Any) -> Any:
        mean, log_var = inputs
        self.add_loss(-0.5 * ops.mean(1 + log_var - mean**2 - ops.exp(log_var)))
        return mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), seed=self.seeds)


class AddedLoss(layers.Layer):
    """Returns its second argument, and adds the mean squared difference from the first as a loss."""

    def call(self, given: Any, made: Any) -> Any:
        self.add_loss(ops.mean((given - made) ** 2))
        return made


class OwnStep(keras.Model):
    """A functional model whose training step computes its own loss, as in Keras's guide on `train_step`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_fn = keras.losses.MeanSquaredError()

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    @property
    def metrics(self) -> list[Any]:
        return [self.loss_tracker, self.mae_metric]


def _subclass(kind: type) -> Made:
    model = kind()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model, X, CLASSES


def _two_heads(kind: type) -> Made:
    model = TwoHeads(kind)
    losses = [keras.losses.SparseCategoricalCrossentropy(from_logits=True), "mse"]
    if kind is dict:
        model.compile("adam", {"label": losses[0], "amount": losses[1]}, metrics={"label": "accuracy", "amount": "mae"})
        return model, X, {"label": CLASSES, "amount": AMOUNTS}
    model.compile("adam", losses, metrics=[["accuracy"], ["mae"]])
    return model, X, [CLASSES, AMOUNTS]


def _two_inputs() -> Made:
    model = TwoInputs()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, {"left": X[:, :3], "right": X[:, 3:]}, CLASSES


def _distiller() -> Made:
    student = keras.Sequential([keras.Input((6,)), layers.Dense(4, "relu"), layers.Dense(3)])
    teacher = keras.Sequential([keras.Input((6,)), layers.Dense(16, "relu"), layers.Dense(3)])
    model = Distiller(student, teacher)
    model.compile(
        keras.optimizers.Adam(),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
        student_loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        distillation_loss=keras.losses.KLDivergence(),
    )
    return model, X, CLASSES


def _gan() -> Made:
    model = Gan()
    model.compile(keras.optimizers.Adam(0.003), keras.optimizers.Adam(0.003), keras.losses.BinaryCrossentropy(from_logits=True))
    return model, X, None


def _vae(kind: type) -> Made:
    given = keras.Input((6,))
    hidden = layers.Dense(8, "relu")(given)
    drawn = Sampling()([layers.Dense(2)(hidden), layers.Dense(2)(hidden)])
    made = AddedLoss()(given, layers.Dense(6)(drawn))
    model = kind(given, made)
    model.compile(keras.optimizers.Adam(0.01))
    return model, X, None


def _unbuilt_added_loss() -> Made:
    model = keras.Sequential([layers.Dense(8, "relu", activity_regularizer="l2"), layers.Dense(3)])
    model.compile("adam")
    return model, X, None


def _own_step() -> Made:
    given = keras.Input((6,))
    model = OwnStep(given, layers.Dense(1)(layers.Dense(8, "relu")(given)))
    model.compile(optimizer="adam")
    return model, X, AMOUNTS


def _several(kind: type) -> Made:
    given = keras.Input((6,))
    shared = layers.Dense(8, "relu")(given)
    first, second = layers.Dense(3, "softmax", name="label")(shared), layers.Dense(1, name="amount")(shared)
    model = keras.Model(given, {"label": first, "amount": second} if kind is dict else [first, second])
    model.compile(
        "adam",
        {"label": "sparse_categorical_crossentropy", "amount": "mse"},
        metrics={"label": "accuracy"},
        loss_weights={"label": 0.5, "amount": 2.0},
    )
    return model, X, {"label": CLASSES, "amount": AMOUNTS} if kind is dict else [CLASSES, AMOUNTS]


def _nested() -> Made:
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(8, "relu"), layers.BatchNormalization()])
    given = keras.Input((6,))
    model = keras.Model(given, layers.Dense(3, "softmax")(inner(layers.Dense(8)(given))))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, X, CLASSES


SPECIAL: dict[str, Callable[[], Made]] = {
    "subclass": lambda: _subclass(Plain),
    "subclass with build": lambda: _subclass(WithBuild),
    "subclass with parts called outputs": lambda: _subclass(OddNames),
    "subclass, two outputs, list": lambda: _two_heads(list),
    "subclass, two outputs, tuple": lambda: _two_heads(tuple),
    "subclass, two outputs, dict": lambda: _two_heads(dict),
    "subclass, two inputs": _two_inputs,
    "distiller": _distiller,
    "gan": _gan,
    "vae by add_loss": lambda: _vae(keras.Model),
    "unbuilt, loss added": _unbuilt_added_loss,
    "own train_step without a loss": _own_step,
    "functional, two outputs, list": lambda: _several(list),
    "functional, two outputs, dict": lambda: _several(dict),
    "nested": _nested,
}
