"""The request for a run: the data, the options and early stopping, checked against the model before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.classroom.bounds import check_epochs
from seqmagic.classroom.locks import check_compiled, describe_locked, lock_fit
from seqmagic.data.advice import advise, scale_notes
from seqmagic.data.arrays import as_data
from seqmagic.data.class_weights import describe_weights, is_balanced, with_weights
from seqmagic.data.classes import share_of_largest
from seqmagic.data.fit_call import check_data, check_length, look_ahead, prepare_validation
from seqmagic.data.held import WeakData
from seqmagic.data.held_out import count_rows, divide, find_held_out, labels_measured
from seqmagic.data.held_out_checks import advise_split, check_split, describe_split
from seqmagic.data.row_weights import like_labels
from seqmagic.data.streams import is_stream
from seqmagic.errors import DataError, SeqmagicError
from seqmagic.errors.boundary import TEXT, WHOLE, Kind, instance_of
from seqmagic.errors.user_code import find_own_frame, words_of
from seqmagic.history import History
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.own_random import generator
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.network.memory import memory_advice
from seqmagic.options.early_stop import EarlyStop, read_early_stop
from seqmagic.options.fit_line import EARLY_STOP, check_options
from seqmagic.options.monitors import check_watched
from seqmagic.options.weights import check_weighed, check_weights
from seqmagic.steps.gpu import describe_policy, grow_memory
from seqmagic.steps.rows import training_rows
from seqmagic.steps.sharing import check_gpus, check_precision, check_sharing, describe_sharing
from seqmagic.training.continuity import check_continuity, kept_options
from seqmagic.training.kept_weights import MOST_MEGABYTES, KeptWeights
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import size_of_weights
from seqmagic.translation import gettext

# Requirements for a run's own arguments; data and options are checked against the model.
ARGUMENTS = {
    "model": instance_of("a Keras model", keras.Model),
    "history": instance_of("the record of a run", History),
    "data_names": Kind("two texts", lambda names: isinstance(names, tuple) and list(map(type, names)) == [str, str]),
    "seed": WHOLE,
    "fit_line": TEXT,
    "start_point": instance_of("the result of find_start_point", StartPoint),
}


@dataclass
class Request:
    """A checked request for a run.

    Attributes:
        x, y, options: for `fit`.
        names: of the data and the labels.
        early_stop: decides when to end.
        seed: for the order of each epoch.
        fit_line: as the run was started.
        advice: what is not wrong, but unwise.
        scale: the part of it about data that is far larger than 1.
        plan: what else the user should know before it starts.
        held_out: the rows held out for validation, if they are not simply the last ones.
        again: data and options for another run.
        kept: the options that a run which resumes this one takes over.
        kept_megabytes: the memory limit for the weights of some epochs.
        largest_class: the share of the largest class in the labels of the validation, or all; None if they are not classes.
        workers: the number of processes that share each batch.
        policy: the dtype policy to set; empty to leave it unchanged.
    """

    x: Any
    y: Any
    options: dict[str, Any]
    names: tuple[str, str]
    early_stop: EarlyStop
    seed: int
    fit_line: str
    advice: tuple[str, ...]
    scale: str
    plan: tuple[str, ...]
    held_out: np.ndarray | None
    again: WeakData
    kept: dict[str, Any]
    kept_megabytes: float = MOST_MEGABYTES
    largest_class: float | None = None
    workers: int = 1
    policy: str = ""

    @property
    def epochs(self) -> int:
        """The number of epochs to train."""
        return int(self.options.get("epochs", 1)) - self.initial_epoch

    @property
    def initial_epoch(self) -> int:
        """The number of epochs before the run, as given by the user; `epochs` then includes them, as in Keras."""
        return int(self.options.get("initial_epoch") or 0)

    @property
    def of_run(self) -> dict[str, Any]:
        """The options that Keras's `fit` doesn't have, as far as they were given."""
        return {name: value for name, value in (("workers", self.workers), ("dtype_policy", self.policy)) if value not in (1, "")}

    def divided(self) -> tuple[Any, Any, dict[str, Any]]:
        """Data and options in the form of Keras's `fit`."""
        options = {name: value for name, value in self.options.items() if name not in ("initial_epoch", "split")}
        return (self.x, self.y, options) if self.held_out is None else divide(self.x, self.y, options, self.held_out)

    def again_with(self, x: Any, y: Any, options: dict[str, Any]) -> tuple[tuple[Any, Any], dict[str, Any]]:
        """Data and options for another run that continues this one.

        Args:
            x, y, options: what should differ; `epochs` counts only new ones.

        Raises:
            DataError: If the data is gone and none is given.
        """
        held = self.again.get()
        if held is None and x is None:
            raise DataError(
                gettext("The data of this run is no longer available."),
                expected=gettext("the data again"),
                instead="run.more(epochs=5, x=x_train, y=y_train)",
            )
        *data, before = held or (None, None, {})
        before = dict(before)
        if options.get("validation_data") is not None:
            before.pop("split", None)  # With validation_data there is no validation_split.
        before["epochs"] = before.get("epochs", 1) - int(before.pop("initial_epoch", None) or 0)  # These epochs are in the past now.
        return (x, y) if x is not None else (data[0], data[1]), {**before, **options}

    def let_go(self) -> None:
        """Release the data: a notebook keeps its panels, and these keep their runs."""
        self.x = self.y = self.held_out = None
        self.options = {name: value for name, value in self.options.items() if not name.endswith(("_data", "_weight"))}


