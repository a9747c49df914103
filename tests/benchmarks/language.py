"""How fast the language is: reading beside a tenth of the text, checking beside building, a cell beside hand-written Keras.

    python -m tests.benchmarks.language [linear] [doubling] [check] [cell]

Everything that is compared runs in one process, in turns, after a round that doesn't count; what is printed are medians.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.networks import DEEP_DENSE, DIGITS, LENET, Network, many_dense, many_lines, vgg16

ROUNDS = 9
CELL_ROUNDS = 25  # A twentieth is less than the noise of nine rounds.


@dataclass(frozen=True)
class Comparison:
    """Two medians in seconds and what their ratio, the larger over the smaller or ours over theirs, should be."""

    what: str
    ours: float
    theirs: float
    ratio: float
    goal: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def line(self) -> str:
        """The comparison as a row of the table."""
        goal = f"{'≥' if self.at_least else '≤'} {self.goal:g}"
        numbers = f"{format_time(self.ours):>10}  {format_time(self.theirs):>10}  {self.ratio:>7.2f}  {goal:>6}"
        return f"{self.what:<58}{numbers}  {'met' if self.met else 'MISSED'}"


def format_time(seconds: float) -> str:
    """A time with its unit.

    >>> format_time(0.01234), format_time(12.34)
    ('12.3 ms', '12.34 s')
    """
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms" if seconds < 0.1 else f"{1000 * seconds:.0f} ms"


def in_turns(things: Iterable[Callable[[], float]], rounds: int = ROUNDS) -> list[float]:
    """The median of what each thing takes, by its own clock; the first round doesn't count."""
    things = list(things)
    times: list[list[float]] = [[] for _ in things]
    for number in range(rounds + 1):
        for thing, taken in zip(things, times, strict=True):
            gc.collect()  # What the last one left behind is not this one's to clear away.
            seconds = thing()
            if number:
                taken.append(seconds)
    return [median(taken) for taken in times]


