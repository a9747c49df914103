"""A kernel that will soon end for want of memory is told of before it does."""

from __future__ import annotations

import psutil
import pytest

import seqmagic
from seqmagic.model import memory


def test_a_run_warns_while_there_is_still_time(monkeypatch: pytest.MonkeyPatch, digits_data: tuple, digits_model: object) -> None:
    assert not [note for note in seqmagic.Run(digits_model, *digits_data).advice if "Memory" in note]
    left = psutil.virtual_memory()._replace(available=120_000_000)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: left)
    notes = [note for note in seqmagic.Run(digits_model, *digits_data).advice if "Memory" in note]
    assert notes[0].startswith("Memory runs short: 120 MB are left, and when they are gone the kernel ends.")
