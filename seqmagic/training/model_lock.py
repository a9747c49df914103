"""The guard of a model in training: calls from elsewhere wait for the run to end, or are refused in words."""

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

# What changes a model's weights, metrics or structure, or reads them while they change. `evaluate` in the middle of a fit
# writes into the training's own numbers, and `compile` ends the fit with an error.
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
    """Let only this thread at the model: calls from any other wait for the end of its runs, or raise.

    The methods are shadowed on this one model and uncovered at the end; Keras's class stays as it is.
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
        while model.__dict__.get(method.__name__) is call:  # The run has ended, and is about to uncover them.
            time.sleep(0.001)
        # Asked anew: another run may guard the model by now.
        return getattr(model, method.__name__)(*args, **kwargs)

    return call


def _await_runs(model: Any, method: str) -> None:
    """Wait for the run that trains a model, and those that wait behind it.

    Raises:
        BusyError: When nobody may wait for it.
        Interrupted: When somebody doesn't want to.
    """
    while (run := run_of(model)) is not None and not run.ended:
        # Only a person's cell may wait. The threads that prepare the data must not: the run waits for them.
        if run.paused or threading.current_thread() is not threading.main_thread():
            raise BusyError(
                gettext("{name!r} is {state}.", name=run.name, state=run.format_state()),
                expected=gettext("the run's end before {method}(): stop it, or wait", method=method),
            )
        if not run.wait_quietly():
            raise Interrupted(gettext("The training of {name} was stopped, and {method}() did nothing.", name=run.name, method=method))