def clocked(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> Callable[[], float]:
    """Some work that tells how long it took. Its result goes only after the clock has stopped."""

    def run() -> float:
        began = clock()
        kept = work()
        taken = clock() - began
        del kept
        return taken

    return run


def linear() -> Iterable[Comparison]:
    """Ten times the text should take about ten times as long, to read and to check."""
    from seqmagic.language import parse
    from seqmagic.network.plan import make_plan

    short, long = many_lines(1_000), many_lines(10_000)
    small, large = in_turns([clocked(lambda: parse(short).layers), clocked(lambda: parse(long).layers)])
    yield Comparison("read 10,000 lines | 1,000 lines", large, small, large / small, 12)
    short_net, long_net = many_dense(1_000), many_dense(10_000)
    checks = [clocked(lambda: make_plan(parse(short_net), {})), clocked(lambda: make_plan(parse(long_net), {}))]
    small, large = in_turns(checks)
    yield Comparison("read and check 10,000 lines | 1,000 lines", large, small, large / small, 12)


# Texts that once took longer than their length, or look as if they might: a head, a piece that comes again and again, a tail.
REPEATED = {
    "comment lines before an arrow": ("dense 3\n", "# a comment\n", "-> dense 4"),
    "empty lines before an arrow": ("dense 3\n", "\n", "-> dense 4"),
    "lines that end in an arrow": ("", "dense 3 ->\n", "dense 3"),
    "lines that begin with an arrow": ("dense 3", "\n-> dense 3", ""),
    "lines of {": ("", "{\n", ""),
    "one line of relu": ("", "relu ", ""),
    "relu behind a layer": ("dense 3 ", "relu ", ""),
    "flags behind a wrapper": ("bidirectional lstm 3 ", "trainable ", ""),
    "one size": ("input ", "3x", "3"),
    "sizes that run together": ("", "3x3", ""),
    "one number of many digits": ("dense ", "1", "a"),
    "one long word, and a quote": ("dense ", "a", "'"),
    "slices that never close": ("dense ", "a[:", " for"),
    "blocks": ("", "block b%d: dense 3\n", "b1"),
    "labels": ("", "l%d: dense 3\n", "dense 3"),
    "pasted calls": ("m = Sequential()\n", "m.add(Dense(3))\n", ""),
    "unknown words": ("", "desne 3\n", ""),
}
DOUBLED = 1_000


def doubling() -> Iterable[Comparison]:
    """Twice the text should take about twice as long to read and check, or to refuse with its fixes, whatever it holds."""
    for what, (head, piece, tail) in REPEATED.items():
        once, twice = (
            head + "".join(piece.replace("%d", str(number)) for number in range(count)) + tail for count in (DOUBLED, 2 * DOUBLED)
        )
        # Seconds of the processor: what else goes on in the machine must not look like growth.
        works = [clocked(lambda text=text: answer(text), time.process_time) for text in (once, twice)]
        small, large = in_turns(works, rounds=3)
        yield Comparison(f"twice as many | {DOUBLED:,}: {what}", large, small, large / small, 2.4)


def answer(text: str) -> str:
    """What a text is answered with: nothing when it can be built, or the whole message."""
    from seqmagic.errors import SeqmagicError
    from seqmagic.network.plan import make_plan
    from seqmagic.recipes.faults import read_last_lines
    from seqmagic.recipes.recipe import explain, read

    try:
        program = read(text, {})
        try:
            make_plan(program, {})
        except SeqmagicError as error:
            explain([error, *read_last_lines(program, {}).errors_with(None)], program, {})
    except SeqmagicError as error:
        return str(error)
    return ""


def check() -> Iterable[Comparison]:
    """To read and check a network should be far quicker than to build it."""
    import keras

    from seqmagic.language import parse
    from seqmagic.network.plan import make_plan

    for network in (vgg16(224), DEEP_DENSE, LENET, DIGITS):
        _compare_networks(network)
        code = compile(network.code, "<by hand>", "eval")
        scope = {"keras": keras, "L": keras.layers}
        checking = clocked(lambda text=network.text: make_plan(parse(text), {}))
        building = clocked(lambda code=code, scope=scope: eval(code, scope))  # noqa: S307  # Our own code, above.
        ours, theirs = in_turns([checking, building])
        yield Comparison(f"read and check | build: {network.what}", ours, theirs, theirs / ours, 20, at_least=True)


def cell() -> Iterable[Comparison]:
    """A cell should take as long as the same Keras written by hand, in the same shell."""
    run = _shell()
    for network in (DIGITS, LENET, vgg16(32, dense=512, classes=10)):
        cells = (network.cell(), network.cell("--quiet"), network.python_cell(), network.python_cell("net.summary()"))
        shown, quiet, plain, summed = in_turns([lambda code=code: run(code) for code in cells], CELL_ROUNDS)
        yield Comparison(f"cell --quiet | Python cell: {network.what}", quiet, plain, quiet / plain, 1.05)
        yield Comparison(f"cell | Python cell: {network.what}", shown, plain, shown / plain, 1.05)
        yield Comparison(f"cell | Python cell with summary(): {network.what}", shown, summed, shown / summed, 1.05)


def _shell() -> Callable[[str], float]:
    """An IPython shell with the extension: a function that runs a cell, swallows its output and tells how long it took."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    for code in ("%load_ext seqmagic", "import keras\nL = keras.layers"):
        shell.run_cell(code).raise_error()

    def run(code: str) -> float:
        shell.user_ns.pop("net", None)
        gc.collect()
        with capture_output():
            began = time.perf_counter()
            result = shell.run_cell(code)
            taken = time.perf_counter() - began
        result.raise_error()
        return taken

    return run


def _compare_networks(network: Network) -> None:
    """Make sure that the text and the code are the same network."""
    import keras

    import seqmagic

    ours = seqmagic.build(network.text)
    theirs = eval(network.code, {"keras": keras, "L": keras.layers})  # noqa: S307  # Our own code, above.
    assert [type(layer) for layer in ours.layers] == [type(layer) for layer in theirs.layers]
    assert [weight.shape for weight in ours.weights] == [weight.shape for weight in theirs.weights]


PARTS = {"linear": linear, "doubling": doubling, "check": check, "cell": cell}


def main() -> None:
    """Print the table, row by row as it comes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stdout.write(f"{'what | beside what':<58}{'ours':>10}  {'theirs':>10}  {'ratio':>7}  {'goal':>6}\n")
    for part in sys.argv[1:] or PARTS:
        for comparison in PARTS[part]():
            sys.stdout.write(f"{comparison.line()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
