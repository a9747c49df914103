"""Interrupts by flag: Ctrl-C and the square button end a run between two batches, and never in the middle of one.

A KeyboardInterrupt raised inside `fit` may be swallowed by Keras's callbacks or leave the model unable to train again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_interrupt(first: Callable[[], object]) -> Iterator[None]:
    """While this holds, the first interrupt calls `first`, and a second one is a KeyboardInterrupt as usual.

    Signals reach the main thread alone; in any other thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            signal.default_int_handler(number, frame)
        seen = True
        first()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)
