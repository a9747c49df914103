"""The cluster: a scheduler with its workers, and this kernel's connection to them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from seqmagic.classroom.current import current_rules
from seqmagic.classroom.keys import ADDRESS
from seqmagic.errors import ArgumentError
from seqmagic.machines.connection import Connection
from seqmagic.machines.errors import EXAMPLE, MachineError, import_distributed
from seqmagic.machines.follow import JobFollower
from seqmagic.machines.local import ends_with_kernel, local_address
from seqmagic.machines.ranks import RemoteWorkers
from seqmagic.machines.versions import PROBE, check_versions
from seqmagic.network.memory import format_bytes
from seqmagic.steps.workers import Workers
from seqmagic.training.elsewhere import Mirror
from seqmagic.translation import gettext, ngettext

LOCAL = re.compile(r"local(?::(\d{1,3}))?")
CLASS = "class"  # Stands for the scheduler that the class file names.
SECONDS_BETWEEN_LOOKS = 2.0  # Between two queries for the number of workers.


class Cluster(Connection):
    """The workers of one scheduler.

    Attributes:
        checked: the workers whose versions have been checked.
    """

    def __init__(self, address: str, student: str = "") -> None:
        super().__init__(address, student)
        self.checked: set[str] = set()
        self._count, self._next_look = 0, 0.0

    @property
    def workers(self) -> dict[str, int]:
        """The address of each worker, with its number of threads."""
        return dict(self.client.nthreads())

    @property
    def slots(self) -> int:
        """How many runs of this kernel can train at the same time."""
        most = current_rules().machines.get("runs")
        there = sum(self.workers.values())
        return there if most is None else min(there, most)

    def check(self) -> None:
        """Check that there are workers, and that their package versions match this kernel's.

        Raises:
            MachineError: If something is missing.
        """
        workers = self.workers
        if not workers:
            instead = gettext("dask worker {address} --nthreads 1 (there)", address=self.address)
            problem = gettext("The scheduler at {address} has no workers.", address=self.address)
            raise MachineError(problem, expected=gettext("at least one worker before you start"), instead=instead)
        new = sorted(set(workers) - self.checked)
        if new:
            check_versions(self.client.run(eval, PROBE, workers=new))
            self.checked.update(new)

    def train(self, mirror: Mirror, job: str) -> None:
        """Run a mirror's job on one of the workers, and update the mirror with everything it reports.

        Raises:
            MachineError: If the workers can't be reached any more, or the job can't be sent.
        """
        job = mirror.earlier_job if self.knows(mirror.earlier_job) else job
        with self.listening(job) as inbox:
            JobFollower(self, mirror, job, inbox).follow()

    @property
    def outlives_kernel(self) -> bool:
        """Whether its workers go on when this kernel ends."""
        return not ends_with_kernel(self.address)

    def check_sharing(self, workers: int) -> None:
        """Check that several workers may share a training.

        Raises:
            ArgumentError: If there are too few, or the class limits what a student may take.
        """
        there = len(self.workers)
        if workers > there:
            problem = ngettext(
                "There is {count} worker at {address}, and workers={workers} needs that many.",
                "There are {count} workers at {address}, and workers={workers} needs that many.",
                there,
                address=self.address,
                workers=workers,
            )
            instead = f"workers={there}" if there > 1 else ""
            raise ArgumentError(problem, expected=gettext("a worker for each process"), instead=instead)
        if {"runs", "seconds"} & current_rules().machines.keys():
            file = current_rules().name
            problem = gettext("{file} limits what a run takes, and workers={workers} takes several workers.", file=file, workers=workers)
            raise ArgumentError(problem, expected=gettext("a run on one worker"), instead="workers=1")

    def start_workers(self, count: int, folder: Path, is_wanted: Callable[[], bool]) -> Workers:
        """Start the processes of a training that several workers share."""
        return RemoteWorkers(self, count, folder, is_wanted)

    def describe(self) -> str:
        """A sentence on the workers; it is called often, so the workers are queried only from time to time."""
        now = time.monotonic()
        if now >= self._next_look and self.is_alive:
            self._next_look = now + SECONDS_BETWEEN_LOOKS
            with suppress(OSError, RuntimeError):
                self._count = len(self.workers)
        size = format_bytes(sum(size for _, size in self._data.values()))
        data = gettext(", with {size} of data on each", size=size) if self._data else ""
        words = ngettext(
            "On {count} worker of {address}{data}.", "On {count} workers of {address}{data}.", self._count, address=self.address, data=data
        )
        return " ".join(filter(None, [words + _bound(), self.caution]))

    @property
    def caution(self) -> str:
        """A sentence if others can listen in."""
        return "" if _is_closed(self.address) else gettext("The connection to {address} is not encrypted.", address=self.address)


def find(on: Any) -> Cluster:
    """The cluster at an address, checked before anything starts.

    Args:
        on: "local", "local:4" for four workers, "class" for those of the class file, or the address of a scheduler.

    Raises:
        SetupError: If dask.distributed is not installed.
        ArgumentError: If it isn't an address.
        MachineError: If there is no scheduler, or the workers don't fit.
    """
    import_distributed()
    text = str(on).strip("\"'")
    text = _address_of_class() if text == CLASS else text
    local = LOCAL.fullmatch(text)
    if local is None and not ADDRESS.fullmatch(text):
        problem = gettext("on={text} is not the address of a scheduler.", text=text)
        raise ArgumentError(problem, expected=gettext("local, or the address that dask shows"), instead=gettext(EXAMPLE))
    if local is not None and local[1] == "0":
        raise ArgumentError(gettext("on=local:0 would start no workers."), expected=gettext("at least one worker"), instead="on=local:2")
    address = local_address(int(local[1]) if local[1] else None) if local is not None else text
    cluster = _known.get(address)
    if cluster is None or not cluster.is_alive:
        cluster = _known[address] = Cluster(address)
    cluster.check()
    return cluster


def _address_of_class() -> str:
    """Read the address of the class's scheduler.

    Raises:
        ArgumentError: When no class file names one.
    """
    rules = current_rules()
    if "on" not in rules.machines:
        problem = (
            gettext("on=class needs a class file that names a scheduler, and there is none here.")
            if rules.path is None
            else gettext("on=class needs a scheduler, but {file} does not name one.", file=rules.name)
        )
        expected = gettext('on = "tcp://..." under [machines] in the class file, or your own workers')
        raise ArgumentError(problem, expected=expected, instead="on=local")
    return str(rules.machines["on"])


def _bound() -> str:
    """A sentence on the limit that the class sets; "" without one."""
    most = current_rules().machines.get("runs")
    if most is None:
        return ""
    return " " + ngettext(
        "At most {count} run of each student trains at a time.", "At most {count} runs of each student train at a time.", most
    )


def _is_closed(address: str) -> bool:
    """Whether nobody else can listen in: the address is local, or encrypted."""
    return re.match(r"tls://|wss://|\w+://(127\.|localhost|\[::1\])", address) is not None


_known: dict[str, Cluster] = {}
