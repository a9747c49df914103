"""The import of Keras in the background writes nothing into a notebook, whoever has imported TensorFlow before."""

from __future__ import annotations

import io
import os
import sys
import time
from typing import Any

import pytest
import tensorflow as tf

from seqmagic.magics.kernel.preload import Preload

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