def check_request(
    model: keras.Model,
    data: tuple[Any, Any],
    options: dict[str, Any],
    *,
    names: tuple[str, str],
    seed: int | None,
    fit_line: str,
    start_point: StartPoint | None,
    is_here: bool = True,
) -> Request:
    """Check data and options against the model.

    Args:
        options: those of `fit`, and until, patience and monitor.
        start_point: of the run to continue.
        is_here: whether it trains on this machine.

    Raises:
        DataError, CompileError, ArgumentError: If something doesn't fit.
    """
    check_options(options)
    grow_memory()
    x, y = map(as_data, data)
    added = hold_to_class(model, x, options) if start_point is None else {}
    options = {**options, **added}
    _look_at(lambda: check_data(model, x, y, names), names)
    asked, in_line = options.get("class_weight"), bool(fit_line)
    options = _hold_against(model, (x, y), options, names, start_point, in_line=in_line)
    again = WeakData((x, y, {**options, "seed": seed, **({} if asked is None else {"class_weight": asked})}))
    if start_point is not None:
        options["epochs"] = start_point.epochs_left(options["epochs"] - int(options.pop("initial_epoch", None) or 0))
        seed = start_point.config.seed
    kept = kept_options(options)
    check_watched(model, options)
    workers, policy = int(options.pop("workers", None) or 1), options.pop("dtype_policy", None) or ""
    early_stop, megabytes = _read_early_stop(options, start_point), options.pop("keep_weights", None)
    x = look_ahead(model, x, names[0])
    scale = next(scale_notes(model, x, names[0]), "")
    notes = *advise(model, x, names[0], options, y), *advise_split(model, x, y, options, names[1], in_line=in_line)
    prepared = prepare_validation(model, options)
    held_out = find_held_out(y, count_rows(x), options) if options.get("split") else None
    plan = (
        describe_locked(added),
        describe_split(x, options),
        describe_weights(options["class_weight"]) if is_balanced(asked) else "",
        _describe_keeping(model, megabytes),
        _share(model, workers, policy, (x, y), prepared, held_out, is_here=is_here) if workers > 1 else "",
        describe_policy(policy) if policy else "",
    )
    seed, advice = _draw_seed() if seed is None else seed, (*memory_advice(), *notes)
    most, largest = MOST_MEGABYTES if megabytes is None else float(megabytes), share_of_largest(labels_measured(y, count_rows(x), prepared))
    said, of_run = (scale, tuple(filter(None, plan)), held_out, again, kept), (most, largest, workers, policy)
    return Request(x, y, prepared, names, early_stop, seed, fit_line, advice, *said, *of_run)


