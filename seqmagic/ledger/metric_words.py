"""Metric words: the metrics of a compile line, and which of them gave a value of a run."""

from __future__ import annotations

import re
from functools import lru_cache

from seqmagic.errors import SeqmagicError
from seqmagic.language import Call, Sequence, Value, parse_step, print_value

WEIGHTED = "weighted_metrics"


def texts_of(value: Value) -> list[str]:
    """The texts of a list's items, or of a single value; that of a call without arguments is its word.

    >>> [texts_of(argument.value) for _, argument in parse_step("compile adam mse [mae, auc()] auc(curve=PR)").compile_parts()[2:]]
    [['mae', 'auc'], ['auc(curve=PR)']]
    """
    return [print_value(item).removesuffix("()") for item in (value.items if isinstance(value, Sequence) else (value,))]


def definition_of(line: str, metric: str) -> str:
    """How a compile line defines a metric beyond its name; "" for one without arguments.

    >>> definition_of("compile adam bce auc(curve=PR) accuracy", "val_auc"), definition_of("compile adam bce auc() accuracy", "auc")
    ('auc(curve=PR)', '')
    """
    return ", ".join(text for _, text in _named(line, metric) if "(" in text)


def is_weighted(line: str, metric: str) -> bool:
    """Whether the weights of rows and classes count in a metric.

    >>> is_weighted("compile adam bce weighted_metrics=[accuracy]", "val_accuracy")
    True
    """
    return any(part == WEIGHTED for part, _ in _named(line, metric))


def _named(line: str, metric: str) -> list[tuple[str, str]]:
    """The metrics of a line that may be meant by a name in the logs: each with its part of the line, and its text."""
    # Keras puts the name of an output in front, and a number after a name that it has used before.
    logged = _plain(re.sub(r"_\d+$", "", metric))
    return [(part, text) for part, name, text in _metrics_in(line) if name and logged.endswith(name)]


@lru_cache(maxsize=256)
def _metrics_in(line: str) -> tuple[tuple[str, str, str], ...]:
    """The metrics of a compile line: each with its part of the line, its name without capitals and signs, and its text."""
    try:
        parts = parse_step(line).compile_parts() if line else []
    except SeqmagicError:
        return ()
    values = [(part, item) for part, argument in parts if part in ("metrics", WEIGHTED) for item in _items(argument.value)]
    return tuple((part, _name_of(item), print_value(item).removesuffix("()")) for part, item in values)


def _items(value: Value) -> list[Value]:
    """The metrics in a value, which may be lists in a list, one for each output."""
    return [item for one in value.items for item in _items(one)] if isinstance(value, Sequence) else [value]


def _name_of(value: Value) -> str:
    if not isinstance(value, Call):
        return _plain(print_value(value))
    given = [argument.value for argument in value.arguments if argument.name is not None and argument.name.text == "name"]
    return _plain(print_value(given[0]) if given else value.word.text)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
