"""Values of a fit line: which counts, shares, weights and callbacks are valid."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, Span, nearest
from seqmagic.errors.boundary import format_kind
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.catalogue import CALLBACKS, OPTIMIZERS
from seqmagic.translation import gettext

COUNTS = ("epochs", "batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size", "validation_freq", "workers")
MOST = 2**31  # Epochs, batch_size and similar counts must be below this: TensorFlow counts in int32.
OPTIONAL = ("batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size", "workers")


def check_setting(name: str, value: Any, span: Span | None = None) -> None:
    """Refuse an invalid value of an option of `fit`.

    Raises:
        ArgumentError: If the value is invalid.
    """
    if name in COUNTS and not (value is None and name in OPTIONAL):
        _check_count(name, value, span)
    if name == "validation_split" and not (isinstance(value, (int, float)) and 0 <= value < 1):
        error = ArgumentError(
            gettext("validation_split is {option}.", option=_format_option(value)),
            expected=gettext("a fraction of the data, such as 0.2"),
            span=span,
        )
        share = as_number(value)
        share = share / 100 if share is not None and 5 <= share < 100 else share
        error.fixes = (f"validation_split={share:g}",) if share is not None and 0 < share < 1 else ()
        raise error
    if name == "shuffle" and not isinstance(value, (bool, np.bool_)):
        raise ArgumentError(gettext("shuffle is {option}.", option=_format_option(value)), expected=gettext("True or False"), span=span)
    if name == "verbose" and not (isinstance(value, (int, str)) and value in (0, 1, 2, "auto")):
        raise ArgumentError(gettext("verbose is {option}.", option=_format_option(value)), expected=gettext("0, 1 or 2"), span=span)
    if name == "initial_epoch" and not (isinstance(value, numbers.Integral) and not isinstance(value, bool) and 0 <= int(value) < MOST):
        problem = gettext("initial_epoch is {option}.", option=_format_option(value))
        raise ArgumentError(problem, expected=gettext("the number of epochs that the model has already trained, from 0"), span=span)
    if name == "keep_weights" and value is not None:
        _check_megabytes(value, span)
    if name == "validation_data":
        _check_validation(value, span)
    if name == "callbacks" and value is not None:
        for callback in flat_callbacks(value):
            _check_callback(callback, span)


def flat_callbacks(value: Any) -> list[Any]:
    """Callbacks as one flat list, whether given as one, a list, nested lists, or a CallbackList of Keras.

    >>> first, second = keras.callbacks.TerminateOnNaN(), keras.callbacks.EarlyStopping()
    >>> flat_callbacks([first, [second]]) == [first, second]
    True
    """
    if isinstance(value, keras.callbacks.CallbackList):
        # A CallbackList adds Keras's History; `fit` creates its own.
        value = [callback for callback in value.callbacks if type(callback) is not keras.callbacks.History]
    try:
        return [] if value is None else list(keras.tree.flatten(value))
    except Exception:  # noqa: BLE001  # A list that contains itself, or a custom class: it is refused later, as not a callback.
        return [value]


def check_epochs(options: Mapping[str, Any]) -> None:
    """Refuse `epochs` that don't exceed `initial_epoch`: `epochs` is the index at which training ends.

    Raises:
        ArgumentError: If they don't.
    """
    first, last = int(options.get("initial_epoch") or 0), int(options.get("epochs", 1))
    if first and last <= first:
        problem = gettext(
            "Training would start after epoch {first} (initial_epoch) and end with epoch {last} (epochs), so there is nothing to train.",
            first=first,
            last=last,
        )
        raise ArgumentError(problem, expected=gettext("epochs counted from the very first one"), instead=f"epochs={first + last}")


def _check_count(name: str, value: Any, span: Span | None) -> None:
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and 1 <= int(value) < MOST:
        return
    if name == "validation_freq" and isinstance(value, (list, tuple, set)) and all(isinstance(epoch, numbers.Integral) for epoch in value):
        return
    error = ArgumentError(
        gettext("{name} is {option}.", name=name, option=_format_option(value)), expected=gettext("a whole number of at least 1"), span=span
    )
    meant = as_number(value)
    error.fixes = (f"{name}={int(meant)}",) if meant is not None and 1 <= meant < MOST and meant == int(meant) else ()
    raise error


def _check_megabytes(value: Any, span: Span | None) -> None:
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 <= float(value) < MOST:
        return
    error = ArgumentError(
        gettext("keep_weights is {option}.", option=_format_option(value)), expected=gettext("a size in MB, or 0 for none"), span=span
    )
    error.fixes = ("keep_weights=0",) if value is False else ("keep_weights=64",) if value is True else ()
    raise error


def _format_option(value: Any) -> str:
    """The repr of a value if it is short and runs no user code; otherwise a description of its type."""
    is_plain = isinstance(value, (str, float, bool, type(None), np.number)) or (type(value) is int and abs(value) < 10**30)
    return repr(value)[:60] if is_plain and type(value).__module__ in ("builtins", "numpy") else format_kind(value)


def as_number(value: Any) -> float | None:
    """Convert a value to a float, even if it is written as text."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _check_validation(value: Any, span: Span | None) -> None:
    both = gettext("x_test,y_test: the data and its labels")
    if getattr(value, "shape", None) is not None:
        problem = gettext("validation_data contains data without labels.")
        raise ArgumentError(problem, expected=gettext("both"), instead="validation_data=x_test,y_test", span=span)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        instead = f"validation_split={value}" if 0 < value < 1 else ""
        raise ArgumentError(
            gettext("validation_data is the number {option}.", option=_format_option(value)), expected=both, instead=instead, span=span
        )
    if isinstance(value, str):
        raise ArgumentError(gettext("validation_data is the text {value!r}.", value=value[:40]), expected=both, span=span)
    if isinstance(value, (list, tuple)) and len(value) not in (2, 3):
        count = gettext("1 part") if len(value) == 1 else gettext("{count} parts", count=len(value))
        raise ArgumentError(gettext("validation_data has {count}.", count=count), expected=both, span=span)


