"""The scheduler and the workers of a class, started by the very lines and with the very file of the administrator's page."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

PAGE = Path(__file__).parents[2] / "docs" / "class-machines.md"
LOOPBACK = "127.0.0.1"


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def settings(folder: Path) -> dict[str, Any]:
    """The page's file for dask, with its keys in a folder."""
    found: dict[str, Any] = yaml.safe_load(blocks("yaml")[0].replace("/etc/dask", folder.as_posix()))
    return found


def make_keys(folder: Path) -> None:
    """Make the authority and the certificate as the page says."""
    for line in blocks("sh")[0].splitlines():
        subprocess.run(shlex.split(line), cwd=folder, check=True, capture_output=True)  # A page of our own.


def free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


@contextmanager
def class_machines(folder: Path, workers: int, *, encrypted: bool = True) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers at loopback: the address, and their processes, the scheduler's first.

    Args:
        folder: for keys and settings. workers: each a process.
        encrypted: by TLS, as the page has it.
    """
    said = settings(folder)
    if encrypted:
        make_keys(folder)
    else:
        del said["distributed"]["comm"]
    (folder / "class.yaml").write_text(yaml.safe_dump(said))
    protocol = "tls" if encrypted else "tcp"
    address = f"{protocol}://{LOOPBACK}:{free_port()}"
    environment = {**os.environ, "DASK_CONFIG": str(folder), "TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    processes = []
    try:
        for line in blocks("sh")[1].splitlines():
            words = shlex.split(re.sub(r"10\.0\.0\.\d", LOOPBACK, line).replace(f"tls://{LOOPBACK}:8786", address))
            for option, value in (("--nworkers", str(workers)), ("--port", address.rpartition(":")[2]), ("--protocol", protocol)):
                words = _with(words, option, value)
            words = [sys.executable, "-m", *words]
            log = (folder / f"{words[3]}.log").open("wb")
            processes.append(subprocess.Popen(words, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True))
        yield address, processes
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _with(words: list[str], option: str, value: str) -> list[str]:
    """The same command with another value of an option that it has."""
    return [value if index and words[index - 1] == option else word for index, word in enumerate(words)]
