"""Stop, Pause and the interrupt in real kernels, of each ipykernel that people have; afterwards the model trains again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from seqmagic.training.interrupts import PAUSE_SECONDS
from tests.soak import impatience, stops
from tests.support.digits import DIGITS
from tests.support.kernel import Kernel, running_kernel

pytestmark = pytest.mark.kernel

INSTALLED = version("ipykernel")
# The last of the old line; that of Binder and Colab; and the newest. 7.0 can't send messages from threads.
VERSIONS = ("6.31", "7.1", INSTALLED)


def install(kernel_version: str, folder: Path) -> Path:
    """Put an ipykernel into a folder, beside the one of the environment. Only what it needs beyond that comes with it."""
    packages = [f"ipykernel=={kernel_version}.*", "nest_asyncio"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), *packages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # The command is ours.
    if done.returncode:
        message = f"ipykernel {kernel_version} can't be installed: {done.stderr.strip()[-300:]}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return folder


@pytest.fixture(scope="module", params=VERSIONS)
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    packages = None if request.param == INSTALLED else install(request.param, tmp_path_factory.mktemp("packages"))
    with running_kernel(packages=packages) as running:
        assert running.value("print(__import__('ipykernel').__version__)").startswith(request.param)
        assert running.run(stops.SETUP).status == "ok"
        assert running.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
        yield running


@pytest.fixture
def digits(kernel: Kernel) -> Iterator[Kernel]:
    """A kernel in which `digits` is in training, in a live notebook; at the end it has no run, and the model trains again."""
    kernel.run("%fit digits x y epochs=100000")
    kernel.wait_until("len(active_runs()[0].record.batches) > 0")
    yield kernel
    kernel.wait_until("not active_runs()")
    assert "Done: 1 of 1 epoch" in kernel.run("%fit digits x y epochs=1", live=False).text


def press(kernel: Kernel, what: str) -> None:
    """Press a control in the panel of the last run."""
    kernel.press(kernel.value("views[-1]").strip("'"), what)


def test_stop_in_another_cell(digits: Kernel) -> None:
    assert digits.run("for run in active_runs(): run.stop()").status == "ok"


def test_stop_in_the_panel(digits: Kernel) -> None:
    press(digits, "stop")


def test_pause_steps_and_continue(digits: Kernel) -> None:
    press(digits, "pause")
    digits.wait_until("active_runs()[0].paused")
    digits.run("run = active_runs()[0]; held = len(run.record.batches)")
    time.sleep(0.3)
    assert digits.value("len(run.record.batches) - held") == "0"
    digits.run("run.step_batch()")
    digits.wait_until("run.paused and len(run.record.batches) == held + 1")
    digits.run("run.step_epoch()")
    digits.wait_until("run.paused and run.progress.step == 0 and len(run.record.epochs) > 0")
    press(digits, "pause")
    digits.wait_until("not run.paused and run.progress.step > 0 and len(run.record.batches) > held + 60")
    press(digits, "stop")


def test_an_interrupt_between_cells(digits: Kernel) -> None:
    digits.manager.interrupt_kernel()


# A press while the kernel's own handler is set, and seqmagic's is not yet.
PRESSED_IN_BETWEEN = """import signal
handler = next(one for one in get_ipython().ast_transformers if type(one).__name__ == "InterruptHandler")
plain = handler._before_message
def pressed():
    plain()
    handler._before_message = plain
    signal.raise_signal(signal.SIGINT)
handler._before_message = pressed"""


def test_an_interrupt_before_the_handler_of_interrupts_is_set(kernel: Kernel) -> None:
    time.sleep(PAUSE_SECONDS)  # Sooner, it would belong to the press of the test before, which has ended a run.
    assert kernel.run(PRESSED_IN_BETWEEN).status == "ok"
    outcome = kernel.run("print('ran')")
    assert (outcome.status, outcome.printed) == ("error", "")
    assert outcome.error[1] == "This cell did not run."
    assert kernel.run("print('ran')").printed.strip() == "ran"


def test_an_interrupt_while_a_cell_waits(digits: Kernel) -> None:
    waiting = digits.send("print('went on with', digits.name)")
    digits.wait_for_text("Waiting for the training")
    digits.manager.interrupt_kernel()
    outcome = digits.finish(waiting)
    assert (outcome.status, outcome.printed) == ("error", "")
    assert outcome.error[1] == "The training of digits was stopped, so this cell did not run."


def test_an_interrupt_of_a_headless_fit(kernel: Kernel) -> None:
    sent = kernel.send("%fit digits x y epochs=100000", live=False)
    kernel.wait_for_text("A run begins.")
    time.sleep(2)  # A busy machine takes its time to begin.
    kernel.manager.interrupt_kernel()
    outcome = kernel.finish(sent)
    assert (outcome.status, kernel.value("len(active_runs())")) == ("ok", "0")
    assert "Stopped in epoch" in outcome.text
    assert "Done: 1 of 1 epoch" in kernel.run("%fit digits x y epochs=1", live=False).text


@pytest.mark.parametrize("ways", [stops.STOPS, stops.INTERRUPTS], ids=["stops", "interrupts"])
def test_each_press_at_a_random_moment_is_honoured(kernel: Kernel, ways: tuple[stops.Way, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops, "LONGEST_DELAY", 0.5)
    assert all(each.trained_again for each in stops.rounds_of(kernel, ways, 4, seed=time.time_ns()))


def test_a_storm_of_presses_is_one_clean_stop(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impatience, "LONGEST_DELAY", 0.4)
    kernel.run(impatience.SETUP)
    ways = len(impatience.WAYS)
    found = dict(impatience.rounds_of(kernel, ways, seed=time.time_ns()))
    if kernel.value("print(__import__('ipykernel').__version__)").startswith("6."):
        found = {way: [line for line in wrong if line != impatience.LOST] for way, wrong in found.items()}
    assert found == {way.__name__: [] for way in impatience.WAYS}
