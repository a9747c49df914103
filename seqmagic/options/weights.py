"""Weights of a fit line: class_weight and sample_weight, checked against the model's outputs and the labels."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, DataError, nearest
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language.fit_words import BALANCED
from seqmagic.network.output_layer import ending_of
from seqmagic.network.shape_math import format_shape
from seqmagic.options.fit_values import as_number
from seqmagic.translation import gettext, gettext_noop

NOTHING_COUNTS = gettext_noop("Every weight is 0, so no label counts, and nothing is learned from them.")


def check_weights(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse class_weight with unknown classes, and class_weight together with sample_weight.

    Raises:
        ArgumentError: If either is found.
    """
    weights = options.get("class_weight")
    if weights is None:
        return
    if options.get("sample_weight") is not None:
        raise ArgumentError(
            gettext("class_weight and sample_weight are both given, but Keras takes only one of them."), expected=gettext("one name")
        )
    classes = count_classes(model)
    if not isinstance(weights, Mapping):
        _refuse_no_table(weights, classes)
    for key, weight in weights.items():
        if not isinstance(key, numbers.Integral) or (classes is not None and not 0 <= int(key) < classes):
            problem = gettext(
                "class_weight has a weight for {key!r}, but the classes are the numbers {range}.", key=str(key)[:40], range=_range(classes)
            )
            raise ArgumentError(problem, expected=gettext("a weight for each class number, such as {0: 1.0, 1: 2.5}"))
        if as_number(weight) is None or isinstance(weight, str) or not 0 <= float(weight) < np.inf:
            raise ArgumentError(
                gettext("class_weight has the weight {weight!r} for {key}.", weight=weight, key=key),
                expected=gettext("a number of at least 0"),
            )


def check_weighed(model: keras.Model, y: Any, options: Mapping[str, Any], name: str) -> None:
    """Refuse class_weight if a row has one label per time step or pixel: Keras weights whole rows by it.

    Raises:
        ArgumentError: If it has.
    """
    weights, shape = options.get("class_weight"), getattr(y, "shape", None)
    inner = tuple((ending_of(model).shape or ())[:-1])
    if (
        not isinstance(weights, Mapping)
        or not all(isinstance(key, numbers.Integral) for key in weights)
        or not inner
        or shape is None
        or tuple(shape[1 : len(inner) + 1]) != inner
    ):
        return
    what = gettext("step") if len(inner) == 1 else gettext("pixel")
    problem = gettext(
        "class_weight applies to whole rows, but a row of {name} has a label for each {what} of {shape}.",
        name=name,
        what=what,
        shape=format_shape(inner),
    )
    error = ArgumentError(problem, expected=gettext("sample_weight, with a number for each {what}", what=what))
    classes = range(max(map(int, weights), default=-1) + 1)
    values = np.asarray(y)
    if len(shape) == len(inner) + 1 and values.dtype.kind in "iu" and values.min() >= 0 and values.max() < len(classes):
        numbers_of_classes = [float(weights.get(number, 1.0)) for number in classes]
        error.fixes = (
            gettext(
                "weights = np.array({numbers_of_classes})[{name}], and sample_weight=weights",
                numbers_of_classes=numbers_of_classes,
                name=name,
            ),
        )
    raise error


def count_classes(model: keras.Model) -> int | None:
    """The number of classes that a model distinguishes; None if it isn't known."""
    units = ending_of(model).units
    return 2 if units == 1 else units


def _range(classes: int | None) -> str:
    return gettext("0 to {classes}", classes=classes - 1) if classes else gettext("from 0 up")


def _refuse_no_table(weights: Any, classes: int | None) -> None:
    expected = gettext('a weight for each class, such as {{0: 1.0, 1: 2.5}}, or "{balanced}"', balanced=BALANCED)
    error = ArgumentError(gettext("class_weight is {value}.", value=_format_value(weights)), expected=expected)
    if isinstance(weights, str) and nearest(weights, [BALANCED], 1):
        error.fixes = (f'class_weight="{BALANCED}"',)
    if getattr(weights, "ndim", 1) == 1 and isinstance(weights, (list, tuple, np.ndarray)) and len(weights) == classes:
        error.fixes = ("class_weight=dict(enumerate(weights))",)
    raise error


