"""The administrator's page: its file, its class file and its lines are those that start a scheduler and a worker with TLS."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from seqmagic.classroom.class_file import read_class_file
from seqmagic.errors import SeqmagicError
from seqmagic.machines.cluster import Cluster, find
from seqmagic.machines.serve import SETTINGS
from tests.support.dask_class import blocks, class_machines, settings

pytest.importorskip("distributed")
SECONDS = 300.0


def test_its_class_file_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "seqmagic-class.toml"
    file.write_text(blocks("toml")[0])
    assert read_class_file(file).machines == {"on": "tls://10.0.0.5:8786", "runs": 2, "seconds": 300}


def flat(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in said.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def test_its_settings_are_ones_that_dask_knows_and_we_use(tmp_path: Path) -> None:
    import dask
    import distributed  # noqa: F401  # Brings its settings along.

    said = dict(flat(settings(tmp_path)))
    nothing = object()
    assert [key for key in said if dask.config.get(key, nothing) is nothing] == []
    shared = {key: value for key, value in SETTINGS.items() if "allowed-failures" not in key and key in said}
    assert len(shared) == 3
    assert shared == {key: said[key] for key in shared}


def test_with_its_lines_only_who_has_a_certificate_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    monkeypatch.setattr("seqmagic.machines.connection.SECONDS", 30.0)
    with class_machines(tmp_path, 1) as (address, processes):
        with dask.config.set(dict(flat(settings(tmp_path)))):
            cluster = found(address)
            assert list(cluster.workers.values()) == [1]
            assert cluster.describe() == f"On 1 worker of {address}."
            listening = {one.laddr.ip for one in connections(processes) if one.status == psutil.CONN_LISTEN}
            cluster.close()
        monkeypatch.setattr("seqmagic.machines.connection.SECONDS", 1.0)
        for tried in (address, address.replace("tls", "tcp")):  # Without the keys.
            with pytest.raises(SeqmagicError, match="No scheduler answers"):
                Cluster(tried)
    assert listening == {"127.0.0.1"}


def found(address: str) -> Cluster:
    """The scheduler, once it is there with its worker."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return find(address)
        except SeqmagicError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def connections(processes: list[Any]) -> Iterator[Any]:
    for process in processes:
        here = psutil.Process(process.pid)
        for one in (here, *here.children(recursive=True)):
            yield from one.net_connections("inet")
