"""The status of a run, in a line."""

from __future__ import annotations

import seqmagic
from seqmagic.training.run import Run
from seqmagic.widgets.status import spoken_status, status_line
from tests.widgets.data import COMPILED, data


def test_a_run_tells_its_state_its_speed_and_why_it_ended() -> None:
    run = Run(seqmagic.build(COMPILED), *data(), epochs=50, until="loss < 100")
    assert spoken_status(run) == "Ready."
    run.start().wait()
    assert spoken_status(run).startswith("Done: 1 of 50 epochs in ")
    assert spoken_status(run).endswith("loss < 100 was reached")


def test_the_line_of_a_terminal_is_never_longer_than_the_terminal_is_wide() -> None:
    run = Run(seqmagic.build(COMPILED), *data(), epochs=3).start().wait()
    assert len(status_line(run, 60)) <= 59
    assert status_line(run, 200).startswith("████████████ Done: 3 of 3 epochs in ")
    assert "accuracy" in status_line(run, 200)
