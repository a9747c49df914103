"""The status of a run, in a line."""

from __future__ import annotations

import re
import time

import seqmagic
from seqmagic.history import History
from seqmagic.training.run import Run
from seqmagic.widgets.status import format_numbers, format_status, format_table, status_line
from tests.support.renewed import renewed
from tests.support.small_network import COMPILED, data


def test_a_run_shows_its_state_its_speed_and_why_it_ended() -> None:
    run = Run(renewed(seqmagic.build(COMPILED)), *data(), epochs=50, until="loss < 100")
    assert format_status(run) == "Ready."
    run.start().wait()
    assert format_status(run).startswith("Done: 1 of 50 epochs in ")
    assert format_status(run).endswith("loss < 100 was reached")


def test_a_run_that_validates_shows_no_speed_and_no_time_left() -> None:
    x, y = data()
    values: list[str] = []

    def has_validated() -> bool:
        return any("validating" in line for line in values)

    slow = ((x[:8], y[:8]) for number in range(1000) if (number < 6 or not has_validated()) and time.sleep(0.12) is None)
    run = Run(renewed(seqmagic.build(COMPILED)), x, y, epochs=1, validation_data=slow)
    run.watchers.append(lambda run: values.append(format_status(run)))
    run.start().wait()
    validating = [line for line in values if "validating" in line]
    assert validating
    assert all(re.fullmatch(r"Training: epoch 1 of 1 · \d+\.\d s · validating", line) for line in validating), validating
    assert values[-1].startswith("Done: ")


def test_a_run_that_goes_on_counts_as_its_curves_do() -> None:
    first = Run(renewed(seqmagic.build(COMPILED)), *data(), epochs=3).start().wait()
    second = Run(first.model, *data(), epochs=5, history=first.continuation)
    second.step_epoch()
    second.wait_quietly()
    assert format_status(second).startswith("Paused: epoch 5 (2 of 5) · ")
    assert format_status(second.stop().wait()).startswith("Stopped in epoch 5 (2 of 5), after ")


def test_the_line_of_a_terminal_is_never_longer_than_the_terminal_is_wide() -> None:
    run = Run(renewed(seqmagic.build(COMPILED)), *data(), epochs=3).start().wait()
    numbers = format_numbers(run).split(", ")
    for columns in range(30, 120):
        line = status_line(run, columns)
        assert len(line) < columns
        # Numbers stand whole or not at all, the first ones first.
        shown = line.partition("  ")[2]
        assert shown in [", ".join(numbers[:count]) for count in range(len(numbers) + 1)], line
    assert numbers[0] in status_line(run, 60)
    assert status_line(run, 200).startswith("████████████ Done: 3 of 3 epochs in ")
    assert "accuracy" in status_line(run, 200)


def test_a_long_table_has_the_first_the_best_and_the_last_epoch() -> None:
    history = History()
    assert format_table(history) == ""
    for epoch in range(1, 501):
        history.epochs.add(
            epoch, {"accuracy": 0.5, "loss": abs(epoch - 333) + 1, **({} if epoch == 500 else {"val_loss": abs(epoch - 222) + 1})}
        )
    lines = [line.split() for line in format_table(history).splitlines()]
    assert lines[0] == ["epoch", "loss", "val_loss", "accuracy"]
    assert (lines[1], lines[-1]) == (["1", "333", "222", "0.5"], ["500", "168", "0.5"])
    assert ["222", "112", "1", "0.5"] in lines
    assert len(lines) <= 23
    assert len({len(line) for line in format_table(history).splitlines()}) == 1
