"""Checks, before any worker process is started, that a training can be split across several workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from seqmagic.data.streams import is_stream
from seqmagic.errors import ArgumentError, CompileError, DataError, SeqmagicError
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.layers import is_of_keras, layers_inside
from seqmagic.keras_internals.precision import MIXED_FLOAT16, scales_losses
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.steps.gpu import count_gpus
from seqmagic.steps.graph_loop import is_own
from seqmagic.steps.rows import Rows
from seqmagic.translation import gettext, ngettext

STEPS = ("train_step", "test_step", "compute_loss", "compute_metrics", "fit", "evaluate", "make_train_function", "make_test_function")
COMPILED = {"optimizer": "optimizer", "loss": "loss", "metrics": "metric", "weighted_metrics": "metric"}
MOST_WORKERS = 64


def check_sharing(model: keras.Model, workers: int, x: Any, rows: Rows | None, count: int, options: Mapping[str, Any]) -> None:
    """Refuse a training that several workers can't run.

    Args:
        x: the data. rows: the same data as rows in memory, or None. count: the number of training rows.
        options: those of `fit`.

    Raises:
        ArgumentError, CompileError, DataError: With what to do instead.
    """
    if workers > MOST_WORKERS:
        problem = gettext("workers is {workers}.", workers=workers)
        raise ArgumentError(problem, expected=gettext("a whole number from 1 to {most}", most=MOST_WORKERS), instead="workers=2")
    _check_model(model, workers)
    _check_compiled(model, workers)
    for callback in options.get("callbacks") or ():
        if isinstance(callback, keras.callbacks.TensorBoard) and callback.update_freq != "epoch":
            problem = gettext("TensorBoard records each step, but workers={workers} run the steps in other processes.", workers=workers)
            raise ArgumentError(problem, expected=gettext("update_freq='epoch', or a run without workers="))
    if rows is None:
        raise _no_rows(workers, x, options)
    least = count % rows.batch or min(rows.batch, count)
    if least < workers:
        where = gettext("The last batch of an epoch") if count % rows.batch else gettext("A batch")
        problem = ngettext(
            "{where} has {count} row, for {workers} workers.",
            "{where} has {count} rows, for {workers} workers.",
            least,
            where=where,
            workers=workers,
        )
        error = DataError(problem, expected=gettext("at least one row per worker"))
        size = next((size for size in range(rows.batch + 1, rows.batch + 1000) if (count % size or size) >= workers and size <= count), 0)
        error.fixes = (f"batch_size={size}",) if size else ()
        raise error


def check_precision(model: keras.Model, workers: int, policy: str) -> None:
    """Refuse float16: its loss scale would have to be kept equal in all workers.

    Raises:
        ArgumentError: With what to do instead.
    """
    if policy == MIXED_FLOAT16 or (scales_losses(model.optimizer) and not policy):
        problem = gettext("{option} and workers={workers} can't be combined.", option=MIXED_FLOAT16, workers=workers)
        raise ArgumentError(problem, expected=gettext("only one of the two"), instead=f"mixed_bfloat16 workers={workers}")


def check_place(workers: int) -> None:
    """Refuse to share the batches of a sweep's tries that train elsewhere: there, each try has a worker of its own.

    Raises:
        ArgumentError: With what to do instead.
    """
    if workers > 1:
        problem = gettext("With on=, each trial of a sweep trains on one worker, and workers={workers} needs more.", workers=workers)
        raise ArgumentError(problem, expected=gettext("only one of the two"), instead="workers=1")


def describe_sharing(workers: int, batch: int, *, is_here: bool = True) -> str:
    """What the user should know before a training with workers begins."""
    cores, least = os.cpu_count() or 1, batch // workers
    parts = ngettext("{count} row", "{count} rows", least)
    if batch % workers:
        parts = gettext("{least} or {most} rows", least=least, most=least + 1)
    shares = gettext("Each batch of {batch} is split between {workers} processes: {parts} each.", workers=workers, batch=batch, parts=parts)
    alike = gettext(
        "Batch normalization only sees its part of the batch, and dropout uses the same mask for each part; "
        "otherwise the results are the same as in one process."
    )
    network = gettext(
        "While it trains, TensorFlow listens on {workers} ports of all network interfaces, so only do this in a network that you trust.",
        workers=workers,
    )
    few = gettext("This computer has {cores} cores, so the processes wait for each other.", cores=cores)
    return " ".join([shares, alike, network, *([few] if is_here and cores < workers and not count_gpus() else ())])


def check_gpus(workers: int) -> None:
    """Refuse to share what there are too few GPUs of this machine for.

    Raises:
        ArgumentError: With what to do instead.
    """
    gpus = count_gpus()
    if 0 < gpus < workers:
        problem = gettext("There are {workers} workers, but only {gpus} of the GPUs that they need.", workers=workers, gpus=gpus)
        raise ArgumentError(problem, expected=gettext("one GPU per worker"), instead=f"workers={gpus}" if gpus > 1 else "")


def _check_model(model: keras.Model, workers: int) -> None:
    own = next((name for name in STEPS if is_own(model, name)), None)
    if own is not None:
        problem = gettext("This model has its own {method}(), which can't be split between workers={workers}.", method=own, workers=workers)
        raise ArgumentError(problem, expected=gettext("a run without workers="))
    if fixed := fixed_batch_of(model):
        problem = gettext(
            "The input line sets a fixed batch size of {batch}, but {workers} workers split each batch.", batch=fixed, workers=workers
        )
        raise ArgumentError(problem, expected=gettext("an input line without batch, or a run without workers="))
    stranger = next(iter(_strangers(model)), None)
    for layer in layers_inside(model):
        if getattr(layer, "stateful", False):
            problem = gettext("Layer {layer!r} keeps its state from batch to batch, but workers split each batch.", layer=layer.name)
            raise ArgumentError(problem, expected=gettext("a layer without stateful, or a run without workers="))
        if isinstance(layer, keras.layers.Lambda):
            problem = gettext("Layer {layer!r} is a function, which can't be sent to another process.", layer=layer.name)
            raise ArgumentError(problem, expected=gettext("a Keras layer instead"))
    if stranger is not None:
        raise _unknown(stranger)


def _check_compiled(model: keras.Model, workers: int) -> None:
    given = compiled_with(model)
    if model.run_eagerly:
        problem = gettext("The model is compiled with run_eagerly=True, but workers={workers} need a graph.", workers=workers)
        raise CompileError(problem, expected=gettext("a compile line without it, or a run without workers="))
    for name, called in COMPILED.items():
        for thing in _things_in(given.get(name)):
            if _is_of_notebook(thing):
                word = getattr(thing, "__name__", type(thing).__name__)
                raise _unknown(f"{called} {word!r}")
            if isinstance(thing, keras.losses.Loss) and thing.reduction not in ("sum_over_batch_size", "mean"):
                problem = gettext("The loss has reduction={way!r}, which can't be computed from parts of a batch.", way=thing.reduction)
                raise CompileError(problem, expected=gettext("a loss without reduction, or a run without workers="))


def _unknown(thing: str) -> SeqmagicError:
    """The error for an object that is defined in the notebook and that workers can't import."""
    problem = gettext("This is defined in the notebook: {thing}. The workers are new processes that can't see it.", thing=thing)
    expected = gettext("it in a file such as mine.py that the notebook imports, or a run without workers=")
    return ArgumentError(problem, expected=expected)


