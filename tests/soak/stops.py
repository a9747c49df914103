"""Stops and interrupts at random moments: each is honoured within a second, and the model can be fitted again.

    python -m tests.soak.stops [rounds]

In real kernels, a fresh one for every hundred rounds. What is printed are seconds from the press to the run's end.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from tests.support.digits import DIGITS, READ
from tests.support.kernel import Kernel, running_kernel

ROUNDS = 300
A_KERNEL = 100  # Rounds.
LONGEST_DELAY = 1.5

Way = Callable[[Kernel, random.Random], float]  # Presses, and gives the moment.

SETUP = f"""{READ}
import time
many = x.repeat(20, axis=0), y.repeat(20)
from seqmagic.training.registry import active_runs
from seqmagic.training.run import Run
from seqmagic.training.trainer import Trainer
begun, ends = [], []
start, finish = Run.start, Trainer.finish
def note_and_start(run):
    begun.append(time.time())
    print("A run begins.")
    return start(run)
def finish_and_note(trainer, run, outcome, model):
    trained = time.time()
    following = finish(trainer, run, outcome, model)
    ends.append((trained, time.time(), len(run.record.batches)))
    return following
Run.start, Trainer.finish = note_and_start, finish_and_note
from seqmagic.widgets.training_panel import TrainingPanel
views = []
attach = TrainingPanel.attach
def attach_and_note(panel, run):
    attach(panel, run)
    views.append(panel.view.model_id)
TrainingPanel.attach = attach_and_note
"""
# Of a run that goes on: whether the press has reached it, and where all threads are.
STATE = """
import sys, threading, traceback
print([(run, run.state, run.stop_asked, run.paused, len(run.record.batches)) for run in active_runs()], views)
names = {thread.ident: thread.name for thread in threading.enumerate()}
for ident, frame in sys._current_frames().items():
    print(names.get(ident), *traceback.format_stack(frame)[-5:], sep="\\n")
"""
OPTIONS = ("", "batch_size=4", "validation_data=many", "validation_split=0.2 batch_size=256", "patience=100000")


@dataclass(frozen=True)
class Round:
    """One press.

    way: how it was done.
    seconds: until no batch was trained any more.
    seconds_to_end: until the run had written its end and told everybody.
    batches: how many it had done; with none it was still being prepared by TensorFlow, which nothing interrupts.
    trained_again: whether the model then took an epoch.
    """

    way: str
    seconds: float
    seconds_to_end: float
    batches: int
    trained_again: bool


def from_a_cell(kernel: Kernel, chance: random.Random) -> float:
    """Stop a run that was started in a live notebook from another cell."""
    start(kernel, chance)
    pressed = time.time()
    kernel.run("for run in active_runs(): run.stop()")
    return pressed


def from_the_panel(kernel: Kernel, chance: random.Random) -> float:
    """Press Stop in the panel, sometimes after Pause, sometimes after Pause and Continue."""
    start(kernel, chance)
    view = kernel.value("views[-1]").strip("'")
    for _ in range(chance.randrange(3)):
        kernel.press(view, "pause")
        time.sleep(chance.random() / 5)
    pressed = time.time()
    kernel.press(view, "stop")
    return pressed


def start(kernel: Kernel, chance: random.Random) -> None:
    """Begin a run, and let some time go by."""
    kernel.run(f"%fit digits x y epochs=100000 {chance.choice(OPTIONS)}")
    time.sleep(chance.random() * LONGEST_DELAY)


def between_cells(kernel: Kernel, chance: random.Random) -> float:
    """Interrupt the kernel while it has nothing to do."""
    start(kernel, chance)
    return interrupt(kernel)


def in_a_waiting_cell(kernel: Kernel, chance: random.Random) -> float:
    """Interrupt a cell that waits for the run."""
    kernel.run(f"%fit digits x y epochs=100000 {chance.choice(OPTIONS)}")
    return interrupt_cell(kernel, chance, kernel.send("digits.name"), "Waiting for the training")


def in_a_headless_cell(kernel: Kernel, chance: random.Random) -> float:
    """Interrupt a cell that trains until its run ends."""
    sent = kernel.send(f"%fit digits x y epochs=100000 {chance.choice(OPTIONS)}", live=False)
    return interrupt_cell(kernel, chance, sent, "A run begins.")


def interrupt_cell(kernel: Kernel, chance: random.Random, sent: str, sign: str) -> float:
    """Interrupt a cell some time after it has shown a sentence; gives the moment.

    Not before: an ordinary KeyboardInterrupt in ipykernel's own steps before and after a cell can leave a kernel that answers no more.
    """
    kernel.wait_for_text(sign, 60)
    time.sleep(chance.random() * LONGEST_DELAY)
    pressed = interrupt(kernel)
    kernel.finish(sent)
    return pressed


def interrupt(kernel: Kernel) -> float:
    """Press the square button; gives the moment."""
    pressed = time.time()
    kernel.manager.interrupt_kernel()
    return pressed


STOPS = (from_a_cell, from_the_panel)
INTERRUPTS = (between_cells, in_a_waiting_cell, in_a_headless_cell)


def rounds_of(kernel: Kernel, ways: tuple[Way, ...], count: int, seed: int) -> Iterator[Round]:
    """Press so many times at random moments, in a kernel with SETUP.

    Raises AssertionError when a run goes on for a minute.
    """
    chance = random.Random(seed)  # It keeps no secret.
    assert kernel.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    for number in range(count):
        way = ways[number % len(ways)]
        kernel.run("begun.clear(); ends.clear()")
        pressed = way(kernel, chance)
        while kernel.value("len(begun) - len(ends)") != "0":
            assert time.time() - pressed < 60, f"{way.__name__}, round {number}: the run goes on: {kernel.run(STATE).printed}"
            time.sleep(0.02)
        trained, ended, batches = eval(kernel.value("ends[-1]"))  # noqa: S307  # Our own kernel's.
        again = kernel.run("%fit digits x y epochs=1 batch_size=256", live=False)
        yield Round(way.__name__, trained - pressed, ended - pressed, batches, "Done: 1 of 1 epoch" in again.text)


def main() -> None:
    """Print a line for each way."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for ways in (STOPS, INTERRUPTS):
        done: list[Round] = []
        for begun in range(0, count, A_KERNEL):
            with running_kernel() as kernel:
                assert kernel.run(SETUP).status == "ok"
                done += rounds_of(kernel, ways, min(A_KERNEL, count - begun), begun)
        for name in [way.__name__ for way in ways]:
            sys.stdout.write(f"{line(name, [each for each in done if each.way == name])}\n")
            sys.stdout.flush()


def line(name: str, rounds: list[Round]) -> str:
    """What came of one way, in a line."""
    training = [each.seconds for each in rounds if each.batches]
    preparing = [each.seconds for each in rounds if not each.batches]
    text = f"{name:<20}{len(rounds):>4} presses, median {median(training):.3f} s, longest {max(training):.3f} s"
    text += f" (all written and shown: median {median(each.seconds_to_end for each in rounds):.3f} s)"
    if preparing:
        text += f"; {len(preparing)} of them before the first batch, longest {max(preparing):.3f} s"
    late, lost = sum(each.seconds > 1 for each in rounds), sum(not each.trained_again for each in rounds)
    return f"{text}; {late} took more than a second; after {lost} the model could not be fitted again"


if __name__ == "__main__":
    main()
