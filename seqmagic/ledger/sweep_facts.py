"""Sweep facts: what the entry of a run contains if the run is part of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

_facts: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


@contextmanager
def as_part_of_sweep(model: Any, facts: Mapping[str, Any]) -> Iterator[None]:
    """Within this context, a run of a model is recorded as part of a sweep; later runs of the same model are not."""
    _facts[model] = dict(facts)
    try:
        yield
    finally:
        _facts.pop(model, None)


def sweep_facts_of(model: Any) -> dict[str, Any]:
    """The sweep facts for a run of a model that is about to start; empty if it is not part of a sweep."""
    try:
        return _facts.get(model, {})
    except TypeError:
        return {}  # A model that can't be a key was not made by a sweep.
