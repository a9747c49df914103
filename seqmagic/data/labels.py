"""Checks of labels against the last layer and the loss, before the first step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np

from seqmagic.data.fix_trial import LabelTrial, Proposal
from seqmagic.data.names import DataName
from seqmagic.data.outputs import lines_that_give
from seqmagic.errors import DataError
from seqmagic.network.loss_names import CIRCLE, NOT_NEGATIVE_LOSSES, REGRESSION_LOSSES, loss_name
from seqmagic.network.other_names import BINARY, CATEGORICAL, SPARSE
from seqmagic.network.output_layer import Ending
from seqmagic.network.shape_math import format_shape
from seqmagic.translation import gettext, ngettext

MOST_LIKELY_CLASSES = 30  # Labels with more different values are more likely regression targets.
MOST_CLASSES = 1000  # Largest number of classes for which a layer is proposed: labels with more are unlikely to be classes.
# The output range of activations, for regression losses.
REACH = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}


@dataclass(frozen=True)
class Labels:
    """The labels of a training, and the model that they are for.

    Attributes:
        values: as an array.
        name: of the variable.
        model: which is trained on them.
        ending: of the model.
        x: the training data, on which fixes are tried.
        tries_fixes: whether to look for fixes when the labels don't fit.
    """

    values: np.ndarray
    name: DataName
    model: keras.Model
    ending: Ending
    x: Any
    tries_fixes: bool = True

    @property
    def units(self) -> int:
        """The size of the last axis of the model's output; 0 if it isn't known."""
        return self.ending.units or 0


def check_labels(labels: Labels) -> None:
    """Check labels against the last layer and the loss.

    Raises:
        DataError: With the fixes that give a finite loss on a few rows.
    """
    loss = loss_name(labels.model.loss)
    if loss is None or labels.ending.shape is None or labels.values.dtype.kind not in "biufc" or not labels.values.size:
        return
    checks = {SPARSE: _check_numbers, CATEGORICAL: _check_columns, BINARY: _check_yes_or_no, CIRCLE: _check_names}
    checks.get(loss, _check_amounts)(labels)


def _refuse(labels: Labels, problem: str, expected: str, proposals: Sequence[Proposal] = ()) -> None:
    """Raise a DataError with the proposals that work."""
    error = DataError(problem, expected=expected)
    if not labels.tries_fixes:
        raise error
    trial = LabelTrial(labels.model, labels.ending, labels.x)
    offered = (proposal for proposal in proposals if _may_be_offered(proposal, labels.name))
    fixes = (trial.format_fix(proposal, labels.values, labels.name.typed) for proposal in offered)
    error.fixes = tuple(fix for fix in fixes if fix)[:2]
    raise error


def _may_be_offered(proposal: Proposal, name: DataName) -> bool:
    """Whether a proposal is safe: a batch does not show all labels, and validation labels must be encoded like the training ones."""
    if name.validates:
        return bool(proposal.code)
    return bool(name.code) or proposal.units is None


def is_one_hot(values: np.ndarray) -> bool:
    """Whether labels have one column per class, with a single 1 in each row."""
    seen = values[:1000]
    return seen.ndim > 1 and seen.shape[-1] > 1 and bool(np.all(seen.sum(axis=-1) == 1) and np.all(seen.max(axis=-1) == 1))


def _check_numbers(labels: Labels) -> None:
    """For `sparse_categorical_crossentropy`: one integer per row, from 0 to units - 1."""
    values, labels_name, units = labels.values, labels.name.labels, labels.units
    rank = len(labels.ending.shape or ())
    if values.ndim == rank + 1 and values.shape[-1] == units and units > 1:
        kind = gettext("are one-hot") if is_one_hot(values) else gettext("have one column per class")
        problem = gettext(
            "{labels_name} {kind}, but {sparse!r} expects one number per row.", labels_name=labels_name, kind=kind, sparse=SPARSE
        )
        proposals = [Proposal(loss=CATEGORICAL), Proposal("{}.argmax(axis=-1)", lambda y: y.argmax(axis=-1))]
        _refuse(labels, problem, gettext("labels as integers, or the loss for one-hot labels"), proposals)
    if values.ndim < rank or (values.ndim > rank and values.shape[-1] != 1):
        problem = gettext(
            "A row of {name} is {shape}, but the last layer outputs {given}.",
            name=labels.name.said,
            shape=format_shape(values.shape[1:]),
            given=_given(labels),
        )
        if rank > 1:
            flat = [Proposal(change=lambda y: _within(_whole(y), units), flatten=True)]
            _refuse(labels, problem, gettext("a flatten (or gap) before the last layer, or labels for each of its rows"), flat)
        _refuse(labels, problem, gettext("one number per row, or one-hot labels with {units} columns", units=units))
    if values.dtype.kind == "f" and not np.array_equal(values[:100_000], np.round(values[:100_000])):
        problem = gettext(
            "{labels_name} contain values such as {broken}, which are not classes.",
            labels_name=labels_name,
            broken=_first_broken(values),
        )
        proposals = [Proposal(loss="mse", units=1, activation="linear")]
        _refuse(labels, problem, gettext("integers of at least 0, or a regression network"), proposals)
    low, high = values.min(), values.max()
    if low < 0 or high >= units:
        problem = gettext(
            "{labels_name} range from {low} to {high}, but {units} 0 to {rest}.",
            labels_name=labels_name,
            low=_shown(low),
            high=_shown(high),
            units=_units(units),
            rest=units - 1,
        )
        proposals = [Proposal(f"{{}} - {low:g}", lambda y: _within(y - low, units)), *_wider(low, high)]
        _refuse(labels, problem, gettext("integers from 0 to {units}, or one unit per class", units=units - 1), proposals)


def _given(labels: Labels) -> str:
    return format_shape(labels.ending.shape)


def _units(units: int) -> str:
    return ngettext("{count} unit is for the class", "{count} units are for the classes", units)


def _wider(low: float, high: float) -> Iterator[Proposal]:
    """Propose a last layer with one unit per class."""
    if low >= 0 and high < MOST_CLASSES:
        yield Proposal(units=int(high) + 1)


def _within(values: np.ndarray, units: int) -> np.ndarray:
    if values.min() < 0 or values.max() >= units:
        raise ValueError(gettext("still out of range"))
    return values


def _first_broken(values: np.ndarray) -> str:
    flat = values.ravel()[:100_000]
    return f"{flat[flat != np.round(flat)][0]:g}"


def _check_columns(labels: Labels) -> None:
    """For `categorical_crossentropy`: one column per class."""
    values, units = labels.values, labels.units
    rank = len(labels.ending.shape or ())
    if values.ndim == rank or (values.ndim == rank + 1 and values.shape[-1] == 1 and units > 1):
        problem = gettext(
            "{labels} are one number per row, but {categorical!r} expects one column for each of the {units} classes.",
            labels=labels.name.labels,
            categorical=CATEGORICAL,
            units=units,
        )
        one_hot = f"keras.utils.to_categorical({{}}, {units})"
        proposals = [
            Proposal(change=lambda y: _within(y, units), loss=SPARSE),
            Proposal(one_hot, lambda y: keras.utils.to_categorical(_within(y, units), units)),
        ]
        _refuse(labels, problem, gettext("the loss for integer labels, or one-hot labels"), proposals)
    _check_width(labels)


def _check_yes_or_no(labels: Labels) -> None:
    """For `binary_crossentropy`: 0 or 1 for each unit."""
    values, labels_name, units = labels.values, labels.name.labels, labels.units
    if units > 1 and values.ndim == 1:
        problem = gettext(
            "{labels_name} are one number per row, but {binary!r} expects a yes or no for each of the {units} units.",
            labels_name=labels_name,
            binary=BINARY,
            units=units,
        )
        softmax = Proposal(change=lambda y: _within(_whole(y), units), loss=SPARSE, activation="softmax")
        single = Proposal(change=lambda y: _within(_whole(y), 2), units=1)
        _refuse(labels, problem, gettext("one column of 0 and 1 per unit, or another loss"), [single, softmax])
    _check_width(labels)
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        problem = gettext(
            "{labels_name} range from {low} to {high}, but {binary!r} expects 0 (no) or 1 (yes).",
            labels_name=labels_name,
            low=_shown(low),
            high=_shown(high),
            binary=BINARY,
        )
        _refuse(
            labels,
            problem,
            gettext("0 and 1; for more classes, softmax and sparse_categorical_crossentropy"),
            list(_classes(values, low, high)),
        )


def _classes(values: np.ndarray, low: float, high: float) -> Iterator[Proposal]:
    """Propose fixes: two values as 0 and 1, many values as regression, integers as classes of a wider last layer."""
    if _has_two(values):
        yield Proposal(f"{{}} == {high:g}", lambda y: y == high)
        return
    if len(np.unique(values[:100_000])) > MOST_LIKELY_CLASSES:
        yield Proposal(loss="mse", activation="linear")
    if low >= 0 and high < MOST_CLASSES:
        yield Proposal(change=_whole, loss=SPARSE, units=int(high) + 1, activation="softmax")


def _whole(values: np.ndarray) -> np.ndarray:
    if not np.array_equal(values, np.round(values)):
        raise ValueError(gettext("no classes"))
    return values


def _has_two(values: np.ndarray) -> bool:
    return len(np.unique(values[:100_000])) == 2


def _check_names(labels: Labels) -> None:
    """For `circle`: one class index per row, of any number of classes, because the last layer's output is an embedding."""
    count = labels.values.size // len(labels.values)
    if count > 1:
        problem = gettext(
            "{labels} have {numbers} per row, but {circle!r} expects one, the class.",
            labels=labels.name.labels,
            numbers=_numbers(count),
            circle=CIRCLE,
        )
        proposals = [Proposal("{}.argmax(axis=-1)", lambda y: y.argmax(axis=-1))] if is_one_hot(labels.values) else []
        _refuse(labels, problem, gettext("one number per row"), proposals)


