"""Models that were put together by Keras's functional form, or by code of one's own."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def chain() -> Any:
    inputs = keras.Input((8, 8, 1), name="picture")
    x = layers.Conv2D(4, 3, activation="relu", name="stem")(inputs)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="last")(layers.Flatten(name="flat")(x)), name="net")


def joined() -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    x = layers.Dense(5, name="left")(a)
    y = layers.Dense(5, name="right")(b)
    return keras.Model([a, b], layers.Dense(1, name="end")(layers.Concatenate(name="both")([x, y])))


def residual() -> Any:
    a = keras.Input((4,), name="a")
    return keras.Model(a, layers.Dense(4, name="inner")(a) + a)


def shared() -> Any:
    a, twice = keras.Input((4,), name="a"), layers.Dense(4, name="twice")
    return keras.Model(a, twice(twice(a)))


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.inside = layers.Dense(3, name="inside")

    def call(self, x: Any) -> Any:
        return self.inside(x)
