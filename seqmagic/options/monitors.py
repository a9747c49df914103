"""The monitors: the metric that a callback or `patience` watches must be among those that the run logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from seqmagic.describe.own_step import reports_own_numbers
from seqmagic.errors import ArgumentError, CompileError, nearest
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.measure import OF_TRAINING, with_validation
from seqmagic.network.endpoints import output_shape_of
from seqmagic.options.fit_values import WAITING, flat_callbacks
from seqmagic.translation import gettext

VALIDATION = "val_"


def check_monitors(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a Keras callback that monitors a metric which this run does not log.

    Raises:
        ArgumentError: If there is such a callback.
    """
    callbacks = flat_callbacks(options.get("callbacks"))
    known = reported_numbers(model, validated=bool(options.get("validation_data") or options.get("validation_split")))
    if known is None or any(not is_of_keras(callback) for callback in callbacks):
        return  # A custom callback may add values to the logs.
    for callback in callbacks:
        if isinstance(callback, WAITING) or getattr(callback, "save_best_only", False):
            _check_monitor(type(callback).__name__, callback.monitor, known)


def check_metric_names(model: keras.Model) -> None:
    """Refuse a metric whose name Keras logs something else under: the loss, or a number of the validation.

    Raises:
        CompileError: If there is one.
    """
    compiled = compiled_with(model)
    for part in ("metrics", "weighted_metrics"):
        for metric in keras.tree.flatten(compiled.get(part) or []):
            name = metric if isinstance(metric, str) else getattr(metric, "name", None) or getattr(metric, "__name__", "")
            if name == OF_TRAINING or str(name).startswith(VALIDATION):
                problem = gettext("A metric is named {name!r}, under which Keras logs another number, too.", name=name)
                raise CompileError(problem, expected=gettext("a name that is not 'loss', and doesn't start with 'val_'"))


def check_watched(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a `monitor` for `patience` that this run does not log.

    Raises:
        ArgumentError: If it does not.
    """
    known = reported_numbers(model, validated=bool(options.get("validation_data") or options.get("validation_split")))
    if options.get("monitor") is not None and known is not None and not flat_callbacks(options.get("callbacks")):
        _check_monitor("patience", options["monitor"], known)


def _check_monitor(kind: str, monitor: str, known: list[str]) -> None:
    if monitor in known:
        return
    problem = gettext("{kind} watches {monitor!r}, but this training only has {known}.", kind=kind, monitor=monitor, known=", ".join(known))
    if monitor.removeprefix("val_") in known and monitor.startswith("val_"):
        raise ArgumentError(problem, expected=gettext("validation data"), instead="validation_split=0.2")
    close = nearest(monitor, known, 1)
    raise ArgumentError(problem, expected=gettext("one of these"), instead=f"monitor={close[0]!r}" if close else "")


def reported_numbers(model: keras.Model, *, validated: bool) -> list[str] | None:
    """The names of the values that a run logs; None if they aren't known."""
    compiled = compiled_with(model)
    metrics = compiled.get("metrics") or []
    if not isinstance(metrics, (list, tuple)) or compiled.get("weighted_metrics") or not reports_compiled_numbers(model):
        return None
    names = names_of_numbers(metrics)
    return None if names is None else with_validation(names, validates=validated)


def reports_compiled_numbers(model: keras.Model) -> bool:
    """Whether an epoch logs the loss and each metric of the compile line under its name, and nothing else."""
    return not isinstance(output_shape_of(model), (list, dict)) and not reports_own_numbers(model)


def names_of_numbers(metrics: Iterable[Any]) -> list[str] | None:
    """The names in an epoch's logs, without the val_ ones; None if a metric's name isn't known.

    >>> names_of_numbers(["accuracy", keras.metrics.AUC(name="area")]), names_of_numbers([["mae"]])
    (['loss', 'accuracy', 'area'], None)

    Args:
        metrics: as a compile line has them: words, Keras's metrics, or functions.
    """
    found = [one if isinstance(one, str) else getattr(one, "name", None) or getattr(one, "__name__", None) for one in metrics]
    names = [name for name in found if isinstance(name, str)]
    return ["loss", *names] if len(names) == len(found) else None
