"""Locking a model in training: calls from other threads wait for the run to end, or raise."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from seqmagic.errors import BusyError, Interrupted
from seqmagic.training.registry import run_of
from seqmagic.translation import gettext

# Methods that change a model's weights, metrics or structure, or read them. `evaluate` during a fit changes the training's metrics, and
# `compile` makes the fit fail.
GUARDED = (
    "fit",
    "evaluate",
    "predict",
    "compile",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
    "set_weights",
    "load_weights",
    "save",
    "save_weights",
    "export",
    "add",
    "pop",
)


@contextmanager
def guard(model: Any) -> Iterator[None]:
    """Within this context, only this thread can use the model: calls from other threads wait for its runs to end, or raise.

    The methods are replaced on this instance and restored at the end; Keras's class is not changed.
    """
    owner = threading.get_ident()
    shadowed = {name: model.__dict__[name] for name in GUARDED if name in model.__dict__}
    for name in GUARDED:
        if callable(getattr(model, name, None)):
            model.__dict__[name] = _guarded(model, getattr(model, name), owner)
    try:
        yield
    finally:
        for name in GUARDED:
            model.__dict__.pop(name, None)
        model.__dict__.update(shadowed)


def _guarded(model: Any, method: Callable[..., Any], owner: int) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == owner:
            return method(*args, **kwargs)
        _await_runs(model, method.__name__)
        while model.__dict__.get(method.__name__) is call:  # The run has ended, and is about to restore the methods.
            time.sleep(0.001)
        # Looked up again, because another run may have locked the model by now.
        return getattr(model, method.__name__)(*args, **kwargs)

    return call


def _await_runs(model: Any, method: str) -> None:
    """Wait for the run that trains a model, and for those queued after it.

    Raises:
        BusyError: If this thread may not wait.
        Interrupted: If the wait is interrupted.
    """
    while (run := run_of(model)) is not None and not run.ended:
        # Only a user's cell may wait. Threads that load the data must not, because the run waits for them.
        if run.paused or threading.current_thread() is not threading.main_thread():
            raise BusyError(
                gettext("{name!r} is {state}.", name=run.name, state=run.format_state()),
                expected=gettext("the run to end before {method}(): stop it, or wait", method=method),
            )
        if not run.wait_quietly():
            raise Interrupted(gettext("The training of {name} was stopped, and {method}() was not called.", name=run.name, method=method))
