"""The gradients of a model's output with respect to its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.layer_outputs import as_tensors, filled
from seqmagic.errors import printable
from seqmagic.keras_internals.walk import as_its_inputs, before_softmax, in_its_structure, is_walkable, walk
from seqmagic.translation import gettext


@dataclass(frozen=True)
class InputGradient:
    """The gradient of the output with respect to one input.

    Attributes:
        name: of the input; for tokens, of their embedding.
        values: the gradient, in the input's shape; for tokens its norm for each token; None if there is none.
        reason: why there is none, as a sentence.
        are_tokens: whether there is one value per token.
    """

    name: str
    values: np.ndarray | None
    reason: str = ""
    are_tokens: bool = False

    @property
    def strengths(self) -> np.ndarray:
        """The magnitude at each position; of an image's channels the maximum, as in K. Simonyan et al. (2014)."""
        if self.values is None:
            return np.zeros(0)
        strengths = np.abs(self.values)
        return strengths.max(axis=-1) if strengths.ndim > 2 else strengths


@dataclass(frozen=True)
class Explanation:
    """What one output depends on.

    Attributes:
        chosen: the column of the output.
        score: its value, before a softmax or sigmoid at the end of the network.
        gradients: one for each input, and one for each embedding.
    """

    chosen: int
    score: float
    gradients: tuple[InputGradient, ...]


def explain(model: keras.Model, x: Any, chosen: int | None = None) -> Explanation | str:
    """The gradient of one output with respect to the inputs; or why there is none, as a sentence.

    For a network that ends with softmax or sigmoid the logit is used: the probability hardly changes where the network is confident. The
    method is that of K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks" (2014), section 3.

    Args:
        x: one sample, with its batch axis.
        chosen: the column of the (first) output; by default the largest one. With one output per step or pixel, their sum is used.
    """
    if not is_walkable(model):
        return gettext("This model's call() is custom code, so gradients can't be followed through its layers.")
    inputs = as_its_inputs(model, as_tensors(filled(model, x)))
    watched = [tensor for tensor in inputs if tensor.dtype.is_floating]
    tokens: list[tuple[str, Any]] = []
    with tf.GradientTape() as tape:
        tape.watch(watched)
        outputs = _run(model, inputs, tape, tokens)
        scores = before_softmax(keras.tree.flatten(outputs)[0])
        of_sample = tf.reshape(scores[0], (-1, scores.shape[-1] if scores.shape.rank > 1 else 1))
        column = int(tf.argmax(tf.reduce_sum(of_sample, axis=0))) if chosen is None else chosen
        score = tf.reduce_sum(of_sample[:, column])
    found = tape.gradient(score, [*watched, *(tensor for _, tensor in tokens)])
    by_tensor = dict(zip(map(id, watched), found, strict=False))
    names = [tensor.name for tensor in model.inputs] if len(inputs) > 1 else [gettext("the input")]
    gradients = [_of_input(name, by_tensor, value) for name, value in zip(names, inputs, strict=True)]
    gradients += [_of_tokens(name, gradient) for (name, _), gradient in zip(tokens, found[len(watched) :], strict=True)]
    return Explanation(column, float(score), tuple(gradients))


def _run(model: keras.Model, inputs: list[Any], tape: tf.GradientTape, tokens: list[tuple[str, Any]]) -> Any:
    """Run the model and watch its embeddings' outputs with the tape."""
    steps = walk(model, in_its_structure(model, inputs))
    while True:
        try:
            way, outputs = next(steps)
        except StopIteration as end:
            return end.value
        if isinstance(way[-1], keras.layers.Embedding):
            tape.watch(outputs)
            tokens.append((printable(way[-1].name), outputs))


def _of_input(name: str, by_tensor: dict[int, Any], value: Any) -> InputGradient:
    shown = printable(name)
    if not value.dtype.is_floating:
        return InputGradient(
            shown, None, gettext("It contains categories or words, which can't change in small steps, so it has no gradient.")
        )
    gradient = by_tensor.get(id(value))
    if gradient is None:
        return InputGradient(shown, None, gettext("No gradient reaches it, because a layer on the way rounds or makes categories."))
    return InputGradient(shown, tf.convert_to_tensor(gradient).numpy()[0])


def _of_tokens(name: str, gradient: Any) -> InputGradient:
    if gradient is None:
        return InputGradient(name, None, gettext("The prediction doesn't depend on it."), are_tokens=True)
    return InputGradient(name, tf.norm(tf.convert_to_tensor(gradient)[0], axis=-1).numpy(), are_tokens=True)
