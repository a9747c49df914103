"""What is said of a run while it goes on: by `%runs`, by a dashboard of another cell, and when its model leaves the notebook."""

from __future__ import annotations

import re
import time

import pytest

from tests.support.digits import DIGITS
from tests.support.kernel import Kernel


def ended(kernel: Kernel) -> None:
    end = time.monotonic() + 120
    while kernel.value("len(active())") != "0":
        assert time.monotonic() < end
        time.sleep(0.1)


def updates(kernel: Kernel, found: str) -> list[str]:
    """What the displays that were brought up to date say, up to one that says something."""
    texts = []
    while not texts or found not in texts[-1]:
        texts.append(kernel.wait_for_message("update_display_data", 60)["data"]["text/plain"])
    return texts


def test_a_table_of_a_run_that_has_just_begun_is_brought_up_to_date_at_its_end(digits: Kernel) -> None:
    table = digits.run("%fit digits x y epochs=10\n%runs").text  # In one cell: the run may be faster than the next cell comes.
    assert re.search(r"1\s.*digits.*running", table)
    assert "done" in updates(digits, "Saved in")[-1]


def test_a_card_with_its_curves_too(digits: Kernel) -> None:
    digits.run("run = None\n%fit digits x y epochs=10\nrun = active()[0]\nget_ipython().run_line_magic('runs', str(run.number))")
    updates(digits, "Run ")
    assert "val" not in digits.wait_for_message("update_display_data", 60)["data"].get("text/plain", "")


def test_panel_card_and_progress_line_show_one_duration(digits: Kernel) -> None:
    cell = """from seqmagic.training.run import Run
from seqmagic.widgets.status import format_status, status_line
from seqmagic.widgets.training_panel import TrainingPanel
import time
run = Run(digits, x, y, epochs=40)
panel = TrainingPanel(run)
run.step_batch()
while not run.paused: time.sleep(0.01)
time.sleep(1.5); run.resume(); time.sleep(0.3); run.stop().wait()
print(panel.view.header()['facts']); print(format_status(run)); print(status_line(run, 200))
%runs {run.number}"""
    outcome = digits.run(cell.replace("{run.number}", "NUMBER").rsplit("\n", 1)[0])
    number = digits.value("print(run.number)")
    card = digits.run(f"%runs {number}").text
    panel, status, line = (re.search(r"after ([\d.]+ s)", found).group(1) for found in outcome.printed.splitlines())  # type: ignore[union-attr]
    assert panel == status == line
    assert f"in {panel}" in card
    assert (
        float(panel.split()[0])
        < float(digits.value("import time; run._trainer.session.clock.ended - run._trainer.session.clock.started")) - 1
    )


def test_a_dashboard_says_whose_fit_line_it_shows(digits: Kernel) -> None:
    digits.run("from seqmagic.widgets.dashboard import Dashboard\npanel = Dashboard(digits, x, y, epochs=7)")
    assert digits.value("print(panel.text())").splitlines()[1] == "fit x y epochs=7 batch_size=32"
    digits.run("%fit digits x y epochs=2 batch_size=64\ndigits.name")
    digits.run("digits.name")
    found = digits.value("print(panel.text())").splitlines()
    assert found[1] == "Started elsewhere: fit x y epochs=2 batch_size=64"
    assert "epochs=7" not in "".join(found)
    digits.run("panel.train().wait().ended")  # The run itself would stay in Out.
    assert digits.value("print(panel.text())").splitlines()[1] == "fit x y epochs=7 batch_size=32"


@pytest.mark.parametrize(
    ("code", "still"),
    [
        ("del digits", 0),
        ("digits = None", 0),
        ("kept = [digits]; del digits", 1),
        ("run = active()[0]; del digits", 1),
        ("part = digits.layers[0]; del digits", 1),
    ],
)
def test_a_run_whose_model_nobody_can_reach_ends(digits: Kernel, code: str, still: int) -> None:
    digits.run("run = panel = kept = part = None\n%fit digits x y epochs=100000")
    text = digits.run(f"exec({code!r})").printed  # A cell that names the model would wait for its training.
    assert ("The training of digits was stopped, because nothing in the notebook refers to it any more." in text) is not bool(still)
    if still:
        assert digits.value("len(active())") == "1"
    else:
        ended(digits)
    digits.run("run = kept = part = None")


def test_a_reset_ends_a_run_and_a_run_in_a_function_goes_on(digits: Kernel) -> None:
    digits.run(f"import seqmagic\ndef go(words):\n    inner = seqmagic.build(words)\n    %fit inner x y epochs=100000\ngo({DIGITS!r})")
    assert digits.value("len(active())") == "1"
    digits.run("for run in active(): run.stop().wait_quietly()\ndel run")
    digits.run("%fit digits x y epochs=100000")
    assert "was stopped" in digits.run("%reset -f").printed
    digits.run("from seqmagic.training.registry import active_runs as active")
    ended(digits)
