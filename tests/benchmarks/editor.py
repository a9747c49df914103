"""Milliseconds of a keystroke: `python -m tests.benchmarks.editor`.

A whole network is typed letter by letter, and after each letter IPython's completer is asked as Tab asks it; the same inside a network of 300
lines. Then what a check costs: the moment that it takes from the thread of the cells, and the time until its first answer. At last a network is
typed while another is trained: what either has of the other. Beside the time on the clock stands that of the process alone, or of the one thread,
which is what a quiet machine would show.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from seqmagic.editor.answers import check_cell
from seqmagic.editor.check import Checker
from seqmagic.editor.flow import Memory
from seqmagic.network.own_thread import work_beside
from tests.support.classics import LENET, data, long_text

HEAD = "%%sequential net\n"
PAUSE = 0.08  # Seconds between two letters of somebody who types fast.
Spent = tuple[float, float]  # Seconds on the clock, and of the process.


def main() -> None:
    """Measure, and print the median and the 99th percentile."""
    shell = InteractiveShell.instance()
    shell.user_ns.update(data())
    shell.run_line_magic("load_ext", "seqmagic")
    shell.run_cell("%sequential warm input 8 -> dense 1 --quiet")
    long = HEAD + long_text()
    _report("LeNet, letter by letter", _completions(shell, HEAD + LENET, range(len(HEAD), len(HEAD + LENET))))
    _report("the same once more", _completions(shell, HEAD + LENET, range(len(HEAD), len(HEAD + LENET))))
    _report("300 lines, the first keystrokes after opening", _completions(shell, long, range(len(long) - 40, len(long))))
    time.sleep(20)  # What flows there is worked out meanwhile.
    _report("300 lines, the last ten letter by letter", _completions(shell, long, range(len(long) - 250, len(long))))
    _report("Shift-Tab on each letter of LeNet", _inspections(shell, HEAD + LENET))
    _report("a question for a check, in the thread of the cells", _questions(shell, long))
    memory = Memory()
    for what, cell in (("LeNet", HEAD + LENET), ("300 lines", long)):
        _report(f"a first check, {what}", _checks(shell, memory, cell, 1))
        _report(f"a check after a letter more, {what}", _checks(shell, memory, cell, 10))
    _train_and_type(shell, HEAD + LENET)


class Heard:
    """A front end's side of the comm: it counts the answers."""

    comm_id = "benchmark"
    answers = 0

    def send(self, found: dict[str, Any]) -> None:
        """Take a message of the kernel's."""
        self.answers += bool(found.get("final"))

    def on_msg(self, take: Any) -> None:
        """Never sends anything: the questions are put directly."""

    on_close = on_msg


def _train_and_type(shell: InteractiveShell, cell: str) -> None:
    """The same training alone, and while a network is typed with a pause after each letter, a Tab and a question."""
    front_end = Heard()
    shell.seqmagic_checks.is_on = True
    shell.seqmagic_checks._open(front_end, {})  # noqa: SLF001  # As the comm's opening does.
    for _ in range(2):  # The first is to warm up.
        alone = _train(lambda: time.sleep(0.01))
    print(f"{'a training alone':52} {alone[0]:6.2f} s, its thread {alone[1]:6.2f} s")  # noqa: T201
    tabs: list[Spent] = []
    questions: list[Spent] = []
    letters = iter(range(10**9))

    def type_letter() -> None:
        end = len(HEAD) + next(letters) % (len(cell) - len(HEAD)) + 1
        questions.extend(_questions(shell, cell[:end], 1))
        tabs.extend(_completions(shell, cell[:end], [end]))
        time.sleep(PAUSE)

    both = _train(type_letter)
    text = f"{len(tabs)} letters, {front_end.answers} answers"
    print(f"{f'the same, {text}':52} {both[0]:6.2f} s, its thread {both[1]:6.2f} s")  # noqa: T201
    _report("a Tab meanwhile", tabs)
    _report("a question meanwhile, in the thread of the cells", questions)


def _train(meanwhile: Callable[[], None]) -> Spent:
    """Train a network of digits' size, and do something else until it has ended."""
    import keras
    import numpy as np

    import seqmagic

    spent: list[float] = []
    model = seqmagic.build("input 64 -> dense 32 relu -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy accuracy")
    watch = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: spent.append(time.thread_time()), on_train_end=lambda logs: spent.append(time.thread_time())
    )
    x, y = np.random.default_rng(1).normal(size=(1_800, 64)), np.arange(1_800) % 10
    began = time.perf_counter()
    run = seqmagic.Run(model, x, y, epochs=400, callbacks=[watch]).start()
    while not run.state.is_end:
        meanwhile()
    return time.perf_counter() - began, spent[1] - spent[0]


def _completions(shell: InteractiveShell, cell: str, cursors: Iterable[int]) -> list[Spent]:
    found = []
    for cursor in cursors:
        began = time.perf_counter(), time.process_time()
        with provisionalcompleter():
            list(shell.Completer.completions(cell[:cursor], cursor))
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return found


def _inspections(shell: InteractiveShell, cell: str) -> list[Spent]:
    editor: Any = shell.seqmagic_editor.editor
    found = []
    for cursor in range(len(HEAD), len(cell)):
        began = time.perf_counter(), time.process_time()
        editor.inspect(cell, cursor, shell.user_ns)
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return found


def _questions(shell: InteractiveShell, cell: str, count: int = 200) -> list[Spent]:
    """What the thread of the cells does for a check: it notes the text, the variables and Keras's settings."""
    checks: Any = shell.seqmagic_checks
    found = []
    for number in range(count):
        began = time.perf_counter(), time.process_time()
        checks._take(Heard(), {"type": "check", "id": number, "text": cell})  # noqa: SLF001  # As the comm's message does.
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return found


def _checks(shell: InteractiveShell, memory: Memory, cell: str, times: int) -> list[Spent]:
    found = []
    for number in range(times):
        began = time.perf_counter(), time.process_time()
        text = cell.replace("dense 10 softmax", f"dense {10 + number} softmax")
        work_beside(lambda text=text: check_cell(text, lambda _: Checker(shell.user_ns, memory), with_fixes=False))()
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return found


def _report(what: str, spent: list[Spent]) -> None:
    values = []
    for seconds in zip(*spent, strict=True):
        ordered = sorted(1_000 * second for second in seconds)
        last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        values.append(f"median {statistics.median(ordered):7.1f} ms, 99 % {last:7.1f} ms")
    print(f"{what:52} {values[0]};   process {values[1]}")  # noqa: T201  # It is what it is for.


if __name__ == "__main__":
    main()