def _share(
    model: keras.Model, workers: int, policy: str, data: tuple[Any, Any], options: dict[str, Any], held_out: Any, *, is_here: bool
) -> str:
    """Check that several workers can run a training; returns what the user should know about it."""
    rows, _ = training_rows(*data, options, 0)
    learned = 0 if rows is None else len(rows) if held_out is None else int(np.count_nonzero(~held_out))
    check_precision(model, workers, policy)
    if is_here:
        check_gpus(workers)
    check_sharing(model, workers, data[0], rows, learned, options)
    return describe_sharing(workers, rows.batch if rows is not None else 0, is_here=is_here)


def _read_early_stop(options: dict[str, Any], start_point: StartPoint | None) -> EarlyStop:
    """Take the early stopping out of the options; for a resumed run, restore its counts."""
    early_stop = read_early_stop(*(options.pop(name, None) for name in EARLY_STOP))
    if start_point is not None and start_point.state is not None:
        early_stop.go_on(start_point.state.early_stop)
    return early_stop


def hold_to_class(model: keras.Model, x: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Check a model and its options against the class file; returns the options that it sets and the user has not given.

    Raises:
        BoundError, ArgumentError: If something is not allowed.
    """
    check_epochs(options)
    missing = lock_fit(options)
    if model.compiled:
        check_compiled({"optimizer": model.optimizer, "loss": compiled_with(model).get("loss")})
    # A dataset is already batched, and can't be split.
    idle = ("batch_size", "validation_split") if is_stream(x) else ("batch_size",) if fixed_batch_of(model) else ()
    return {name: value for name, value in missing.items() if name not in idle}


def _hold_against(
    model: keras.Model,
    data: tuple[Any, Any],
    options: dict[str, Any],
    names: tuple[str, str],
    start_point: StartPoint | None,
    *,
    in_line: bool,
) -> dict[str, Any]:
    """Check the options against the model, after adding what follows from the labels or from the run that is resumed.

    Args:
        in_line: whether they come from a fit line.
    """
    x, y = data
    if options.get("sample_weight") is not None:
        options = {**options, "sample_weight": like_labels(model, y, options["sample_weight"])}
    known = options if start_point is None else _gone_on(start_point, options)
    check_length(model, x, y, known, names[0])
    check_split(model, x, y, known, names, in_line=in_line)
    options = with_weights(model, x, y, options, known, names[1], in_line=in_line)
    check_weights(model, options)
    if start_point is not None:
        check_continuity(start_point, model, data, options, names)
        options = _gone_on(start_point, options)
    check_weighed(model, y, options, names[1])
    return dict(options)


def _gone_on(start_point: StartPoint, options: dict[str, Any]) -> dict[str, Any]:
    """The options of an interrupted run, overridden by new ones."""
    config = start_point.config
    return {**config.options, "epochs": config.epochs, **{name: value for name, value in options.items() if value is not None}}


def _look_at(look: Callable[[], None], names: tuple[str, str]) -> None:
    """Run a check; data that can't even be inspected is refused.

    Raises:
        DataError: And whatever the user's own code raises.
    """
    try:
        look()
    except SeqmagicError:
        raise
    except Exception as error:
        if find_own_frame(error) is not None:
            raise
        problem = gettext(
            "{what} or {labels} can't be read as data: {error}: {words}",
            what=names[0],
            labels=names[1],
            error=type(error).__name__,
            words=words_of(error),
        ).rstrip(": ")
        raise DataError(problem, expected=gettext("arrays, tables of numbers, or a dataset")) from error


def _describe_keeping(model: keras.Model, megabytes: float | None) -> str:
    """Why no weights will be kept, if the user asked for it."""
    return KeptWeights(megabytes, size_of_weights(model)).reason if megabytes else ""


def _draw_seed() -> int:
    """Draw a seed that depends on `keras.utils.set_random_seed`, without changing the state of the generator."""
    before = generator().getstate()
    drawn = int(generator().randrange(2**32))
    generator().setstate(before)
    return drawn
