"""Checks of the loss: whether it fits the last layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqmagic.errors import CompileError, Span
from seqmagic.language import Program
from seqmagic.language import Sequence as Listed
from seqmagic.network.catalogue import ACTIVATIONS, METRICS
from seqmagic.network.change import Change
from seqmagic.network.changes import change_piece
from seqmagic.network.loss_names import (
    CLASS_LOSSES,
    PROBABILITY_LOSSES,
    REGRESSION_LOSSES,
    YES_OR_NO_LOSSES,
    loss_name,
    metric_name,
    takes_logits,
)
from seqmagic.network.other_names import BINARY, CATEGORICAL, SPARSE
from seqmagic.network.output_layer import Ending
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Mismatch:
    """A last layer and a loss that don't fit each other.

    Attributes:
        reason: as a sentence without its end.
        expected: what would fit.
        endings, losses: alternatives to suggest: activations of the last layer, and losses.
        fatal: whether training can't work; otherwise the pair is only unwise.
    """

    reason: str
    expected: str = ""
    endings: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    fatal: bool = True


class PairingError(CompileError):
    """The last layer and the loss don't fit each other.

    Attributes:
        mismatch: what doesn't fit.
        layer: the span of the last layer in the text, if it has one.
    """

    def __init__(self, mismatch: Mismatch, *, layer: Span | None = None, span: Span | None = None) -> None:
        super().__init__(gettext("{sentence}.", sentence=mismatch.reason), expected=mismatch.expected, span=span)
        self.mismatch = mismatch
        self.layer = layer


def check_pairing(ending: Ending, loss: Any, span: Span | None = None) -> None:
    """Refuse a loss that doesn't fit the last layer.

    Args:
        span: of the loss in the text.
    """
    for mismatch in find_mismatches(ending, loss):
        if mismatch.fatal:
            raise PairingError(mismatch, layer=ending.span, span=span)


def check_metrics(ending: Ending, loss: Any, metrics: Any, spans: Sequence[Span] = ()) -> None:
    """Refuse metrics that can't be computed from labels in the form that the loss takes.

    Args:
        spans: of the metrics in the text.
    """
    for index, metric in enumerate(metrics if isinstance(metrics, (list, tuple)) else ()):
        for mismatch in find_metric_mismatches(ending, loss, metric):
            if mismatch.fatal:
                raise PairingError(mismatch, span=spans[index] if index < len(spans) else None)


def metric_spans(program: Program) -> list[Span]:
    """The spans of the metrics in a program, in order."""
    metrics = [argument.value for part, argument in program.compile.compile_parts() if part == "metrics"] if program.compile else []
    return [item.span for value in metrics for item in (value.items if isinstance(value, Listed) else (value,))]


OF_CLASSES = ("iou", "mean_iou")  # These compare class indices by default.
# Metrics that accept integer labels, and metrics that only average.
OF_NUMBERS = ("accuracy", "crossentropy", "mean", "sum", "mean_metric_wrapper", *OF_CLASSES)


def find_metric_mismatches(ending: Ending, loss: Any, metric: Any) -> Iterator[Mismatch]:
    """Find reasons why a metric does not fit the labels of a loss."""
    name, labels = metric_name(metric), loss_name(loss)
    if name is None or not ending.units:
        return
    if labels == SPARSE and ending.units > 1 and not name.startswith("sparse_") and name not in OF_NUMBERS:
        reason = gettext(
            "{name!r} compares column by column, but the labels for {sparse!r} are one number per row", name=name, sparse=SPARSE
        )
        fitting = f"sparse_{name}" if METRICS.find(f"sparse_{name}") else "accuracy"
        yield Mismatch(reason, gettext("a metric for labels that are integers"), losses=(fitting,))
    if labels == CATEGORICAL and name.startswith("sparse_"):
        reason = gettext(
            "{name!r} takes labels that are one number per row, but those for {labels!r} have one column per class",
            name=name,
            labels=labels,
        )
        yield Mismatch(reason, gettext("a metric for one-hot labels"), losses=(name.removeprefix("sparse_"),))
    if name in OF_CLASSES and isinstance(metric, keras.metrics.IoU):
        yield from _find_class_mismatches(ending, labels, metric, name)
    if labels in REGRESSION_LOSSES and name.endswith("accuracy") and ending.activation in ("linear", "relu"):
        reason = gettext(
            "{name!r} counts exact matches, which hardly ever happen in regression; mae shows the average error instead", name=name
        )
        yield Mismatch(reason, losses=("mae",), fatal=False)


def _find_class_mismatches(ending: Ending, labels: str | None, metric: keras.metrics.IoU, name: str) -> Iterator[Mismatch]:
    """Find reasons why an IoU metric does not fit. Keras raises for some mismatches and computes nonsense for the rest."""
    if labels in YES_OR_NO_LOSSES and metric.sparse_y_pred:
        yield Mismatch(
            gettext("{name!r} counts every prediction below 1 as no; binary_iou has a threshold", name=name),
            losses=("binary_iou",),
            fatal=False,
        )
    elif labels in CLASS_LOSSES and metric.sparse_y_pred:
        reason = gettext("{name!r} expects the class itself, but the last layer outputs {units} numbers", name=name, units=ending.units)
        expected = gettext("sparse_y_pred=false in its brackets")
        yield (
            Mismatch(reason, expected)
            if labels == SPARSE
            else Mismatch(gettext("{reason}: it needs {expected}", reason=reason, expected=expected), fatal=False)
        )
    elif labels in CLASS_LOSSES and metric.sparse_y_true != (labels == SPARSE):
        expected = gettext("sparse_y_true={value} in its brackets", value=str(labels == SPARSE).lower())
        yield Mismatch(gettext("{name!r} expects a different kind of labels than {labels!r}", name=name, labels=labels), expected)


def loss_span(program: Program) -> Span | None:
    """The span of the loss in a program; without one, that of its compile line."""
    if program.compile is None:
        return None
    parts = program.compile.compile_parts()
    return next((argument.value.span for part, argument in parts if part == "loss"), program.compile.span)


def find_mismatches(ending: Ending, loss: Any) -> Iterator[Mismatch]:
    """Find reasons why a loss does not fit a last layer, the worst first.

    Args:
        ending: of the network.
        loss: as `compile` takes it; one of the notebook's own is assumed to fit.
    """
    name, activation, units = loss_name(loss), ending.activation, ending.units
    if activation == "softmax" and units == 1:
        reason = gettext("Softmax on 1 unit always outputs 1, whatever the network learns")
        yield Mismatch(reason, gettext("sigmoid for yes or no, or one unit per class"), endings=("sigmoid",))
        return
    if name is None or activation is None:
        return
    if name in CLASS_LOSSES and units == 1:
        reason = gettext("{name!r} chooses between classes, but the last layer outputs only 1 number", name=name)
        yield Mismatch(reason, gettext("one unit per class, or binary_crossentropy"), ("sigmoid",), (BINARY,))
    elif name in PROBABILITY_LOSSES and not takes_logits(loss):
        yield from _without_logits(name, activation, units)
    elif takes_logits(loss) and activation in ("softmax", "sigmoid"):
        reason = gettext(
            "'from_logits=true' is for a last layer without activation, but this one already has {activation}", activation=activation
        )
        yield Mismatch(reason, losses=(name,), fatal=False)


def _without_logits(name: str, activation: str, units: int | None) -> Iterator[Mismatch]:
    fitting = "softmax" if name in CLASS_LOSSES else "sigmoid"
    if activation not in ("softmax", "sigmoid", "hard_sigmoid"):
        reason = gettext(
            "{name!r} expects probabilities, but the output of the last layer ({activation}) can be any number",
            name=name,
            activation=activation,
        )
        logits = (f"{name}(from_logits=true)",) if activation == "linear" else ()
        yield Mismatch(reason, gettext("{fitting} at the end", fitting=fitting), (fitting,), logits)
    elif name in CLASS_LOSSES and activation != "softmax" and units != 1:
        reason = gettext(
            "{activation!r} scores each of the {units} classes separately, but {name!r} expects scores that add up to 1",
            activation=activation,
            units=units or gettext("many"),
            name=name,
        )
        yield Mismatch(reason, endings=("softmax",), fatal=False)
    elif name in YES_OR_NO_LOSSES and activation == "softmax" and units != 1:
        reason = gettext(
            "'softmax' makes the {units} outputs add up to 1, but {name!r} treats each of them as a separate yes or no",
            units=units or gettext("many"),
            name=name,
        )
        losses = (CATEGORICAL, SPARSE)
        yield Mismatch(reason, endings=("sigmoid",), losses=losses, fatal=False)


def changes_of(mismatch: Mismatch, text: str, layer: Span | None, loss: Span | None) -> Iterator[Change]:
    """Texts to suggest instead: another activation in the last layer's line, or another loss.

    Args:
        layer, loss: their spans in the text.
    """
    for activation in mismatch.endings if layer is not None else ():
        assert layer is not None  # noqa: S101  # For the type checker.
        yield change_piece(text, layer, _with_activation(layer.source[layer.column - 1 : layer.end - 1], activation))
    for written in mismatch.losses if loss is not None else ():
        assert loss is not None  # noqa: S101  # For the type checker.
        yield change_piece(text, loss, written)


def _with_activation(line: str, activation: str) -> str:
    words = re.findall(r"\w+", line)
    present = next((word for word in words[1:] if ACTIVATIONS.find(word)), None)
    if present is not None:
        return re.sub(rf"\b{present}\b", activation, line)
    return f"{line[:-1]}, activation='{activation}')" if line.endswith(")") else f"{line} {activation}"
