"""The task of a model: classification, binary or multi-label classification, or regression."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import keras
import numpy as np

from seqmagic.keras_internals.layers import operation_of
from seqmagic.measure import numbered
from seqmagic.network.endpoints import outputs_of
from seqmagic.network.loss_names import (
    CLASS_LOSSES,
    MARGIN_CLASS_LOSSES,
    MARGIN_LOSSES,
    NOT_NEGATIVE_LOSSES,
    REGRESSION_LOSSES,
    YES_OR_NO_LOSSES,
    loss_name,
    takes_logits,
)
from seqmagic.network.output_layer import activation_of, ending_of

YES_ACTIVATIONS = ("sigmoid", "hard_sigmoid")


class LearningTask(StrEnum):
    """The meaning of an output."""

    CLASSES = "one of several classes"
    YES_OR_NO = "yes or no"
    LABELS = "yes or no for each of several labels"
    AMOUNTS = "amounts"
    OTHER = "something else"


@dataclass(frozen=True)
class Head:
    """One output of a model.

    Attributes:
        name: its key, if the model returns a dict, otherwise its name in Keras; "" if there is only one. A name that another output has too
        is numbered.
        place: its index in Keras's order, which is that of the sorted keys of a dict.
        loss: that it was compiled with, or None.
        activation: of its last layer; None if it isn't known.
    """

    name: str = ""
    place: int = 0
    loss: Any = None
    activation: str | None = None

    @property
    def from_logits(self) -> bool:
        """Whether the output is logits, which the loss converts to probabilities.

        After a softmax or sigmoid Keras takes the logits from in front of it, whatever the loss expects: the output is probabilities.
        """
        return takes_logits(self.loss) and self.activation not in ("softmax", "sigmoid")

    @property
    def least_yes(self) -> float:
        """Above this output it is a yes, if the model gives no probabilities."""
        return 0.0 if loss_name(self.loss) in MARGIN_LOSSES else 0.5


def heads_of(model: keras.Model) -> list[Head]:
    """The outputs of a model, one or several."""
    loss = model.loss if getattr(model, "compiled", False) else None
    outputs = outputs_of(model)
    keys = model.output if outputs and not isinstance(model, keras.Sequential) else None
    keys = keys if isinstance(keys, dict) and len(keys) == len(outputs) else None  # Not of a dict that holds lists of outputs.
    if len(outputs) < 2 and keys is None:
        only = loss[0] if isinstance(loss, (list, tuple)) and len(loss) == 1 else loss
        only = next(iter(only.values())) if isinstance(only, dict) and len(only) == 1 else only
        return [Head(loss=only, activation=ending_of(model).activation)]
    given = list(model.output_names) if keys is None else keras.tree.flatten({key: key for key in keys})
    triples = zip(numbered(given), given, outputs, strict=True)
    return [
        Head(name, place, _loss_of(loss, own, place), activation_of(operation_of(tensor)))
        for place, (name, own, tensor) in enumerate(triples)
    ]


def heads_returned(model: keras.Model, whole: Any) -> list[Head]:
    """The outputs of a model by what it returned: those of a subclass are known only then.

    Args:
        whole: one array, or several in a list, tuple or dict.
    """
    heads, found = heads_of(model), keras.tree.flatten(whole)
    if len(heads) == len(found):
        return heads
    keyed = isinstance(whole, dict) and len(whole) == len(found)
    names = keras.tree.flatten({key: key for key in whole}) if keyed else [str(place) for place in range(len(found))]
    loss = model.loss if getattr(model, "compiled", False) else None
    return [Head(name, place, _loss_of(loss, name, place)) for place, name in enumerate(names)]


def _loss_of(loss: Any, name: str, place: int) -> Any:
    if isinstance(loss, dict):
        return loss.get(name)
    if isinstance(loss, (list, tuple)):
        return loss[place] if place < len(loss) else None
    return loss


def task_of(head: Head, outputs: np.ndarray) -> LearningTask:
    """The meaning of an output, by its loss, or otherwise by the last activation.

    >>> task_of(Head(loss="mse"), np.zeros((5, 1))), task_of(Head(activation="softmax"), np.zeros((5, 3)))
    (<LearningTask.AMOUNTS: 'amounts'>, <LearningTask.CLASSES: 'one of several classes'>)

    Args:
        outputs: one row per sample.
    """
    if outputs.ndim > 2:
        return LearningTask.OTHER
    units = outputs.shape[1] if outputs.ndim == 2 else 1
    name = loss_name(head.loss)
    if units > 1 and (name in CLASS_LOSSES or name in MARGIN_CLASS_LOSSES or head.activation == "softmax"):
        return LearningTask.CLASSES
    yes = name in YES_OR_NO_LOSSES or name in MARGIN_LOSSES
    yes = yes or (head.activation in YES_ACTIVATIONS and name not in (*REGRESSION_LOSSES, *NOT_NEGATIVE_LOSSES))
    if yes:
        return LearningTask.YES_OR_NO if units == 1 else LearningTask.LABELS
    return LearningTask.AMOUNTS


def probabilities_in(head: Head, task: LearningTask, outputs: np.ndarray) -> np.ndarray | None:
    """The probability of each class, or of class 1; None if a model gives none, as with a hinge loss.

    Args:
        outputs: one row per sample, with one or more columns.
    """
    if task not in (LearningTask.CLASSES, LearningTask.YES_OR_NO, LearningTask.LABELS):
        return None
    values = outputs.astype("float64")
    if head.from_logits and task == LearningTask.CLASSES:
        raised = np.exp(values - values.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)
    if head.from_logits:
        return 0.5 * (1 + np.tanh(values / 2))  # The logistic function, written so that it can't overflow.
    whole = values[np.isfinite(values).all(axis=1)]
    if loss_name(head.loss) in (*MARGIN_LOSSES, *MARGIN_CLASS_LOSSES) and head.activation not in ("softmax", *YES_ACTIVATIONS):
        return None
    if whole.size and (whole.min() < -1e-6 or whole.max() > 1 + 1e-6):
        return None
    if task == LearningTask.CLASSES and whole.size and np.abs(whole.sum(axis=1) - 1).max() > 1e-2:
        return None
    return values.clip(0, 1)  # Rounding may have led a little beyond.
