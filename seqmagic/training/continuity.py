"""Continuity: what must be unchanged so that a resumed run reaches exactly the weights of an uninterrupted one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from seqmagic.data.arrays import as_data
from seqmagic.errors import CompileError, DataError
from seqmagic.ledger.data_hash import fingerprint_of
from seqmagic.ledger.describe import compile_line_of, optimizer_facts
from seqmagic.ledger.diff import compile_words
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.options.compile_line import loss_of
from seqmagic.training.start_point import FitConfig, StartPoint
from seqmagic.training.state import fits_optimizer
from seqmagic.translation import gettext, gettext_noop

# Options that determine the rows of each batch, or their weights; with their defaults.
SAME = {
    "batch_size": 32,
    "shuffle": True,
    "validation_split": 0,
    "split": None,
    "steps_per_epoch": None,
    "class_weight": None,
    "dtype_policy": None,
}
# Options that a resumed run takes over unless they are given: they affect what is reported, not what is learned.
TAKEN_OVER = ("validation_freq", "validation_steps", "validation_batch_size", "until", "patience", "monitor", "keep_weights", "workers")
DATA = ("x", "y", "validation_data", "sample_weight")
GO_ON = gettext_noop("or a run without --resume")


def kept_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a resumed run takes over, in JSON-compatible form."""
    kept = {name: options[name] for name in (*SAME, *TAKEN_OVER) if options.get(name) is not None}
    if "class_weight" in kept:  # JSON knows no numbers as keys.
        kept["class_weight"] = sorted([int(label), float(weight)] for label, weight in kept["class_weight"].items())
    return kept


def read_options(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `kept_options` gave, as `fit` takes it."""
    weights = kept.get("class_weight")
    return {**kept, **({"class_weight": {int(label): float(weight) for label, weight in weights}} if weights else {})}


def data_facts(x: Any, y: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fingerprints of all that a run learns from; of what there is not, nothing."""
    validation = options.get("validation_data")
    if isinstance(validation, (list, tuple)):
        validation = tuple(map(as_data, validation))
    parts = (as_data(x), as_data(y), validation, as_data(options.get("sample_weight")))
    return {name: fingerprint_of(part) for name, part in zip(DATA, parts, strict=True) if part is not None}


def check_continuity(
    start_point: StartPoint, model: keras.Model, data: tuple[Any, Any], options: Mapping[str, Any], names: tuple[str, str]
) -> None:
    """Refuse what would make another training of it, before anything is changed.

    Args:
        data, options: of the run that is to go on.
        names: what the data and the labels are called.

    Raises:
        DataError: For other data, weights or batches.
        CompileError: For another optimizer, loss or metric.
    """
    before = start_point.config
    _check_data(before, data, options, names)
    _check_options(before, model, options)
    _check_compiled(before, model)
    if start_point.state is not None and not fits_optimizer(model, start_point.state):
        problem = gettext("The optimizer of {name!r} doesn't match the saved optimizer of the interrupted run.", name=str(model.name))
        raise CompileError(problem, expected=gettext("the same compile line, {go_on}", go_on=gettext(GO_ON)))


def _check_data(config: FitConfig, data: tuple[Any, Any], options: Mapping[str, Any], names: tuple[str, str]) -> None:
    if not config.data:
        return  # Older files don't contain it.
    now = data_facts(*data, options)
    for part in DATA:
        before = {key: value for key, value in config.data.get(part, {}).items() if key != "name"}
        word = dict(zip(DATA, names, strict=False)).get(part, part)
        if before and part not in now:
            raise DataError(
                gettext("The interrupted run had {part}, which is not saved.", part=part),
                expected=gettext("the same {part} again, {go_on}", part=part, go_on=gettext(GO_ON)),
            )
        if before and before != now[part]:
            raise DataError(
                gettext("{word} is not the data that the interrupted run was trained on.", word=word),
                expected=gettext("the same data, {go_on}", go_on=gettext(GO_ON)),
            )
        if not before and part == "sample_weight" and part in now:
            raise DataError(
                gettext("The interrupted run had no {part}.", part=part), expected=gettext("none, {go_on}", go_on=gettext(GO_ON))
            )


def _check_options(config: FitConfig, model: keras.Model, options: Mapping[str, Any]) -> None:
    defaults = {**SAME, "batch_size": fixed_batch_of(model) or SAME["batch_size"]}
    for name, value in options.items():
        if name not in SAME:
            continue
        before = config.options.get(name, defaults[name])
        if value is not None and value != before and (value or before):
            raise DataError(
                gettext("The interrupted run had no {name}.", name=name)
                if before is None
                else gettext("The interrupted run had {name}={before}.", name=name, before=before),
                expected=gettext("the same value, or no {name}, to continue it", name=name),
            )


def _check_compiled(config: FitConfig, model: keras.Model) -> None:
    for what, before, now in _differences(config, model):
        problem = gettext(
            "The interrupted run was trained with {what} {before}, but {name!r} now has {now}.",
            what=what,
            before=before,
            name=str(model.name),
            now=now,
        )
        raise CompileError(problem, expected=gettext("the same compile line, {go_on}", go_on=gettext(GO_ON)))


def _differences(config: FitConfig, model: keras.Model) -> Iterator[tuple[str, Any, Any]]:
    """The compile arguments that differ, and how. The learning rate is part of the state, unless a schedule sets it."""
    before, now = config.optimizer, optimizer_facts(model)
    if before and before.get("class") != now.get("class"):
        yield gettext("the optimizer"), before.get("class"), now.get("class")
    for name in dict.fromkeys([*before, *now]) if before else ():
        values = before.get(name), now.get(name)
        are_rates = name == "learning_rate" and all(isinstance(value, (int, float)) for value in values)
        if not are_rates and _plain(values[0]) != _plain(values[1]):
            yield gettext("the optimizer's {name}", name=name), values[0], values[1]
    if config.loss is not None and config.loss != loss_of(model):
        yield (
            gettext("the loss"),
            *(getattr(loss, "__name__", None) or getattr(loss, "name", loss) for loss in (config.loss, loss_of(model))),
        )
    if config.compile_line:
        words = dict(compile_words(config.compile_line)), dict(compile_words(compile_line_of(model)))
        for name in ("loss", "metrics"):
            if words[0].get(name) != words[1].get(name):
                yield gettext("the {name}", name=name), words[0].get(name, "none"), words[1].get(name, "none")


def _plain(value: Any) -> Any:
    """A value in the form in which a file returns it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
