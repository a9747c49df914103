"""The import of Keras in the background writes nothing into a notebook, whoever has imported TensorFlow before."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from jupyter_client.manager import start_new_kernel

from seqmagic.magics.kernel.preload import Preload
from tests.support.kernel import Kernel, Outcome

NOTES = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    "E0000 00:00:1722.5 1234 cuda_platform.cc:51] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit\n",
    "E0000 00:00:1722.5 1234 cuda_dnn.cc:8310] Unable to register cuDNN factory: one has already been registered\n",
    "E0000 00:00:1722.5 1234 cuda_blas.cc:1418] Unable to register cuBLAS factory: one has already been registered\n",
    "I0000 00:00:1722.6 1234 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.\n",
)
OWN = "something of the notebook's\n"


def load() -> None:
    """Load everything in the background, to the end."""
    shell: Any = None  # It would only show how long a cell waits.
    preload = Preload(shell)
    preload.start()
    while not preload.is_done:
        time.sleep(0.01)


def test_no_note_is_seen_if_the_notebook_has_imported_tensorflow_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def look_for_devices() -> list[object]:
        os.write(2, "".join((NOTES[0], OWN, *NOTES[1:])).encode())
        return []

    assert "tensorflow" in sys.modules
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    monkeypatch.setattr(tf.config, "list_physical_devices", look_for_devices)
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # As in a kernel, where Python's own output goes another way.
    load()
    assert capfd.readouterr().err == OWN


def test_in_a_terminal_nothing_is_held_back(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda: os.write(2, OWN.encode()))
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    load()
    assert capfd.readouterr().err == OWN


@pytest.mark.parametrize(
    "cell",
    [
        "%load_ext seqmagic\nimport keras\nkeras.layers.Dense(3).name",
        "import numpy\n%load_ext seqmagic\nfrom tensorflow import keras\nkeras.layers.Dense(3).name",
    ],
)
def test_no_note_is_seen_in_a_first_cell_that_imports_keras_too(cell: str, tmp_path: Path) -> None:
    outcome = run_first(cell, tmp_path)
    assert (outcome.printed, outcome.result) == ("", "'dense'")


def test_settings_that_a_first_cell_makes_before_it_imports_keras_hold(tmp_path: Path) -> None:
    outcome = run_first("%load_ext seqmagic\nimport os\nos.environ['KERAS_BACKEND'] = 'none'\nimport keras", tmp_path)
    assert "Unable to import backend : none" in outcome.error[1]


def test_an_interrupt_while_keras_is_loaded_ends_the_first_cell(tmp_path: Path) -> None:
    with new_kernel(tmp_path) as kernel:
        cell = kernel.send("%load_ext seqmagic\nimport keras\nkeras.layers.Dense(3).name")
        kernel.wait_for_text("Loading Keras")
        kernel.manager.interrupt_kernel()
        outcome = kernel.finish(cell)
        assert outcome.error[0::2] == ["Interrupted", "\x1b[31mInterrupted\x1b[0m: Keras is still loading, so nothing was done."]
        assert kernel.run("%load_ext seqmagic\nimport keras\nkeras.layers.Dense(3).name").result == "'dense'"
        assert kernel.run("%sequential net input 3 -> dense 1").status == "ok"


def run_first(cell: str, folder: Path) -> Outcome:
    """Run a cell in a new kernel."""
    with new_kernel(folder) as kernel:
        return kernel.run(cell)


@contextmanager
def new_kernel(folder: Path) -> Iterator[Kernel]:
    """A kernel in which TensorFlow says all that it says, and ipykernel passes it on, which it does not in a test."""
    environment = {name: value for name, value in os.environ.items() if name not in ("TF_CPP_MIN_LOG_LEVEL", "PYTEST_CURRENT_TEST")}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environment)
    try:
        yield Kernel(manager, client, folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
