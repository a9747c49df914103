"""`%fit` of a model that is in training: the panel says what it waits for and offers a choice; in a loop, each waits for the one before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.digits import DIGITS
from tests.support.kernel import Kernel

PANELS = """
from seqmagic.widgets.training_panel import TrainingPanel
panels = []
attach = TrainingPanel.attach
def note_and_attach(panel, run):
    if panel not in panels: panels.append(panel)
    attach(panel, run)
TrainingPanel.attach = note_and_attach
def epochs_of(runs):
    return [run.progress.epochs for run in runs]
"""


@pytest.fixture(scope="module")
def watched(kernel: Kernel) -> Iterator[Kernel]:
    assert kernel.run(PANELS).status == "ok"
    yield kernel
    kernel.run("TrainingPanel.attach = attach")  # The next module begins anew, but for what is imported.


@pytest.fixture
def training(watched: Kernel) -> Iterator[Kernel]:
    """A kernel in which `digits` has been asked to train for two very different numbers of epochs."""
    watched.run("panels.clear()")
    assert watched.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    assert watched.run("%fit digits x y epochs=100000").status == "ok"
    outcome = watched.run("%fit digits x y epochs=2")
    assert "The training of this cell (2 epochs) starts after this one." in outcome.text
    assert watched.value("epochs_of(active())") == "[100000, 2]"
    yield watched
    watched.run("for run in active(): run.stop().wait_quietly()")


def press(kernel: Kernel, what: str) -> None:
    """Press a button in the panel of the second `%fit`."""
    kernel.press(kernel.value("panels[-1].view.model_id").strip("'"), what)


def test_the_panel_shows_the_one_before_and_offers_three_ways(training: Kernel) -> None:
    assert training.value("panels[-1].run is panels[0].run, panels[-1].next_run is active()[1]") == "(True, True)"
    assert training.value("panels[-1].view.header()['can'][-3:]") == "['instead', 'after', 'never']"
    press(training, "after")
    assert training.value("epochs_of(active())") == "[100000, 2]"


def test_instead_ends_the_one_before(training: Kernel) -> None:
    training.run("first, second = active()")
    press(training, "instead")
    assert (
        "[('stopped', 100000), ('done', 2)]"
        in training.run("second.wait(); [(run.state, run.progress.epochs) for run in (first, second)]").text
    )
    assert training.value("panels[-1].run is second, panels[-1].next_run, panels[-1].view.header()['next']") == "(True, None, '')"


def test_not_at_all_gives_the_second_up(training: Kernel) -> None:
    press(training, "never")
    assert training.value("epochs_of(active())") == "[100000]"
    assert training.value("panels[-1].view.message") == "'The training of this cell was cancelled before it started.'"


def test_stop_in_the_panel_ends_the_first_alone_and_a_later_cell_waits_for_both(training: Kernel) -> None:
    training.run("second = active()[1]")
    press(training, "stop")
    assert "(True, 2)" in training.run("digits.built, len(second.history['loss'])").text


def test_an_interrupt_ends_both(training: Kernel) -> None:
    training.run("runs = active()")
    sent = training.send("digits.name")
    training.wait_for_text("Waiting for the training of digits: epoch")
    training.manager.interrupt_kernel()
    outcome = training.finish(sent)
    assert outcome.error[0] == "CellInterrupted"
    assert training.value("active(), [run.state for run in runs], len(runs[1].history)") == "([], ['stopped', 'stopped'], 0)"


@pytest.mark.parametrize("live", [True, False], ids=["live", "headless"])
def test_a_loop_waits_for_each(watched: Kernel, live: bool) -> None:  # noqa: FBT001
    watched.run(f"%%sequential digits --quiet\n{DIGITS}")
    loop = "rates = []\nfor epochs in (1, 2, 1):\n    %fit digits x y epochs={epochs} batch_size=256\n    rates.append(int(digits.optimizer.iterations))"
    assert watched.run(loop, live=live).error == []
    watched.run("digits.name")
    # 8 steps an epoch: in a live notebook the last goes on when the loop has ended, and the ones before it don't.
    assert watched.value("rates[1] >= 8, 24 <= rates[2] <= 32, int(digits.optimizer.iterations)") == "(True, True, 32)"


def test_an_interrupt_ends_a_loop(watched: Kernel) -> None:
    watched.run(f"%%sequential digits --quiet\n{DIGITS}")
    sent = watched.send("begun = 0\nfor _ in range(5):\n    begun += 1\n    %fit digits x y epochs=100000")
    watched.wait_for_text("Waiting for the training of digits: epoch")
    watched.manager.interrupt_kernel()
    outcome = watched.finish(sent)
    assert outcome.error[:2] == ["Interrupted", "The training of digits was stopped, so the rest of this cell did not run."]
    assert watched.value("active(), begun") == "([], 2)"
