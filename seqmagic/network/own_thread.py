"""Work in a thread of its own: work with Keras that leaves no trace in the notebook."""

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
_spent = threading.local()  # The processor's seconds that the work of a thread took apart from it.


def processor_seconds() -> float:
    """The processor's time that this thread has taken, with that of the work which it had done apart; waiting takes none."""
    return time.thread_time() + getattr(_spent, "apart", 0.0)


def work_apart(work: Callable[[], Result]) -> Result:
    """Do some work in a thread of its own, and give back or raise what it came to.

    Keras keeps the names that it gave, its seeds and the variables still to be made per thread, so all of it goes when the thread
    ends. Unseeded layers draw their seeds from Python's generator: it is put back, so that a seeded notebook stays repeatable.
    """
    results: list[Result] = []
    errors: list[BaseException] = []
    taken: list[float] = []
    python_seed, carried = generator().getstate(), carry(work)

    def run() -> None:
        try:
            results.append(carried())
        except BaseException as error:  # noqa: BLE001  # Whatever it is, it is raised again in the calling thread.
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
    """Some work for a thread of its own, to be done while the notebook goes on; it leaves no trace either.

    Python's generator can't be put back here, for others draw from it meanwhile: Keras draws from another one. So the work may run no code
    but Keras's. What Keras keeps for the calling thread is what it is at this moment.
    """

    def beside(*arguments: Any) -> Result:
        with own_random_numbers(), _unseen_warnings():
            return work(*arguments)

    return carry(beside)


_silent = threading.local()
_show = warnings.showwarning


def _show_unless_silent(message: Any, category: type[Warning], filename: str, lineno: int, *more: Any, **others: Any) -> None:
    """Show a warning as before, unless its thread is silent."""
    if hasattr(_silent, "files"):
        _silent.files.add(filename)
    else:
        _show(message, category, filename, lineno, *more, **others)


@contextmanager
def _unseen_warnings() -> Iterator[None]:
    """Let nobody see the warnings of this thread, of which no cell has asked for the work; a cell that does sees them all the same.

    Python's own way to catch them holds for all threads at once. It notes which were shown, so as to show each once: that is taken back.
    """
    global _show  # What showed warnings before; somebody may have changed it since.
    if warnings.showwarning is not _show_unless_silent:
        _show, warnings.showwarning = warnings.showwarning, _show_unless_silent
    _silent.files = set()
    try:
        yield
    finally:
        files = _silent.files
        del _silent.files
        for module in [*sys.modules.values()] if files else ():
            names = getattr(module, "__dict__", {})  # Python allows anything there: None forbids an import.
            if names.get("__file__") in files:
                names.get("__warningregistry__", {}).clear()