def _check_amounts(labels: Labels) -> None:
    """For any other loss: as many numbers per row as the last layer has outputs, and none far outside its activation's range."""
    _check_width(labels)
    low, high = float(labels.values.min()), float(labels.values.max())
    loss = loss_name(labels.model.loss)
    if loss in NOT_NEGATIVE_LOSSES and low < 0:
        problem = gettext(
            "{labels} range from {low} to {high}, but {loss!r} needs labels of at least 0.",
            labels=labels.name.labels,
            low=_shown(low),
            high=_shown(high),
            loss=loss,
        )
        _refuse(labels, problem, gettext("labels of at least 0, or another loss"), [Proposal(loss="mse")])
    least, most = REACH.get(labels.ending.activation or "", (-np.inf, np.inf))
    # Values slightly outside the range are outliers; a whole range outside means that the labels have another scale.
    if loss in REGRESSION_LOSSES and (low < least - 1 or high > most + 1):
        reach = (
            gettext("from {least:g} up", least=least) if most == np.inf else gettext("from {least:g} to {most:g}", least=least, most=most)
        )
        problem = gettext(
            "{labels} range from {low} to {high}, but the outputs of {activation!r} are {reach}.",
            labels=labels.name.labels,
            low=_shown(low),
            high=_shown(high),
            activation=labels.ending.activation,
            reach=reach,
        )
        _refuse(labels, problem, gettext("a last layer without that activation, or labels in its range"), [Proposal(activation="linear")])


