"""The worker processes that share a training, as seen from the process that drives them."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from seqmagic.steps.messages import Failed
from seqmagic.translation import gettext

SECONDS = 0.05  # Between two checks whether the replies are still wanted.
PATIENCE_SECONDS = 2.0  # How long to wait for a killed process to exit, or for the reply of one that has.
# TensorFlow errors of a worker that lost contact with another one.
LOST_WORDS = ("Unavailable", "Aborted", "Cancelled", "DeadlineExceeded", "Internal", "Unknown")


class WorkerError(Exception):
    """A worker failed to do what was asked of it."""


class WorkerLostError(Exception):
    """A worker process exited in the middle of a training.

    Attributes:
        how: what ended it; empty if that is not known, as for a worker that only lost contact with another one.
        text: the error that it reported.
    """

    def __init__(self, message: str, how: str = "", text: str = "") -> None:
        super().__init__(message)
        self.how, self.text = how, text


class UnwantedError(Exception):
    """Stop was pressed before the workers had started."""


class Workers(ABC):
    """Processes that share a training, one of each rank; they end with `close`, or with the process that started them.

    Attributes:
        count: how many. addresses: host and port at which each one listens for the others.
        places: the machines that they run on; empty for this one.
    """

    addresses: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def __init__(self, count: int) -> None:
        self.count = count

    @abstractmethod
    def send(self, number: int, order: Any) -> None:
        """Send one of them a message."""

    @abstractmethod
    def receive(self, seconds: float) -> tuple[int, Any]:
        """The next reply, with the number of the worker; a `WorkerLostError` in place of that of one that has ended.

        Raises:
            Empty: If none comes within this time.
        """

    @abstractmethod
    def close(self) -> None:
        """End all of them, whatever they are doing."""

    def ask(self, orders: Iterable[Any], is_wanted: Callable[[], bool] = lambda: True) -> list[Any]:
        """Send each worker its message and wait for all replies.

        Args:
            is_wanted: called many times a second; returns False to stop waiting.

        Raises:
            WorkerError: If one of them failed.
            WorkerLostError: If one of them has exited.
            UnwantedError: If `is_wanted` returns False.
        """
        for number, order in enumerate(orders):
            self.send(number, order)
        return self.gather(is_wanted)

    def gather(self, is_wanted: Callable[[], bool]) -> list[Any]:
        """Wait for a reply of each; see `ask`."""
        answers: dict[int, Any] = {}
        while len(answers) < self.count:
            try:
                number, answer = self.receive(SECONDS)
            except Empty:
                if not is_wanted():
                    raise UnwantedError from None
                continue
            if isinstance(answer, Failed) and not answer.kind.startswith(LOST_WORDS):
                raise WorkerError(answer.text or answer.kind)
            if isinstance(answer, Failed):
                answer = self.lost(number, text=answer.text)
            if isinstance(answer, WorkerLostError):
                raise answer if answer.how else self._find_lost(answer)
            answers[number] = answer
        return [answers[number] for number in range(self.count)]

    def _find_lost(self, error: WorkerLostError) -> WorkerLostError:
        """The worker that another one lost contact with, if it can be found soon."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(Empty):
                _, answer = self.receive(SECONDS)
                if isinstance(answer, WorkerLostError) and answer.how:
                    return answer
        return error

    def lost(self, number: int, how: str = "", text: str = "") -> WorkerLostError:
        """The error for a worker that has ended.

        Args:
            number: of the worker. how: what ended it. text: its own error.
        """
        said = gettext("Worker {number} of {count} ended", number=number + 1, count=self.count)
        return WorkerLostError(gettext("{worker}, {how}", worker=said, how=how) if how else said, how, text)


class LocalWorkers(Workers):
    """Worker processes on this machine.

    Each runs in its own session, so that the notebook's interrupt button doesn't reach it.

    Attributes:
        folder: for their stderr files.
        processes: in the order of their rank.
    """

    def __init__(self, count: int, folder: Path, host: str = "127.0.0.1") -> None:
        super().__init__(count)
        self._replies: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self.folder, self.addresses = folder, tuple(f"{host}:{port}" for port in free_ports(count))
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
        threading.Thread(target=self._read, args=(number, process), daemon=True).start()
        return process

    def _read(self, number: int, process: subprocess.Popen[bytes]) -> None:
        """Put a worker's replies into the queue, and an error when it has exited."""
        assert process.stdout is not None  # noqa: S101  # Popen was given stdout=PIPE.
        try:
            while True:
                self._replies.put((number, pickle.load(process.stdout)))  # noqa: S301  # The data comes from a process that this one started.
        except Exception:  # noqa: BLE001
            self._replies.put((number, self._gone(number, process)))

    def send(self, number: int, order: Any) -> None:
        """Write it to the standard input of the process."""
        process = self.processes[number]
        assert process.stdin is not None  # noqa: S101  # Popen was given stdin=PIPE.
        try:
            pickle.dump(order, process.stdin, protocol=5)
            process.stdin.flush()
        except OSError as error:
            raise self._gone(number, process) from error

    def receive(self, seconds: float) -> tuple[int, Any]:
        """Take it from the queue."""
        return self._replies.get(timeout=seconds)

    def _gone(self, number: int, process: subprocess.Popen[bytes]) -> WorkerLostError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
        code = process.poll()
        if code is not None and -code in set(signal.Signals):
            return self.lost(number, gettext("killed by {signal}", signal=signal.Signals(-code).name))
        return self.lost(number, gettext("with exit code {code}", code=code)) if code is not None else self.lost(number)

    def close(self) -> None:
        """Kill all of them."""
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
