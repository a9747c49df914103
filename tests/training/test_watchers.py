"""Those who watch a run are told often, but never so often that the training feels it."""

from __future__ import annotations

import pytest

from seqmagic.training import watchers
from seqmagic.training.watchers import Watchers


@pytest.mark.parametrize(("takes", "a_minute"), [(0.0001, 600), (0.05, 110), (0.3, 18), (3.0, 8)])
def test_notifying_takes_a_tenth_of_the_time_at_most(monkeypatch: pytest.MonkeyPatch, takes: float, a_minute: int) -> None:
    now = notified = 0.0
    monkeypatch.setattr(watchers.time, "perf_counter", lambda: now)

    def watch() -> None:
        nonlocal now, notified
        now += takes
        notified += 1

    watching = Watchers()
    watching.append(watch)
    while now < 60:
        watching.notify()
        now += 0.01  # A batch.
    assert notified == pytest.approx(a_minute, rel=0.12)
    before = notified
    watching.notify(now=True)
    assert notified == before + 1