def _shown(value: float) -> str:
    return f"{value:g}" if float(value).is_integer() else f"{value:.3g}"


def _check_width(labels: Labels) -> None:
    given, wanted = tuple(labels.values.shape[1:]), tuple(labels.ending.shape or ())
    if given == wanted or (given, wanted) == ((), (1,)) or None in wanted or (*given, 1) == wanted or given == (*wanted, 1):
        return
    have, want = prod(given), prod(dim or 1 for dim in wanted)
    if min(len(given), len(wanted)) > 1:
        _refuse_shape(labels, given, wanted)
    problem = gettext(
        "{labels} have {numbers} per row, but the last layer outputs {want}.",
        labels=labels.name.labels,
        numbers=_numbers(have),
        want=_numbers(want),
    )
    if len(wanted) > 1 and given in ((), (1,), wanted[-1:]):
        places = (
            gettext("{shape} steps", shape=format_shape(wanted[:-1]))
            if len(wanted) == 2
            else gettext("{shape} positions", shape=format_shape(wanted[:-1]))
        )
        expected = gettext("a flatten (or gap) before the last layer, or labels for each of its {places}", places=places)
        _refuse(labels, problem, expected, [Proposal(flatten=True)])
    proposals = [Proposal(units=have)] if len(wanted) == 1 and len(given) <= 1 else []
    if not given and len(wanted) == 1:
        proposals = [Proposal(change=lambda y: _within(_whole(y), want), loss=SPARSE), *proposals]
    if is_one_hot(labels.values) and wanted == (1,) and have == 2:
        proposals = [Proposal("{}.argmax(axis=-1)", lambda y: y.argmax(axis=-1)), *proposals]
    _refuse(labels, problem, gettext("a last layer of size {have}, or labels of size {want}", have=have, want=want), proposals)


def _refuse_shape(labels: Labels, given: tuple[int, ...], wanted: tuple[int | None, ...]) -> None:
    """Refuse images or sequences whose shape differs from the model's output, as in an autoencoder."""
    have, want = format_shape(given), format_shape(wanted)
    error = DataError(
        gettext("A row of {name} is {have}, but the last layer outputs {want}.", name=labels.name.said, have=have, want=want),
        expected=gettext("a network with output {have}", have=have),
    )
    error.fixes = tuple(filter(None, lines_that_give(labels.model, given)))[:2] if labels.name.code else ()
    raise error


def _numbers(count: int) -> str:
    return ngettext("{count} number", "{count} numbers", count)
