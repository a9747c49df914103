"""Class weights: `class_weight=balanced`, computed from the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqmagic.data.classes import numbers_in, why_no_classes
from seqmagic.data.held_out import count_rows, find_held_out
from seqmagic.data.held_out_checks import format_split
from seqmagic.data.streams import is_stream
from seqmagic.data.values import as_numbers
from seqmagic.errors import ArgumentError
from seqmagic.language.fit_words import BALANCED, SHUFFLED, STRATIFIED
from seqmagic.options.weights import count_classes
from seqmagic.translation import gettext

MOST_CLASSES = 1000  # Labels with more classes are unlikely to be classes.
MOST_SHOWN = 10


def balance(labels: Any, classes: int | None = None) -> tuple[dict[int, float], str]:
    """A weight for each class, so that all count the same; or none, and why, as the end of a sentence about the labels.

    >>> balance(np.array([0, 1, 1, 1]))
    ({0: 2.0, 1: 0.6666666666666666}, '')

    A weight is rows / (classes * rows of this class), as scikit-learn's "balanced" (`compute_class_weight`) has it.

    Args:
        labels: as numbers or one-hot rows, an array, a table's column, or a list.
        classes: how many the model distinguishes, where that is known.
    """
    values = as_numbers(labels)
    if values is None:
        return {}, gettext("contains no numbers")
    if reason := why_no_classes(values):
        return {}, reason
    numbers, most = numbers_in(values), min(classes or MOST_CLASSES, MOST_CLASSES)
    if numbers.min() < 0 or numbers.max() >= most:
        return {}, gettext("contains no classes from 0 to {most}", most=most - 1)
    found, counts = np.unique(numbers, return_counts=True)
    if len(found) < 2:
        return {}, gettext("contains only one class")
    return {int(number): len(numbers) / (len(found) * int(count)) for number, count in zip(found, counts, strict=True)}, ""


def with_weights(
    model: keras.Model, x: Any, y: Any, options: Mapping[str, Any], known: Mapping[str, Any], name: str, *, in_line: bool = False
) -> dict[str, Any]:
    """The options of `fit`, with a weight for each class if they say "balanced".

    Args:
        known: these options, and those taken over from an interrupted run: they determine which rows are held out.
        name: what the labels are called.
        in_line: whether the options stand on a fit line.

    Raises:
        ArgumentError: For labels that can't be counted so.
    """
    if not is_balanced(options.get("class_weight")) or options.get("sample_weight") is not None:
        return dict(options)  # class_weight together with sample_weight is refused elsewhere.
    reason = gettext("come in batches") if is_stream(x) else gettext("are missing") if y is None else ""
    if isinstance(y, (list, tuple, Mapping)):
        reason = gettext("are for several outputs")
    if reason:
        raise _refusal(gettext("the labels {reason}", reason=reason))
    weights, reason = _balance_trained(model, x, y, known)
    if reason:
        others = ({**known, "split": way} for way in (STRATIFIED, SHUFFLED) if known.get("validation_split"))
        works = (other for other in others if not _balance_trained(model, x, y, other)[1])
        in_part = find_held_out(y, count_rows(x), known) is not None
        error = _refusal(gettext("{name} {reason} in the training rows", name=name, reason=reason) if in_part else f"{name} {reason}")
        error.fixes = tuple(format_split(other["validation_split"], other["split"], in_line=in_line) for other in list(works)[:1])
        raise error
    return {**options, "class_weight": weights}


def _balance_trained(model: keras.Model, x: Any, y: Any, options: Mapping[str, Any]) -> tuple[dict[int, float], str]:
    """The same for the training rows only."""
    labels, held_out = as_numbers(y), find_held_out(y, count_rows(x), options)
    return balance(labels if labels is None or held_out is None else labels[~held_out], count_classes(model))


def is_balanced(weights: Any) -> bool:
    """Whether class_weight is "balanced"."""
    return isinstance(weights, str) and weights == BALANCED


def _refusal(reason: str) -> ArgumentError:
    expected = gettext("a weight for each class, such as {0: 1.0, 1: 2.5}, or no class_weight")
    return ArgumentError(
        gettext("class_weight={balanced} counts the rows of each class, but {reason}.", balanced=BALANCED, reason=reason), expected=expected
    )


def describe_weights(weights: Mapping[int, float]) -> str:
    """What each class counts, in a sentence.

    >>> describe_weights({0: 2.0, 1: 2 / 3})
    'class_weight=balanced: class 0 has weight 2, class 1 has weight 0.6667.'
    """
    shown = [
        gettext("class {number} has weight {weight:.4g}", number=number, weight=weight)
        for number, weight in list(weights.items())[:MOST_SHOWN]
    ]
    more = " ..." if len(weights) > MOST_SHOWN else gettext(".")
    return f"class_weight={BALANCED}: {gettext(', ').join(shown)}{more}"
