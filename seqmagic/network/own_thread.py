"""Running Keras code in a separate thread, so that it leaves no trace in the notebook."""

from __future__ import annotations

import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from seqmagic.keras_internals.own_random import generator, own_random_numbers
from seqmagic.keras_internals.threads import carry

Result = TypeVar("Result")
_spent = threading.local()  # CPU seconds used by the worker threads that a thread has waited for.


def processor_seconds() -> float:
    """The CPU time of this thread, including the work that it ran with `work_apart`; waiting costs none."""
    return time.thread_time() + getattr(_spent, "apart", 0.0)


def work_apart(work: Callable[[], Result]) -> Result:
    """Run some work in a separate thread, and return its result or raise its exception.

    Keras keeps the names that it has given, its seeds and deferred variables per thread, so all of them are discarded with the thread.
    Unseeded layers draw their seeds from Python's random generator: its state is restored, so that a seeded notebook stays reproducible.
    """
    results: list[Result] = []
    errors: list[BaseException] = []
    taken: list[float] = []
    python_seed, carried = generator().getstate(), carry(work)

    def run() -> None:
        try:
            results.append(carried())
        except BaseException as error:  # noqa: BLE001  # Any exception is raised again in the calling thread.
            errors.append(error)
        finally:
            taken.append(processor_seconds())

    thread = threading.Thread(target=run, name="seqmagic-apart", daemon=True)
    thread.start()
    try:
        thread.join()
    finally:
        generator().setstate(python_seed)
        _spent.apart = getattr(_spent, "apart", 0.0) + sum(taken)
    if errors:
        raise errors[0]
    return results[0]


def work_beside(work: Callable[..., Result]) -> Callable[..., Result]:
    """Wrap work for another thread that runs while the notebook goes on; it leaves no trace either.

    The state of Python's random generator can't be restored here, because others draw from it at the same time: Keras draws from another
    one instead. So the work may run no code but Keras's. Keras's per-thread state is copied from the calling thread now.
    """

    def beside(*arguments: Any) -> Result:
        with own_random_numbers(), _unseen_warnings():
            return work(*arguments)

    return carry(beside)


_silent = threading.local()
_show = warnings.showwarning


def _show_unless_silent(message: Any, category: type[Warning], filename: str, lineno: int, *more: Any, **others: Any) -> None:
    """Show a warning as before, unless warnings are silenced in this thread."""
    if hasattr(_silent, "files"):
        _silent.files.add(filename)
    else:
        _show(message, category, filename, lineno, *more, **others)


@contextmanager
def _unseen_warnings() -> Iterator[None]:
    """Silence the warnings of this thread, whose work no cell asked for; if a cell causes the same warning, it is still shown.

    `warnings.catch_warnings` affects all threads. Python also records warnings as shown, to show each once: these records are removed.
    """
    global _show  # The function that showed warnings before; other code may have replaced it since.
    if warnings.showwarning is not _show_unless_silent:
        _show, warnings.showwarning = warnings.showwarning, _show_unless_silent
    _silent.files = set()
    try:
        yield
    finally:
        files = _silent.files
        del _silent.files
        for module in [*sys.modules.values()] if files else ():
            names = getattr(module, "__dict__", {})  # sys.modules may contain anything: None blocks an import.
            if names.get("__file__") in files:
                names.get("__warningregistry__", {}).clear()