def _format_value(value: Any) -> str:
    return (
        gettext("the text {value!r}", value=value[:40])
        if isinstance(value, str)
        else gettext("an array")
        if hasattr(value, "shape")
        else f"a {type(value).__name__}"
    )


def check_row_weights(model: keras.Model | None, weights: Any, rows: int, name: str = "sample_weight") -> None:
    """Refuse weights that are not one number per row, or per time step or pixel if the labels are.

    Args:
        model: None if the shape of its losses doesn't matter.
        name: of the weights, for messages.

    Raises:
        DataError: If they are not.
    """
    wanted = gettext("a number for each row")
    if isinstance(weights, (str, Mapping)) or not hasattr(weights, "shape"):
        raise DataError(
            gettext("{name} is {value}.", name=name, value=_format_value(weights)),
            expected=gettext("an array with {wanted}", wanted=wanted),
        )
    shape = tuple(weights.shape)
    if not shape or shape[0] != rows:
        problem = gettext("There are {rows:,} rows, and {name} has {shape:,}.", rows=rows, name=name, shape=shape[0] if shape else 1)
        raise DataError(problem, expected=wanted)
    losses = _losses_of_row(model) if model is not None else None
    if losses is not None and not _spreads(shape[1:], losses):
        raise _wrong_weights(shape, losses)
    values = np.asarray(weights)
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise DataError(gettext("{name} contains a value that is not a number.", name=name), expected=wanted)


def _losses_of_row(model: keras.Model) -> tuple[int | None, ...] | None:
    """The shape of a row's losses: one for each time step or pixel; None if it isn't known, as with a custom loss."""
    shape = model.output_shape if model.built and isinstance(model, keras.Sequential) else None
    is_known = isinstance(model.loss, str) or is_of_keras(model.loss)
    return tuple(shape[1:-1]) if isinstance(shape, tuple) and is_known else None


def _spreads(given: tuple[int, ...], losses: tuple[int | None, ...]) -> bool:
    """Whether the weights of a row broadcast to its losses; like Keras, this drops trailing axes of length 1."""
    while len(given) > len(losses) and given[-1] == 1:
        given = given[:-1]
    return len(given) == len(losses) and all(one == 1 or other in (one, None) for one, other in zip(given, losses, strict=True))


def _wrong_weights(shape: tuple[int, ...], losses: tuple[int | None, ...]) -> DataError:
    if not losses:
        return DataError(
            gettext("A row of sample_weight is {shape}.", shape=format_shape(shape[1:])), expected=gettext("one number for each row")
        )
    found = format_shape(shape[1:]) if len(shape) > 1 else gettext("one number")
    error = DataError(
        gettext("A row of sample_weight is {found}, and a row of labels has {shape}.", found=found, shape=format_shape(losses)),
        expected=gettext("the same shape, or 1 number for the whole row"),
    )
    if len(shape) == 1:
        error.fixes = (f"sample_weight=weights.reshape(-1, {', '.join('1' for _ in losses)})",)
    return error


def advise_weights(model: keras.Model, options: Mapping[str, Any]) -> Iterator[str]:
    """Notes on classes without a weight, if others have one, and on weights from which nothing is learned, or the opposite."""
    weights, classes = options.get("class_weight"), count_classes(model)
    if isinstance(weights, Mapping) and weights and classes:
        missing = [number for number in range(classes) if number not in weights]
        if missing:
            shown = ", ".join(map(str, missing[:5])) + (" ..." if missing[5:] else "")
            yield gettext("class_weight has no weight for class {classes}, so it counts 1.", classes=shown)
        if not missing and not any(float(weight) for weight in weights.values()):
            yield gettext(NOTHING_COUNTS)
    given = [np.asarray(part) for part in _parts_of(options.get("sample_weight"))]
    if any(part.size for part in given) and not any(part.any() for part in given):
        yield gettext(NOTHING_COUNTS)
    if any((part < 0).any() for part in given):
        yield gettext("sample_weight is below 0 in some places, where training makes the error larger.")


def _parts_of(weights: Any) -> list[Any]:
    """The arrays of weights of rows, those of one output or of several."""
    if weights is None:
        return []
    several = list(weights.values()) if isinstance(weights, Mapping) else weights if isinstance(weights, (list, tuple)) else None
    arrays = any(getattr(part, "shape", ()) for part in several or ())
    # An output without weights counts each row once.
    return [np.ones(1) if part is None else part for part in several] if several is not None and arrays else [weights]
