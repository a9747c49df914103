"""Loading Keras in the background, while the student is still reading the first cell. It takes 4 to 12 seconds."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

# Everything that a first cell needs: the widgets bring Keras, ipywidgets and matplotlib's drawing with them.
ROOMS = ("seqmagic.training.recipe", "seqmagic.widgets.dashboard", "seqmagic.widgets.card", "matplotlib.backends.backend_agg")
# TensorFlow's notes on the processor, which it writes past Python, and past its own log level.
# The last is an error to TensorFlow alone: it looks for a graphics card, and most computers of students have none.
NOTES = re.compile(rb"WARNING: All log messages before absl|I\d{4} |To enable the following instructions|E\d{4} .*cuda.*cuInit")


class Preload:
    """The loading of Keras, in a thread of its own. A failure is left to the cell that needs Keras: there it is told."""

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        self._thread = threading.Thread(target=_import_rooms, name="seqmagic-preload", daemon=True)
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin, and return at once; once begun, nothing."""
        with self._lock:
            if not self._started:
                self._started = True
                self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until Keras is loaded, or for some seconds."""
        self.start()
        self._thread.join(timeout)

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread.is_alive()


def _import_rooms() -> None:
    with contextlib.suppress(Exception), _without_notes():
        # Looking for devices here keeps what TensorFlow says of it out of the first network's cell. It fixes nothing: how a
        # device is used can still be set afterwards.
        importlib.import_module("tensorflow").config.list_physical_devices()
        for room in ROOMS:
            importlib.import_module(room)


@contextlib.contextmanager
def _without_notes() -> Iterator[None]:
    """Keep TensorFlow's notes out of the first cell's output. Everything else that was written meanwhile is passed on."""
    if "tensorflow" in sys.modules or sys.stderr is sys.__stderr__:
        yield  # In a terminal Python's own messages take the same way: leave it alone.
        return
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            os.write(2, b"".join(line for line in file if not NOTES.match(line)))