def _check_callback(callback: Any, span: Span | None) -> None:
    if isinstance(callback, keras.callbacks.Callback):
        return
    if isinstance(callback, str):
        found = CALLBACKS.find(callback) or next((CALLBACKS.find(word) for word in nearest(callback, CALLBACKS.words(), 1)), None)
        if found is None:
            raise CALLBACKS.unknown(callback, span)
        problem = gettext("The callback is the text {callback!r}.", callback=callback[:40])
        raise ArgumentError(problem, expected=gettext("the callback itself"), instead=_made(found), span=span)
    if isinstance(callback, type) and issubclass(callback, keras.callbacks.Callback):
        problem = gettext("{callback} is a callback class, not an instance.", callback=callback.__name__)
        raise ArgumentError(problem, expected=gettext("brackets after it"), instead=_made(callback), span=span)
    if callable(callback) and not isinstance(callback, type):
        problem = gettext("{callback!r} is a function, not a callback.", callback=getattr(callback, "__name__", type(callback).__name__))
        raise ArgumentError(
            problem, expected=gettext("a callback, such as LambdaCallback(on_epoch_end=...)"), instead=_wrapped(callback), span=span
        )
    kind = (
        gettext("the number {callback!r}", callback=callback)
        if isinstance(callback, (int, float))
        else gettext("of the type {callback}", callback=type(callback).__name__)
    )
    problem = gettext("The callback is {kind}.", kind=kind)
    raise ArgumentError(problem, expected=gettext("a Keras callback, such as early_stopping(patience=3)"), span=span)


def _made(kind: type) -> str:
    """The code that creates a callback, if its class needs no arguments."""
    try:
        kind()
    except Exception:  # noqa: BLE001  # If creating it raises any error, this code is no fix.
        return ""
    own = "" if not is_of_keras(kind) else "keras.callbacks."
    # Without validation there is no val_loss, which these callbacks monitor by default.
    monitor = "monitor='loss'" if issubclass(kind, WAITING) else ""
    return f"{own}{kind.__name__}({monitor})"


def _wrapped(function: Any) -> str:
    """The code that makes a callback from a function of an epoch and its logs."""
    name = getattr(function, "__name__", "")
    try:
        inspect.signature(function).bind(0, {})
    except (TypeError, ValueError):
        return ""
    return f"keras.callbacks.LambdaCallback(on_epoch_end={name})" if name.isidentifier() else ""


def check_rates(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a Keras callback that sets the learning rate if the optimizer's rate is a schedule or a function.

    Raises:
        ArgumentError: If there is such a callback.
    """
    setting = [callback for callback in flat_callbacks(options.get("callbacks")) if type(callback) in SETTING]
    optimizer = getattr(model, "optimizer", None)
    if not setting or optimizer is None or has_plain_rate(optimizer):
        return
    config = optimizer.get_config()
    rate = config.get("learning_rate")
    schedule = rate["class_name"] if isinstance(rate, dict) and "class_name" in rate else gettext("a function")
    problem = gettext(
        "Both {setting} and {schedule} on the compile line set the learning rate.",
        setting=type(setting[0]).__name__,
        schedule=schedule,
    )
    start = rate.get("config", {}).get("initial_learning_rate", 0.001) if isinstance(rate, dict) else 0.001
    word = type(optimizer).__name__.lower()
    instead = f"{word}({start:g})" if OPTIMIZERS.find(word) is type(optimizer) else ""
    raise ArgumentError(problem, expected=gettext("only one of them: a number on the compile line, or no such callback"), instead=instead)


SETTING = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)
WAITING = (keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau)


def check_word(name: str, word: Any, words: Sequence[str], span: Span | None = None) -> None:
    """Refuse a word that is not among the values of an option.

    Raises:
        ArgumentError: If it is not.
    """
    if isinstance(word, str) and word in words:
        return
    ending = [known for known in words if isinstance(word, str) and word and known.endswith(word)]  # float16 means mixed_float16.
    close = ending or (nearest(word, words, 1) if isinstance(word, str) else [])
    found = repr(word)[:40] if isinstance(word, (str, bool, int, float)) else format_kind(word)
    raise ArgumentError(
        gettext("{name} is {found}.", name=name, found=found),
        expected=gettext(" or ").join(words),
        instead=f'{name}="{close[0]}"' if close else "",
        span=span,
    )
