"""The ranking of runs: which runs can be compared in a metric, and which of them are best."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqmagic.ledger.diff import compile_words, loss_of
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.metric_words import definition_of, is_weighted
from seqmagic.measure import follows_loss, is_small_good

# Keras adds these penalties to each loss.
PENALTY = re.compile(r"\w*regularizer=[\w.]+(?:\([^)]*\))?|activity_?regularization.*", re.IGNORECASE)
DATA, LOSS, MODEL, METRIC = "data", "loss", "model", "metric"  # What comparable runs must have in common.


@dataclass(frozen=True)
class Ranking:
    """The runs that have a metric, in groups of comparable runs.

    Attributes:
        metric: to rank by.
        groups: of comparable runs, the best first in each.
        apart: the reasons for separate groups: "data", "loss", "model", "metric".
        winners: the numbers of the best runs of each group. A group of equally good runs, or of a single one, has none.
    """

    metric: str
    groups: tuple[tuple[RunEntry, ...], ...]
    apart: tuple[str, ...]
    winners: frozenset[int]


def rank(entries: Sequence[RunEntry], metric: str, *, by_name: bool = False) -> Ranking:
    """Rank runs by a metric.

    >>> facts = {"compile": "compile adam mse", "name": "net"}
    >>> ranking = rank([RunEntry(id=number, best={"loss": (loss, 1.0)}, **facts) for number, loss in ((1, 0.5), (2, 0.3))], "loss")
    >>> [[run.id for run in group] for group in ranking.groups], sorted(ranking.winners)
    ([[2, 1]], [2])

    Args:
        by_name: whether to compare only runs of models with the same name. If the data isn't known, this is always done.
    """
    keys: dict[tuple[str, ...], list[RunEntry]] = {}
    for entry in entries:
        if not math.isnan(best_value(entry, metric)):
            keys.setdefault(_key_of(entry, metric, by_name=by_name), []).append(entry)
    groups = tuple(tuple(sort_by(group, metric)) for group in keys.values())
    apart = tuple(word for word, parts in zip((DATA, LOSS, MODEL, METRIC), zip(*keys, strict=True), strict=False) if len(set(parts)) > 1)
    return Ranking(metric, groups, apart, frozenset(number for group in groups for number in _best_of(group, metric)))


def best_value(entry: RunEntry, metric: str) -> float:
    """The best value of a metric after a whole epoch of a run; NaN without one."""
    return entry.best.get(metric, (math.nan, 0.0))[0]


def sort_by(entries: Sequence[RunEntry], metric: str) -> list[RunEntry]:
    """Runs with the best value of a metric first; those without it last, and the newest of equal ones first."""

    def key(entry: RunEntry) -> tuple[bool, float, int]:
        value = best_value(entry, metric)
        sign = 1 if is_small_good(entry.judged_by(metric)) else -1
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value, -entry.id

    return sorted(entries, key=key)


def are_data_seen(entries: Sequence[RunEntry]) -> bool:
    """Whether the values of all data were hashed: those of a stream are not, so two streams may still differ."""
    parts = [part for entry in entries for name, part in entry.data.items() if name in ("x", "y", "validation_data")]
    return all("hash" in leaf for part in parts for leaf in _leaves(part))


def _best_of(group: Sequence[RunEntry], metric: str) -> Iterator[int]:
    best = best_value(group[0], metric)
    if best != best_value(group[-1], metric):
        yield from (entry.id for entry in group if best_value(entry, metric) == best)


def _key_of(entry: RunEntry, metric: str, *, by_name: bool) -> tuple[str, ...]:
    """The key that comparable runs share: the data of the metric, the loss or what else defines it, and the model's name if it matters."""
    data = _data_of(entry, metric)
    name = entry.name if by_name or not data else ""
    return (data, _loss_of(entry, metric), name, "") if follows_loss(metric) else (data, "", name, _metric_of(entry, metric))


def _data_of(entry: RunEntry, metric: str) -> str:
    """The data on which a metric was computed, equal for equal rows; empty if it is not known.

    For held-out rows, it is the data that they were split from. Separate validation data does not depend on the training data.
    """
    fit, given = entry.settings.get("fit", {}), entry.data.get("validation_data")
    if metric.startswith("val_") and given:
        return _as_text([given, fit.get("validation_steps")])
    parts = [entry.data.get(name) for name in ("x", "y")]
    if not any(parts):
        return ""
    held_out = [None, None] if given else [fit.get("validation_split") or None, fit.get("split")]
    steps = fit.get("validation_steps" if metric.startswith("val_") else "steps_per_epoch")
    return _as_text([*parts, *held_out, steps])


def _loss_of(entry: RunEntry, metric: str) -> str:
    """Everything that determines the scale of a loss."""
    words, parts = dict(compile_words(entry.compile)), [loss_of(entry), sorted(PENALTY.findall(entry.text))]
    return _as_text([*parts, words.get("loss_weights"), *_weights_of(entry, metric)])


def _metric_of(entry: RunEntry, metric: str) -> str:
    """Everything that determines what a metric means; "" if that is only its name."""
    parts = [definition_of(entry.compile, metric), *(_weights_of(entry, metric) if is_weighted(entry.compile, metric) else [])]
    return _as_text(parts) if any(parts) else ""


def _weights_of(entry: RunEntry, metric: str) -> list[Any]:
    """The weights of rows and classes that count in a loss or weighted metric."""
    is_held_apart = metric.startswith("val_") and bool(entry.data.get("validation_data"))
    return [
        None if is_held_apart else entry.data.get("sample_weight"),
        None if metric.startswith("val_") else entry.settings.get("fit", {}).get("class_weight"),
    ]


def _as_text(parts: Any) -> str:
    return json.dumps(_nameless(parts), sort_keys=True, default=str)


def _nameless(fingerprint: Any) -> Any:
    """Fingerprints without variable names, which don't affect the contents."""
    if isinstance(fingerprint, Mapping):
        inside = {key: _nameless(value) for key, value in fingerprint.items() if key != "name"}
        return inside if fingerprint.get("kind") != "tuple" else {**inside, "kind": "list"}
    return [_nameless(part) for part in fingerprint] if isinstance(fingerprint, (list, tuple)) else fingerprint


def _leaves(fingerprint: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    parts = fingerprint.get("parts") or []
    if not parts:
        yield fingerprint
    for part in parts.values() if isinstance(parts, Mapping) else parts:
        yield from _leaves(part)
