"""The worker processes that share a training, as seen from the kernel."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from seqmagic.steps.messages import Failed
from seqmagic.translation import gettext

GONE = object()  # Stands for the reply of a worker process that has exited.
PATIENCE_SECONDS = 2.0  # How long to wait for a killed process to exit.
# TensorFlow errors of a worker that lost contact with another one.
LOST_WORDS = ("Unavailable", "Aborted", "Cancelled", "DeadlineExceeded", "Internal", "Unknown")


class WorkerError(Exception):
    """A worker failed to do what was asked of it."""


class WorkerLostError(Exception):
    """A worker process exited in the middle of a training."""


class UnwantedError(Exception):
    """Stop was pressed before the workers had started."""


class Workers:
    """Worker processes on this machine, which end with this process or with `close`.

    Each runs in its own session, so that the notebook's interrupt button doesn't reach it.

    Attributes:
        folder: for their stderr files.
        processes: in the order of their rank.
    """

    def __init__(self, count: int, folder: Path) -> None:
        self._replies: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self.folder = folder
        self.processes = [self._start(number) for number in range(count)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join(path for path in sys.path if path)
        with (self.folder / f"worker-{number}.txt").open("ab") as errors:
            process = subprocess.Popen(  # The interpreter running now, and a module of this package.
                [sys.executable, "-m", "seqmagic.steps.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "2"},
            )
        threading.Thread(target=self._read, args=(number, process.stdout), daemon=True).start()
        return process

    def _read(self, number: int, source: IO[bytes]) -> None:
        """Put a worker's replies into the queue, and GONE when it has exited."""
        try:
            while True:
                self._replies.put((number, pickle.load(source)))  # noqa: S301  # The data comes from a process that this one started.
        except Exception:  # noqa: BLE001
            self._replies.put((number, GONE))

    def ask(self, orders: Iterable[Any], is_wanted: Callable[[], bool] = lambda: True) -> list[Any]:
        """Send each worker its message and wait for all replies.

        Args:
            is_wanted: called many times a second; returns False to stop waiting.

        Raises:
            WorkerError: If one of them failed.
            WorkerLostError: If one of them has exited.
            UnwantedError: If `is_wanted` returns False.
        """
        for process, order in zip(self.processes, orders, strict=True):
            assert process.stdin is not None  # noqa: S101  # Popen was given stdin=PIPE.
            try:
                pickle.dump(order, process.stdin, protocol=5)
                process.stdin.flush()
            except OSError as error:
                raise self._lost(self.processes.index(process)) from error
        answers: dict[int, Any] = {}
        while len(answers) < len(self.processes):
            try:
                number, answer = self._replies.get(timeout=0.05)
            except Empty:
                if not is_wanted():
                    raise UnwantedError from None
                continue
            if answer is GONE:
                raise self._lost(number)
            if isinstance(answer, Failed):
                self._raise(number, answer)
            answers[number] = answer
        return [answers[number] for number in range(len(self.processes))]

    def _raise(self, number: int, failed: Failed) -> None:
        """Raise a worker's error; if it only lost contact with another worker, report that one as lost instead."""
        if failed.kind.startswith(LOST_WORDS):
            gone = next((place for place, process in enumerate(self.processes) if place != number and self._ends(process)), number)
            raise self._lost(gone, failed.text)
        raise WorkerError(failed.text or failed.kind)

    def _ends(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether a process has exited, or does so within 0.2 seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        return process.poll() is not None

    def _lost(self, number: int, text: str = "") -> WorkerLostError:
        process = self.processes[number]
        code = process.returncode if self._ends(process) else None
        said = gettext("Worker {number} of {count} ended", number=number + 1, count=len(self.processes))
        if code is not None and -code in set(signal.Signals):
            said = gettext("{worker}, killed by {signal}", worker=said, signal=signal.Signals(-code).name)
        elif code is not None:
            said = gettext("{worker}, with exit code {code}", worker=said, code=code)
        return WorkerLostError(said, text)

    def close(self) -> None:
        """Kill all of them, whatever they are doing."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_SECONDS)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None and pipe is not process.stdout:  # The reader thread still uses stdout and closes it when it ends.
                        pipe.close()


def free_ports(count: int) -> tuple[int, ...]:
    """Find ports that are free now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in sockets)
