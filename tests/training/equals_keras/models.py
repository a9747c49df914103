"""Small models, compiled; each call makes the same one anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers

Make = Callable[[], Any]
COMPILED: dict[str, Any] = {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


def dense(**compiled: Any) -> Make:
    """Two layers for three classes; `compiled` takes the place of what is compiled otherwise."""

    def make() -> Any:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3, "softmax")])
        # Things that remember must be made anew with each model.
        model.compile(**{**COMPILED, **{name: value() if _is_recipe(value) else value for name, value in compiled.items()}})
        return model

    return make


PLAIN = dense()


def _is_recipe(value: Any) -> bool:
    return isinstance(value, type) or getattr(value, "__name__", "") == "<lambda>"


def stack(*make_layers: Callable[[], Any], shape: tuple[int, ...] | None = (4,), kind: type = keras.Sequential, **compiled: Any) -> Make:
    """Layers on each other; shape None leaves the model unbuilt."""

    def make() -> Any:
        inputs = [keras.Input(shape)] if shape is not None else []
        model = kind([*inputs, *(make_layer() for make_layer in make_layers)])
        model.compile(**{"optimizer": "sgd", "loss": "mse", **{name: v() if _is_recipe(v) else v for name, v in compiled.items()}})
        return model

    return make


def softmax() -> Any:
    return layers.Dense(3, "softmax")


def of_kind(kind: type, **compiled: Any) -> Make:
    """The same two layers as another kind of model."""

    def make() -> Any:
        model = kind([keras.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3, "softmax")])
        model.compile(**{**COMPILED, **compiled})
        return model

    return make


class PlainStep(keras.Sequential):
    """As Keras's guides write it: the data are a pair."""

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, self(x, training=True))
        return {metric.name: metric.result() for metric in self.metrics}


class WeightedStep(PlainStep):
    def train_step(self, data: Any) -> Any:
        x, y, weight = data if len(data) == 3 else (*data, None)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True), sample_weight=weight)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss, "parts": tf.stack([loss, 2 * loss])}


class OwnTest(keras.Sequential):
    def test_step(self, data: Any) -> Any:
        x, y = data
        return {"loss": self.compute_loss(y=y, y_pred=self(x, training=False)), "sum": tf.reduce_sum(x)}


class OwnLoss(keras.Sequential):
    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, **options: Any) -> Any:
        return 2 * super().compute_loss(x, y, y_pred, sample_weight, **options) + 0.1 * tf.reduce_mean(x)


class OwnMetrics(keras.Sequential):
    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return {**super().compute_metrics(x, y, y_pred, sample_weight), "spread": tf.reduce_max(y_pred)}


class OwnFunction(keras.Sequential):
    """Each batch is taken twice."""

    def make_train_function(self, *force: Any) -> Any:
        super().make_train_function(*force)
        step = self.train_function
        if getattr(step, "twice", False):
            return

        def twice(iterator: Any) -> Any:
            batch = next(iterator)
            step(iter(tf.data.Dataset.from_tensors(batch)))
            return step(iter(tf.data.Dataset.from_tensors(batch)))

        twice.twice = True  # type: ignore[attr-defined]
        self.train_function = twice


class OwnTestFunction(keras.Sequential):
    def make_test_function(self, *force: Any) -> Any:
        super().make_test_function(*force)
        test, self.test_function = self.test_function, lambda iterator: {**test(iterator), "own": 1.0}


class OwnFit(keras.Sequential):
    """Trains in two phases, each with a fit of Keras."""

    def fit(self, *data: Any, epochs: int = 1, **options: Any) -> Any:
        first = super().fit(*data, epochs=epochs, **options).history
        self.layers[0].trainable = False
        self.compile(**COMPILED)
        second = super().fit(*data, epochs=epochs + 1, **options).history
        return {name: first[name] + second[name] for name in first}


class OwnLoop(keras.Sequential):
    """Trains without Keras's fit, and takes no callbacks."""

    def fit(self, x: Any, y: Any, epochs: int = 1, **options: Any) -> Any:
        losses = [float(self.train_on_batch(x, y, return_dict=True)["loss"]) for _ in range(epochs)]
        return {"loss": losses}


class Sub(keras.Model):
    """A subclass, unbuilt until it sees data."""

    def __init__(self, _: Any = None) -> None:
        super().__init__()
        self.hidden, self.last = layers.Dense(5, "tanh"), layers.Dense(3, "softmax")

    def call(self, x: Any) -> Any:
        return self.last(self.hidden(x))


class NoisyLayer(layers.Layer):
    """Draws from a generator of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = keras.random.SeedGenerator(4)

    def call(self, x: Any, training: Any = None) -> Any:
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seeds) if training else x


class Penalty(layers.Layer):
    def call(self, x: Any) -> Any:
        self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
        return x


class Counting(layers.Layer):
    """Keeps a state that no gradient changes."""

    def build(self, shape: Any) -> None:
        self.total = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x: Any) -> Any:
        self.total.assign_add(keras.ops.sum(x))
        return x


def two_inputs(*, named: bool = True, **compiled: Any) -> Make:
    def make() -> Any:
        a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
        out = layers.Dense(3, "softmax")(layers.Concatenate()([a, b]))
        model = keras.Model({"a": a, "b": b} if named else [a, b], out)
        model.compile(**{**COMPILED, **compiled})
        return model

    return make


def two_outputs(*, named: bool = False, **compiled: Any) -> Make:
    def make() -> Any:
        inputs = keras.Input((4,))
        one, other = layers.Dense(3, "softmax", name="one")(inputs), layers.Dense(1, name="other")(inputs)
        model = keras.Model(inputs, {"one": one, "other": other} if named else [one, other])
        losses = {"one": "sparse_categorical_crossentropy", "other": "mse"}
        model.compile(**{"optimizer": "sgd", "loss": losses if named else list(losses.values()), **compiled})
        return model

    return make


def branched() -> Any:
    """Layers that are shared and joined, with a model inside."""
    inputs = keras.Input((4,))
    shared = layers.Dense(4, "relu")
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()])
    out = layers.Dense(3, "softmax")(layers.Add()([shared(inner(inputs)), shared(inputs)]))
    model = keras.Model(inputs, out)
    model.compile(**COMPILED)
    return model


def frozen(*, after: bool) -> Make:
    """With its first layer frozen before or after it was compiled."""

    def make() -> Any:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(5, "tanh"), layers.BatchNormalization(), layers.Dense(3, "softmax")])
        if after:
            model.compile(**COMPILED)
        model.layers[0].trainable = model.layers[1].trainable = False
        if not after:
            model.compile(**COMPILED)
        return model

    return make


def under_policy(policy: str, make: Make) -> Make:
    """Made under another dtype policy."""

    def made() -> Any:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            return make()
        finally:
            keras.config.set_dtype_policy(before)

    return made


def lookup() -> Any:
    model = keras.Sequential(
        [
            keras.Input((1,), dtype="string"),
            layers.StringLookup(vocabulary=["a", "b", "c"], output_mode="one_hot"),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile(**COMPILED)
    return model


def quantized() -> Any:
    model = dense()()
    model.quantize("int8")
    model.compile(**COMPILED)
    return model


def with_lora() -> Any:
    model = dense()()
    model.layers[0].enable_lora(2)
    model.compile(**COMPILED)
    return model
