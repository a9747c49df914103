"""Keras is never imported by two threads at once, which can break TensorFlow for as long as the kernel lives."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import seqmagic
from seqmagic.magics.kernel import preload
from seqmagic.magics.kernel.waiting import NEEDING_KERAS


class Watched:
    """A lock that knows whether it is held."""

    held = False

    def __enter__(self) -> None:
        self.held = True

    def __exit__(self, *error: object) -> None:
        self.held = False


def test_both_who_import_keras_hold_the_same_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seqmagic.ONE_IMPORT is preload.ONE_IMPORT
    lock, held = Watched(), []

    def importing(name: str) -> Any:
        held.append(lock.held)
        return import_module(name)

    monkeypatch.setattr(seqmagic, "ONE_IMPORT", lock)
    monkeypatch.setattr(seqmagic, "import_module", importing)
    monkeypatch.setattr(preload, "ONE_IMPORT", lock)
    monkeypatch.setattr(preload, "_import_rooms", lambda: held.append(lock.held))
    assert callable(seqmagic.keep_runs)
    preload.Preload(InteractiveShell())._load()  # noqa: SLF001
    assert (held, lock.held) == ([True, True], False)


@pytest.mark.parametrize("cell", ["seqmagic.build?", "net = seqmagic.build('input 3')", "%fit net x y", "%%sequential net\ninput 3"])
def test_a_cell_that_needs_keras_says_that_it_waits(cell: str) -> None:
    assert NEEDING_KERAS.search(cell)


@pytest.mark.parametrize("cell", ["x = 1", "print('seqmagic')"])
def test_another_cell_does_not_wait(cell: str) -> None:
    assert not NEEDING_KERAS.search(cell)
