"""Finding machines: what is wrong with an address, a scheduler or its workers is told before anything starts."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import seqmagic
from seqmagic.classroom.keys import ADDRESS
from seqmagic.errors import SeqmagicError
from seqmagic.machines.cluster import LOCAL, find
from seqmagic.machines.errors import MachineError
from seqmagic.machines.versions import check_versions, versions_here

ROOM = Path(seqmagic.__file__).parent / "machines"
SECONDS = 300.0


@pytest.mark.parametrize("on", ["loacl", "127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "local:", "local:-1"])
def test_what_is_no_address_is_told_with_one_that_is(on: str) -> None:
    with pytest.raises(SeqmagicError, match=r"is not the address of a scheduler") as told:
        find(on)
    for instead in told.value.instead.removeprefix("on=").split(", or on="):
        assert LOCAL.fullmatch(instead) or ADDRESS.fullmatch(instead)


def test_an_address_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqmagic.machines.connection.SECONDS", 0.5)
    with pytest.raises(MachineError, match=r"No scheduler answers at tcp://127.0.0.1:9"):
        find("tcp://127.0.0.1:9")
    with pytest.raises(SeqmagicError, match="at least one"):
        find("local:0")


def test_without_dask_the_error_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SeqmagicError, match=r"which is not installed here\.\n.*\n.*seqmagic\[machines\]"):
        find("local")


def test_dask_is_loaded_by_nobody_who_does_not_ask_for_it() -> None:
    for path in ROOM.glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"dask", "distributed", "cloudpickle", "tornado"}, path.name


def test_a_scheduler_without_workers_and_one_whose_worker_has_another_keras(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, processes=False, host="127.0.0.1", protocol="tcp://", dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(MachineError, match=r"has no workers") as told:
            find(address)
        assert told.value.instead == f"dask worker {address} --nthreads 1 (there)"
        # Another Keras as far as its packages say, and in truth a worker.
        (tmp_path / "keras-3.0.1.dist-info").mkdir()
        (tmp_path / "keras-3.0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: keras\nVersion: 3.0.1\n")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard", "--nthreads", "1"]
        worker = subprocess.Popen([*command, "--host", "127.0.0.1"], env=environment, stderr=subprocess.DEVNULL)
        try:
            with distributed.Client(address, set_as_default=False) as client:
                client.wait_for_workers(1, SECONDS)
            with pytest.raises(MachineError, match=r"The worker at tcp://127.0.0.1:\d+ has Keras 3.0.1, but this kernel has 3\.") as told:
                find(address)
            assert told.value.instead.startswith("pip install keras==3.")
        finally:
            worker.kill()
            worker.wait()
        find_closed = __import__("seqmagic.machines.cluster", fromlist=["_known"])._known.pop(address)  # noqa: SLF001
        find_closed.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seqmagic": ""}, "has no seqmagic."),
        ({"keras": "3.0"}, ""),
        ({"Keras": "3.1.0"}, "has Keras 3.1.0, but this kernel"),
        ({"TensorFlow": "2.1.0", "Python": "3.8.1"}, "has Python 3.8.1, but this kernel"),
        ({"Python": f"{sys.version_info.major}.{sys.version_info.minor}.99"}, ""),
    ],
)
def test_a_worker_with_other_packages_is_told_of_in_a_sentence(change: dict[str, str], said: str) -> None:
    found = {"tcp://127.0.0.1:1": {**versions_here(), **change}}
    if not said:
        check_versions(found)
        return
    with pytest.raises(MachineError) as told:
        check_versions(found)
    assert said in told.value.problem


def test_workers_of_this_computer_end_with_their_kernel_however_that_ends() -> None:
    pytest.importorskip("distributed")
    source = "import seqmagic.machines, time; print(seqmagic.machines.start_local(1), flush=True); time.sleep(600)"
    kernel = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    assert kernel.stdout.readline().startswith("tcp://127.0.0.1:")
    processes = psutil.Process(kernel.pid).children(recursive=True)
    assert len(processes) > 1
    kernel.send_signal(signal.SIGKILL)
    kernel.wait()
    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    assert not alive


def test_a_client_whose_thread_starts_late_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    opened: list[str] = []

    def late(address: str, **options: object) -> object:
        opened.append(address)
        if len(opened) == 1:
            raise AssertionError
        raise OSError("nobody is there")

    monkeypatch.setattr(distributed, "Client", late)
    with pytest.raises(MachineError, match=r"No scheduler answers at tcp://127.0.0.1:9"):
        find("tcp://127.0.0.1:9")
    assert len(opened) == 2
