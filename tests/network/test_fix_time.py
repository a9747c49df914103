"""How long fixes are tried for: by the processor's time, so that a busy computer offers what an idle one does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count
from types import SimpleNamespace

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.network import fixes
from seqmagic.network.own_thread import processor_seconds, work_apart

WRONG = "input 8\ndense 3 rleu\nflaten -> dense 2"  # With several guesses for each of two errors.


def offered(monkeypatch: pytest.MonkeyPatch, worked: float, waited: float) -> list[tuple[str, ...]]:
    """What is offered where each look at the clocks finds them so many seconds on."""

    def clock(step: float) -> Callable[[], float]:
        ticks = count()
        return lambda: step * next(ticks)

    monkeypatch.setattr(fixes, "processor_seconds", clock(worked))
    monkeypatch.setattr(fixes, "time", SimpleNamespace(monotonic=clock(waited)))
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(WRONG)
    monkeypatch.undo()
    return [error.fixes for error in getattr(caught.value, "errors", (caught.value,))]


def test_a_computer_that_is_busy_elsewhere_offers_what_an_idle_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = offered(monkeypatch, 0.0, 0.0)
    assert all(idle)
    assert len(idle) == 2
    assert offered(monkeypatch, 0.0, 0.1) == idle


@pytest.mark.parametrize(("worked", "waited"), [(1000.0, 0.0), (0.0, 1000.0)])
def test_the_likeliest_guess_is_tried_even_where_there_is_no_time(monkeypatch: pytest.MonkeyPatch, worked: float, waited: float) -> None:
    first, second = offered(monkeypatch, worked, waited)
    assert (first[:1], second) == (("dense 3 relu",), ())


def test_work_apart_counts_and_waiting_does_not() -> None:
    def work() -> float:
        began = time.thread_time()
        while time.thread_time() - began < 0.02:
            pass
        threading.Event().wait(0.3)
        return time.thread_time()

    before = processor_seconds()
    apart = work_apart(work)
    assert apart <= processor_seconds() - before < apart + 0.25
