"""Storms of presses on the square button at random moments: one clean stop each, one short word, and no cell that waited runs.

    python -m tests.soak.impatience [rounds]

In real kernels, a fresh one for every hundred rounds, each with 1 to 20 presses.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty

from tests.soak import stops
from tests.support.digits import DIGITS
from tests.support.kernel import Kernel, Outcome, running_kernel

ROUNDS = 300
A_KERNEL = 100  # Rounds.
MOST_PRESSES = 20
LONGEST_PAUSE = 0.06  # Seconds between two presses.
LONGEST_DELAY = 1.0
FIT = "%fit digits x y epochs=100000"
SETUP = """
ran = []
def hidden():
    return digits.evaluate(x, y, verbose=0)
"""  # Behind that of `stops`.
# What an impatient person must never see.
NOISE = ("Error in callback", "Traceback", "File ", "WARNING", "ERROR")

# ipykernel 6 forgets a request that it was just reading when a press came ("KeyboardInterrupt caught in kernel"), with any cell.
LOST = "a request was lost"

Way = Callable[[Kernel, random.Random], list[str]]  # Gives what went wrong.


@dataclass(frozen=True)
class Storm:
    """Some presses, one after the other, while the test goes on.

    pauses: seconds before each.
    """

    kernel: Kernel
    pauses: list[float]

    def begin(self) -> threading.Thread:
        """Press, in a thread."""
        thread = threading.Thread(target=self._press)
        thread.start()
        return thread

    def _press(self) -> None:
        for pause in self.pauses:
            time.sleep(pause)
            self.kernel.manager.interrupt_kernel()


def storm(kernel: Kernel, chance: random.Random) -> threading.Thread:
    """1 to 20 presses, the first of them after a while."""
    count = chance.randint(1, MOST_PRESSES)
    return Storm(kernel, [chance.random() * LONGEST_DELAY, *(chance.random() * LONGEST_PAUSE for _ in range(count - 1))]).begin()


def begin(kernel: Kernel, chance: random.Random) -> None:
    """Begin a run in a live notebook."""
    kernel.run(f"{FIT} {chance.choice(stops.OPTIONS)}")


def in_a_cell_that_waits(kernel: Kernel, chance: random.Random) -> list[str]:
    """The cell has shown that it waits."""
    begin(kernel, chance)
    sent = kernel.send("ran.append(digits.name)")
    kernel.wait_for_text("Waiting for the training", 60)
    storm(kernel, chance).join()
    outcome = end_of(kernel, sent)
    return [*noise(outcome), *one_word(outcome, "CellInterrupted"), *difference_of(kernel, "ran", "[]")]


def around_the_beginning_of_a_cell(kernel: Kernel, chance: random.Random) -> list[str]:
    """The presses come before the cell waits, while it does, and in the kernel's own steps around it."""
    begin(kernel, chance)
    presses = storm(kernel, chance)
    time.sleep(chance.random() * LONGEST_DELAY)
    outcome = end_of(kernel, kernel.send("ran.append(digits.name)"))
    presses.join()
    return [*noise(outcome), *(one_word(outcome, "CellInterrupted") + difference_of(kernel, "ran", "[]") if outcome.error else [])]


def beside_other_cells(kernel: Kernel, chance: random.Random) -> list[str]:
    """Cells that have nothing to do with the run come and go."""
    begin(kernel, chance)
    presses = storm(kernel, chance)
    wrong = []
    while presses.is_alive():
        outcome = end_of(kernel, kernel.send("sum(range(1000))"))
        wrong += [line for line in noise(outcome) if not outcome.error or outcome.error[0] != "KeyboardInterrupt"]
    # Each of them may have been meant for a cell: the last one is for the run.
    kernel.manager.interrupt_kernel()
    return wrong


def in_a_headless_cell(kernel: Kernel, chance: random.Random) -> list[str]:
    """The cell trains until its run ends."""
    sent = kernel.send(f"{FIT} {chance.choice(stops.OPTIONS)}", live=False)
    kernel.wait_for_text("A run begins.", 60)
    storm(kernel, chance).join()
    outcome = end_of(kernel, sent)
    return [*noise(outcome), *([] if "Stopped" in outcome.text else [outcome.text])]


