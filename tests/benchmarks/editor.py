"""Milliseconds of a keystroke: `python -m tests.benchmarks.editor`.

A whole network is typed letter by letter, and after each letter IPython's completer is asked as Tab asks it; the same inside a network of 300
lines. Then what a check costs: the moment that it takes from the thread of the cells, and the time until its first answer. Beside the time on the
clock stands that of the process alone, which is what a quiet machine would show.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from typing import Any

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from seqmagic.editor.answers import check_cell
from seqmagic.editor.check import Checker
from seqmagic.editor.flow import Memory
from seqmagic.network.own_thread import work_beside
from tests.support.classics import LENET, data, long_text

HEAD = "%%sequential net\n"
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


def _questions(shell: InteractiveShell, cell: str) -> list[Spent]:
    """What the thread of the cells does for a check: it notes the text, the variables and Keras's settings."""
    checks: Any = shell.seqmagic_checks
    found = []
    for number in range(200):
        began = time.perf_counter(), time.process_time()
        checks._take(None, {"type": "check", "id": number, "text": cell})  # noqa: SLF001  # As the comm's message does.
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
    told = []
    for seconds in zip(*spent, strict=True):
        ordered = sorted(1_000 * second for second in seconds)
        last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        told.append(f"median {statistics.median(ordered):7.1f} ms, 99 % {last:7.1f} ms")
    print(f"{what:52} {told[0]};   process {told[1]}")  # noqa: T201  # It is what it is for.


if __name__ == "__main__":
    main()