def _no_rows(workers: int, x: Any, options: Mapping[str, Any]) -> SeqmagicError:
    if options.get("steps_per_epoch") or options.get("shuffle", True) not in (True, False):
        name = "steps_per_epoch" if options.get("steps_per_epoch") else "shuffle"
        option = f"{name}={options[name]!r}"
        problem = gettext("{option} and workers={workers} can't be combined.", option=option, workers=workers)
        return ArgumentError(problem, expected=gettext("only one of the two"))
    kind = gettext("a dataset or generator") if is_stream(x) else gettext("of the type {name}", name=type(x).__name__)
    problem = gettext("The data is {kind}, but {workers} workers need rows in memory.", kind=kind, workers=workers)
    return DataError(problem, expected=gettext("arrays, or a run without workers="))


def _strangers(model: keras.Model) -> Iterator[str]:
    """The classes and functions defined in the notebook that a model uses."""
    for layer in [model, *layers_inside(model)]:
        if _is_of_notebook(layer):
            yield gettext("layer {name!r} ({kind})", name=layer.name, kind=type(layer).__name__)
        for name, value in vars(layer).items() if layer is not model else ():
            if not isinstance(value, keras.layers.Layer) and callable(value) and _is_of_notebook(value):
                yield gettext("{name} of layer {layer!r}", name=name.strip("_"), layer=layer.name)


def _is_of_notebook(thing: Any) -> bool:
    """Whether an object's class or function is defined in the notebook, so that no other process can import it."""
    if is_of_keras(thing):
        return False
    kind = thing if isinstance(thing, type) or hasattr(thing, "__qualname__") else type(thing)
    name = getattr(kind, "__qualname__", "<")
    module = sys.modules.get(str(getattr(kind, "__module__", "")))
    return str(getattr(kind, "__module__", "")) == "__main__" or "<" in name or getattr(module, "__file__", "") is None


def _things_in(given: Any) -> Iterator[Any]:
    """The objects among the compile arguments, from lists and dicts; strings are names of Keras's own."""
    if isinstance(given, Mapping):
        for value in given.values():
            yield from _things_in(value)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        for value in given:
            yield from _things_in(value)
    elif given is not None and not isinstance(given, str):
        yield given
