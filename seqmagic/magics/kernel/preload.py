"""Importing Keras in the background, while the user is still reading the first cell. It takes 4 to 12 seconds."""

from __future__ import annotations

import contextlib
import gc
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
from seqmagic.keras_internals.one_import import ONE_IMPORT
from seqmagic.magics.kernel.live_line import LiveLine
from seqmagic.training.interrupts import on_interrupt
from seqmagic.translation import gettext

# What a first cell needs: the widgets import Keras, ipywidgets and matplotlib.
ROOMS = ("seqmagic.recipes.recipe", "seqmagic.widgets.dashboard", "seqmagic.widgets.network_card", "matplotlib.backends.backend_agg")
# TensorFlow's messages about the CPU, which it writes directly to file descriptor 2, regardless of its log level. The last ones are errors
# only for TensorFlow: it looks for a GPU, and most students' computers have none; and 2.18 registers the libraries for one twice.
NOTES = re.compile(
    rb"WARNING: All log messages before absl|I\d{4} |To enable the following instructions"
    rb"|E\d{4} .*(?:cuda.*cuInit|Unable to register cu(?:DNN|BLAS|FFT) factory)"
)


class Preload:
    """Imports Keras in a separate thread. A failure is not reported here, but in the cell that needs Keras."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        self._thread = threading.Thread(target=self._load, name="seqmagic-preload", daemon=True)
        # Not is_alive(), which is wrong in Python 3.11 after an interrupted join().
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Start, and return at once; does nothing if it was started before."""
        with self._lock:
            if not self._started:
                self._started = True
                self._thread.start()

    def join(self) -> None:
        """Start, and wait until Keras is imported.

        Raises:
            Interrupted: If the wait is interrupted.
        """
        if not self.wait(is_first=False):
            raise Interrupted(gettext("Keras is still loading, so nothing was done."))
        if not self.is_done and importlib.util.find_spec("tensorflow") is None:
            raise no_tensorflow("%")

    def wait(self, *, is_first: bool) -> bool:
        """The same; returns False if the wait is interrupted. The import continues.

        Args:
            is_first: whether the cell has no output yet.
        """
        self.start()
        if self._done.is_set():
            return True
        began = time.monotonic()
        with on_interrupt(lambda: None) as presses, LiveLine(self.shell, is_first=is_first) as line:
            # Short waits: on some systems, a long one in the main thread would keep Python from handling the interrupt.
            while not self._done.wait(0.05) and not presses.count:
                line.show(gettext("Loading Keras (once per kernel): {seconds:.0f} s", seconds=time.monotonic() - began))
        return not presses.count

    @property
    def is_running(self) -> bool:
        """Whether it has started and not ended."""
        return self._started and not self._done.is_set()

    @property
    def is_done(self) -> bool:
        """Whether Keras has been imported."""
        return self._done.is_set() and ROOMS[0] in sys.modules

    def _load(self) -> None:
        is_there = "keras" in sys.modules
        try:
            with ONE_IMPORT:
                _import_rooms()
            if not is_there:
                # A full garbage collection after such an import takes 0.2 s. Left to Python, it would run some moments later, while the
                # user may be typing.
                gc.collect()
        finally:
            self._done.set()


def _import_rooms() -> None:
    with contextlib.suppress(Exception), _without_notes():
        # Listing devices here keeps TensorFlow's messages about them out of the first network's cell. It initializes nothing: devices can
        # still be configured afterwards.
        importlib.import_module("tensorflow").config.list_physical_devices()
        for room in ROOMS:
            importlib.import_module(room)


@contextlib.contextmanager
def _without_notes() -> Iterator[None]:
    """Keep TensorFlow's messages out of a cell's output. Everything else written in the meantime is passed on.

    They come when TensorFlow is imported, and again when it looks for a GPU: so also if the notebook has imported it before.
    """
    if sys.stderr is sys.__stderr__:
        yield  # In a terminal, Python's own output uses the same file descriptor: leave it alone.
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