def in_a_call_that_waits(kernel: Kernel, chance: random.Random) -> list[str]:
    """A function uses the model, which nobody sees in the cell."""
    begin(kernel, chance)
    sent = kernel.send("ran.append(0); hidden(); ran.append(1)")
    while kernel.wait_for_message("execute_input", 60)["code"] != "ran.append(0); hidden(); ran.append(1)":
        pass
    time.sleep(0.2)
    storm(kernel, chance).join()
    outcome = end_of(kernel, sent)
    return [*noise(outcome), *one_word(outcome, "Interrupted"), *difference_of(kernel, "ran", "[0]")]


WAYS: tuple[Way, ...] = (
    in_a_cell_that_waits,
    around_the_beginning_of_a_cell,
    beside_other_cells,
    in_a_headless_cell,
    in_a_call_that_waits,
)


def end_of(kernel: Kernel, sent: str) -> Outcome:
    """What a cell did; also its reply must come: without one the page takes it for busy for ever."""
    outcome, end = kernel.finish(sent, 30), time.monotonic() + 10
    while kernel.client.get_shell_msg(timeout=max(0.0, end - time.monotonic()))["parent_header"].get("msg_id") != sent:
        pass
    return outcome


def noise(outcome: Outcome) -> list[str]:
    """What an outcome shows that nobody should see."""
    shown = outcome.text + "\n".join(outcome.error[2:])
    return [shown[:600]] if any(word in shown for word in NOISE) else []


def one_word(outcome: Outcome, name: str) -> list[str]:
    """Nothing, where the cell ended in one line and under that name."""
    return [] if outcome.error[:1] == [name] and len(outcome.error[2].splitlines()) == 1 else [f"{outcome}"]


def difference_of(kernel: Kernel, expression: str, value: str) -> list[str]:
    """Nothing, where an expression has that value."""
    found = kernel.value(expression)
    return [] if found == value else [f"{expression} is {found}, and not {value}"]


def rounds_of(kernel: Kernel, count: int, seed: int, ways: tuple[Way, ...] = WAYS) -> Iterator[tuple[str, list[str]]]:
    """So many storms in a kernel with SETUP; each with its way and what went wrong."""
    chance = random.Random(seed)  # It keeps no secret.
    assert kernel.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    for number in range(count):
        way = ways[number % len(ways)]
        kernel.run("begun.clear(); ends.clear(); ran.clear()")
        try:
            wrong = way(kernel, chance)
            wrong += _end_of_round(kernel)
        except Empty:
            if not _answers(kernel):
                yield way.__name__, ["the kernel answers no more"]
                return
            wrong = [LOST]
        yield way.__name__, wrong


def _answers(kernel: Kernel) -> bool:
    try:
        return kernel.value("6 * 7") == "42"
    except Empty:
        return False


def _end_of_round(kernel: Kernel) -> list[str]:
    """See that the one run has ended, once, and that the model can be fitted again."""
    end = time.monotonic() + 10
    while kernel.value("len(ends)") != "1":
        if time.monotonic() > end:
            kernel.run("for run in active_runs(): run.stop().wait_quietly()")
            return ["the run went on for ten seconds"]
        time.sleep(0.02)
    again = kernel.run("%fit digits x y epochs=1 batch_size=256", live=False)
    return ["the model could not be fitted again"] if "Done: 1 of 1 epoch" not in again.text else difference_of(kernel, "len(begun)", "2")


def main() -> None:
    """Print a line for each way, and all that went wrong."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    done: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for first in range(0, count, A_KERNEL):
        with running_kernel() as kernel:
            assert kernel.run(stops.SETUP + SETUP).status == "ok"
            for way, wrong in rounds_of(kernel, min(A_KERNEL, count - first), first):
                done[way] += 1
                failed[way] += bool(wrong)
                for line in wrong:
                    sys.stdout.write(f"{way}: {line}\n")
                sys.stdout.flush()
    for way in done:
        sys.stdout.write(f"{way:<34}{done[way]:>4} storms, {failed[way]} of them not one clean stop\n")


if __name__ == "__main__":
    main()
