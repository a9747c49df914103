"""Loading Keras in the background, while the student is still reading the first cell. It takes 4 to 12 seconds."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import Interrupted, no_tensorflow
from seqmagic.magics.kernel.live_line import LiveLine
from seqmagic.training.interrupts import on_interrupt
from seqmagic.translation import gettext

# Everything that a first cell needs: the widgets bring Keras, ipywidgets and matplotlib's drawing with them.
ROOMS = ("seqmagic.recipes.recipe", "seqmagic.widgets.dashboard", "seqmagic.widgets.network_card", "matplotlib.backends.backend_agg")
# TensorFlow's notes on the processor, which it writes past Python, and past its own log level.
# The last is an error to TensorFlow alone: it looks for a graphics card, and most computers of students have none.
NOTES = re.compile(rb"WARNING: All log messages before absl|I\d{4} |To enable the following instructions|E\d{4} .*cuda.*cuInit")


class Preload:
    """The loading of Keras, in a thread of its own. A failure is left to the cell that needs Keras: there it is shown."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        self._thread = threading.Thread(target=self._load, name="seqmagic-preload", daemon=True)
        # An own event: after an interrupted join(), Python 3.11's is_alive() is wrong.
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin, and return at once; once begun, nothing."""
        with self._lock:
            if not self._started:
                self._started = True
                self._thread.start()

    def join(self) -> None:
        """Begin, and wait until Keras is loaded.

        Raises:
            Interrupted: When somebody does not want to wait.
        """
        if not self.wait(is_first=False):
            raise Interrupted(gettext("Keras is still being loaded, and nothing was done."))
        if not self.is_done and importlib.util.find_spec("tensorflow") is None:
            raise no_tensorflow("%")

    def wait(self, *, is_first: bool) -> bool:
        """The same; False means that somebody interrupted it. The loading goes on.

        Args:
            is_first: whether the cell has shown nothing yet.
        """
        self.start()
        if self._done.is_set():
            return True
        began = time.monotonic()
        with on_interrupt(lambda: None) as presses, LiveLine(self.shell, is_first=is_first) as line:
            # Short waits: a long one in the main thread would keep Python from seeing the interrupt on some systems.
            while not self._done.wait(0.05) and not presses.count:
                line.show(gettext("Loading Keras, once in each kernel: {seconds:.0f} s", seconds=time.monotonic() - began))
        return not presses.count

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._started and not self._done.is_set()

    @property
    def is_done(self) -> bool:
        """Whether Keras is there to be used."""
        return self._done.is_set() and ROOMS[0] in sys.modules

    def _load(self) -> None:
        try:
            _import_rooms()
        finally:
            self._done.set()


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
