"""Sweep facts: what the entry of a run says when the run is part of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

_facts: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


@contextmanager
def as_part_of_sweep(model: Any, facts: Mapping[str, Any]) -> Iterator[None]:
    """While this holds, a run of a model that is described is part of a sweep; later ones of the same model are not."""
    _facts[model] = dict(facts)
    try:
        yield
    finally:
        _facts.pop(model, None)


def sweep_facts_of(model: Any) -> dict[str, Any]:
    """What there is to say of a run of a model that is about to start; nothing where it is a run by itself."""
    try:
        return _facts.get(model, {})
    except TypeError:
        return {}  # A model that can't be looked up is none that a sweep has made.
