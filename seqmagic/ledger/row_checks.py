"""Row checks: whether a value from a file is one that seqmagic writes there.

A file may come from anyone, and SQLite stores values of any type in any column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Check = Callable[[Any], bool]

PLACE = re.compile(r"(.*)\[(\d{1,9}(?:,\d{1,9}){0,9})\]", re.DOTALL)  # The name of an element of an array, such as f1[0].
MOST_DEPTH = 16  # Nesting of JSON facts: deeper values could exceed Python's recursion limit.
MOST_WHOLE = 2**53  # Larger integers are not exact as floats, and SQLite's row ids run out.
MOST_SECONDS = 253_402_300_799.0  # The last second of the year 9999, the maximum of `datetime`.


def whole(least: int = 0, most: int = MOST_WHOLE) -> Check:
    """An integer in a range."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: Any) -> bool:
    """A number, including infinity and NaN, which losses may become."""
    return isinstance(value, float) or whole(-MOST_WHOLE)(value)


def is_value(value: Any) -> bool:
    """A number or a string."""
    return is_number(value) or isinstance(value, str)


def is_amount(value: Any) -> bool:
    """A non-negative finite number."""
    return is_number(value) and 0 <= value < math.inf


def is_moment(value: Any) -> bool:
    """A Unix time in seconds."""
    return is_amount(value) and value <= MOST_SECONDS


def text(most: int) -> Check:
    """A check for strings of at most this length."""
    return lambda value: isinstance(value, str) and len(value) <= most


def are_counts(value: Any) -> bool:
    """The number of arrays in each part of a state: the model, the optimizer and, in newer files, the metrics and the callbacks."""
    return isinstance(value, (list, tuple)) and 2 <= len(value) <= 4 and all(map(whole(), value))


def is_content(value: Any) -> bool:
    """Bytes."""
    return isinstance(value, bytes)


def maybe(check: Check) -> Check:
    """None, or a value that a check accepts."""
    return lambda value: value is None or check(value)


def one_of(*words: str) -> Check:
    """One of some strings."""
    return lambda value: isinstance(value, str) and value in words


def each(check: Check, most: int, *, name: int = 200) -> Check:
    """A dict whose values pass a check.

    Args:
        most: entries. name: characters of a key.
    """
    return lambda value: isinstance(value, Mapping) and len(value) <= most and all(len(key) <= name and check(value[key]) for key in value)


def pair(first: Check, second: Check) -> Check:
    """A pair whose parts pass the checks."""
    return lambda value: isinstance(value, (list, tuple)) and len(value) == 2 and first(value[0]) and second(value[1])


def parts(**checks: Check) -> Check:
    """A dict whose listed keys, if present, pass their checks; other values may be anything JSON-compatible."""
    return lambda value: isinstance(value, Mapping) and all(checks.get(name, is_plain)(part) for name, part in value.items())


def is_plain(value: Any, depth: int = MOST_DEPTH) -> bool:
    """A JSON-compatible value, not nested too deeply."""
    if isinstance(value, (list, tuple, Mapping)):
        inside = value.values() if isinstance(value, Mapping) else value
        return depth > 0 and all(is_plain(part, depth - 1) for part in inside)
    return value is None or isinstance(value, (str, bool)) or is_number(value)


def are_places(names: Iterable[str]) -> bool:
    """Whether names such as 'f1_score[0]' cover whole arrays, each element once.

    >>> are_places(["f1[0]", "f1[1]", "table[0,0]"]), are_places(["f1[0]", "f1[999999999]"])
    (True, False)
    """
    arrays: dict[str, list[tuple[int, ...]]] = {}
    for name in names:
        found = PLACE.fullmatch(name)
        if found is None:
            return False
        arrays.setdefault(found.group(1), []).append(tuple(map(int, found.group(2).split(","))))
    return all(
        len(set(map(len, places))) == 1 and math.prod(1 + max(axis) for axis in zip(*places, strict=True)) == len(places)
        for places in arrays.values()
    )


def is_fingerprint(value: Any, depth: int = MOST_DEPTH) -> bool:
    """A result of `fingerprint_of`."""
    if not isinstance(value, Mapping) or depth == 0 or not is_plain(value, depth):
        return False
    inside = value.get("parts", [])
    return (
        isinstance(inside, (list, Mapping))
        and all(is_fingerprint(part, depth - 1) for part in (inside.values() if isinstance(inside, Mapping) else inside))
        and isinstance(value.get("shape", []), list)
        and all(map(whole(), value.get("shape", [])))
        and all(isinstance(value.get(word, ""), str) for word in ("kind", "dtype", "hash", "elements", "name"))
    )
