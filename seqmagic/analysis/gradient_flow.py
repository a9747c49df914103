"""The gradient of the loss, layer by layer: whether it vanishes, or is very large."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.layer_outputs import LayerPlace, as_tensors, first_line, places_of, spread_rows
from seqmagic.data.held_out import count_rows, take_rows
from seqmagic.errors import printable
from seqmagic.keras_internals.walk import unchanged
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.translation import gettext

BATCHES, BATCH = 4, 32  # Batches to look at, and rows per batch: a few steps of a typical training.
# All layers share one learning rate: a layer whose gradient is a thousand times smaller than another's learns a thousand times more slowly.
# Networks that train well stay above 0.01; docs/look.md has the figures for both limits.
VANISHING = 1e-3
# As a multiple of the size of the weights: one step of SGD with Keras's default rate of 0.01 would then change them by a fifth. Networks
# that train well stay below 6.
VERY_LARGE = 20.0


@dataclass(frozen=True)
class LayerGradient:
    """The gradient that reaches a layer.

    Attributes:
        place: the layer.
        strength: the root mean square of the gradient, over the weights that it reaches; 0 if it reaches none.
        size: the root mean square of the weights themselves.
        share: strength relative to the layer where it is largest.
        batches, samples: how many were used.
    """

    place: LayerPlace
    strength: float
    size: float
    share: float
    batches: int = 1
    samples: int = 0

    @property
    def is_ill(self) -> bool:
        """Whether it vanishes or is very large."""
        return self.vanishes or self.is_large

    @property
    def vanishes(self) -> bool:
        """Whether hardly any gradient reaches this layer, compared with other layers."""
        return np.isfinite(self.strength) and self.share < VANISHING

    @property
    def is_large(self) -> bool:
        """Whether one step of plain SGD would change the weights far too much."""
        return not np.isfinite(self.strength) or self.strength > VERY_LARGE * self.size > 0

    @property
    def number(self) -> str:
        """The strength with two digits, and without an exponent where that is short.

        >>> [LayerGradient(LayerPlace(0, "first", None), strength, 0.1, 1.0).number for strength in (2e-6, 0.0241, 331.4, 4e9)]
        ['2e-06', '0.024', '331', '4e+09']
        """
        return f"{self.strength:,.0f}" if 100 <= self.strength < 1e6 else f"{self.strength:.2g}"

    @property
    def sentence(self) -> str:
        """What there is to say of the layer, with its numbers.

        >>> print(LayerGradient(LayerPlace(0, "first", None), 2e-6, 0.1, 2e-5).sentence)
        The gradient vanishes: it is 2e-06, 1/50,000 of the largest gradient of any layer. Try relu, he_normal, or batch normalization.
        """
        if not np.isfinite(self.strength):
            return gettext("The gradient is NaN or infinite. Look for NaN in the data, or start over with a lower learning rate.")
        if not self.strength:
            return gettext("No gradient reaches this layer, so it learns nothing from these samples. Look for dead units in later layers.")
        if self.is_large:
            times = gettext("{strength}, {rest:,.0f} times the size of the weights", strength=self.number, rest=self.strength / self.size)
            return gettext(
                "The gradient is very large: {times}. With SGD the training may diverge; Adam is less sensitive. Try scaled inputs "
                "and labels, smaller initial weights, or clipnorm=1.",
                times=times,
            )
        if self.vanishes:
            sentence = gettext(
                "The gradient vanishes: it is {strength:.2g}, 1/{share:,.0f} of the largest gradient of any layer",
                strength=self.strength,
                share=1 / self.share,
            )
            return gettext("{sentence}. Try relu, he_normal, or batch normalization.", sentence=sentence)
        return gettext(
            "The gradient is {strength:.2g}, the weights are {size:.2g} in size: neither vanishing nor very large.",
            strength=self.strength,
            size=self.size,
        )


def loss_gradients(model: keras.Model, x: Any, y: Any) -> tuple[float, list[Any]]:
    """The loss of a batch, including penalties, and its gradients: one for each trainable variable of the model.

    This is what a training step of Keras computes; moving means, seeds and metrics are not changed.

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    >>> model.compile("sgd", "mse")
    >>> loss, gradients = loss_gradients(model, keras.ops.array([[3.0]]), keras.ops.array([[1.0]]))
    >>> loss, float(gradients[0][0, 0])
    (4.0, 12.0)

    Args:
        x, y: a batch and its labels, as tensors.

    Raises:
        Exception: Whatever Keras raises; ValueError if the model was compiled without a loss.
    """
    variables = model.trainable_variables
    values = [tf.convert_to_tensor(variable.value) for variable in variables]
    with tf.GradientTape() as tape:
        tape.watch(values)
        with unchanged(zip(variables, values, strict=True)):
            loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=True), training=True)
    found = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return float(loss), [tf.convert_to_tensor(gradient) for gradient in found]


def follow_gradients(model: keras.Model, x: Any, y: Any, seconds: float = np.inf) -> list[LayerGradient] | str:
    """The gradients of each layer with trainable weights; or why there are none, as a sentence.

    Args:
        x, y: samples and their labels; at most 128 are used, evenly spaced, in batches of 32.
        seconds: after which no new batch is started.
    """
    begun = time.monotonic()
    if not getattr(model, "compiled", False):
        return gettext("Gradients need a loss, so compile the model first.")
    layers = _trained_layers(model)
    if not layers:
        return gettext("This model has no trainable weights.")
    size = fixed_batch_of(model) or BATCH
    rows = spread_rows(count_rows(x), BATCHES * size)
    squares, reached = np.zeros(len(model.trainable_variables)), np.zeros(len(model.trainable_variables))
    batches = samples = 0
    for first in range(0, max(1, len(rows) // size) * size, size):
        part = rows[first : first + size]
        try:
            _, gradients = loss_gradients(model, as_tensors(take_rows(x, part)), as_tensors(take_rows(y, part)))
        # Keras raises many types of exceptions for wrong labels, and the loss may be the notebook's own.
        except Exception as error:  # noqa: BLE001
            return gettext("The loss can't be computed with these labels: {line}", line=first_line(error))
        for place, gradient in enumerate(gradients):
            numbers = np.asarray(gradient, "float64")
            squares[place] += (numbers**2).sum()
            reached[place] += (numbers != 0).sum()
        batches, samples = batches + 1, samples + len(part)
        if time.monotonic() > begun + seconds:
            break
    return [replace(found, batches=batches, samples=samples) for found in _by_layer(model, layers, squares, reached)]


def _trained_layers(model: keras.Model) -> list[LayerPlace]:
    """The layers with trainable weights, each once; for a subclassed model its direct sublayers."""
    places = places_of(model) or [LayerPlace(number, printable(layer.name), layer) for number, layer in enumerate(model.layers)]
    first = {id(place.layer): place for place in reversed(places) if getattr(place.layer, "trainable_variables", ())}
    return sorted(first.values(), key=lambda place: place.number)


def _by_layer(model: keras.Model, layers: list[LayerPlace], squares: np.ndarray, reached: np.ndarray) -> list[LayerGradient]:
    where = {id(variable): place for place, variable in enumerate(model.trainable_variables)}
    found = []
    for layer in layers:
        variables = [variable for variable in layer.layer.trainable_variables if id(variable) in where]
        inside = [where[id(variable)] for variable in variables]
        strength = float(np.sqrt(squares[inside].sum() / max(1.0, reached[inside].sum())))
        weights = np.concatenate([np.asarray(keras.ops.convert_to_numpy(variable), "float64").reshape(-1) for variable in variables])
        found.append((layer, strength, float(np.sqrt((weights**2).mean()))))
    largest = max((strength for _, strength, _ in found if np.isfinite(strength)), default=0.0)
    return [LayerGradient(layer, strength, size, strength / largest if largest else 0.0) for layer, strength, size in found]
