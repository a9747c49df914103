"""Milliseconds of a keystroke: `python -m tests.benchmarks.editor`.

A whole network is typed letter by letter, and after each letter IPython's completer is asked as Tab asks it; the same inside a network of 300
lines. Then what a check costs: the moment that it takes from the thread of the cells, and the time until its first answer. At last a network is
typed while another is trained: what either has of the other. Beside the time on the clock stand those of the process and of the one thread, which
are what a quiet machine would show.
"""

from __future__ import annotations

import statistics
import threading
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
ROUNDS, EPOCHS = 4, 25  # Of a training alone and one beside which somebody types, in turns; each takes seconds.
CHECK = "seqmagic-check"  # The thread that answers questions.
Spent = tuple[float, float, float]  # Seconds on the clock, and of the processor.


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
    """A training alone and one beside which a network is typed, in turns: what either has of the other.

    A page asks after a pause, so that most letters cost a kernel nothing; here each letter has a Tab and a question of its own as well.
    """
    front_end = Heard()
    shell.seqmagic_checks.is_on = True
    shell.seqmagic_checks._open(front_end, {})  # noqa: SLF001  # As the comm's opening does.
    typist = Typist(shell, cell)
    _train(typist.type_letter)  # The first is to warm up.
    for what, letters in (("a question and a Tab for each letter", 1), ("... and for each sixth, as for words", 6)):
        typist.begin(letters)
        rounds = [(_train(typist.rest), _train(typist.type_letter)) for _ in range(ROUNDS)]
        clock, thread = (statistics.median(both[at] / alone[at] for alone, both in rounds) for at in (0, 1))
        whole = sum(both[2] - alone[2] for alone, both in rounds) / typist.typed
        print(f"a training beside somebody who types: {clock:.3f} times one alone, its thread {thread:.3f} times; {what}")  # noqa: T201
        parts = {"all of the process": whole, CHECK: typist.checking / typist.typed, "the cells' own thread": typist.own / typist.typed}
        print(f"    a letter's: {', '.join(f'{part} {1_000 * seconds:.2f} ms' for part, seconds in parts.items())}")  # noqa: T201
        _report("    a Tab meanwhile", typist.tabs)
        _report("    a question meanwhile", typist.questions)


class Typist:
    """Somebody who types a network, again and again.

    Attributes:
        typed: how many letters so far.
        tabs, questions: what each took.
    """

    def __init__(self, shell: InteractiveShell, cell: str) -> None:
        self.shell, self.cell, self.place = shell, cell, 0
        self.begin(1)

    def begin(self, letters: int) -> None:
        """Count anew.

        Args:
            letters: after so many each the kernel is asked.
        """
        self.letters, self.typed = letters, 0
        self.tabs: list[Spent] = []
        self.questions: list[Spent] = []
        self.before = _seconds_of(CHECK)

    def rest(self) -> None:
        """Wait as long as a letter takes."""
        time.sleep(PAUSE)

    def type_letter(self) -> None:
        """Type the next letter; ask where it is time to."""
        self.place = self.place % (len(self.cell) - len(HEAD)) + 1
        self.typed += 1
        end = len(HEAD) + self.place
        if self.typed % self.letters == 0:
            self.questions += _questions(self.shell, self.cell[:end], 1)
            self.tabs += _completions(self.shell, self.cell[:end], [end])
        time.sleep(PAUSE)

    @property
    def own(self) -> float:
        """Seconds of the processor that the thread of the cells has taken."""
        return sum(spent[2] for spent in (*self.tabs, *self.questions))

    @property
    def checking(self) -> float:
        """Seconds of the processor that the thread beside it has taken."""
        return _seconds_of(CHECK) - self.before


def _seconds_of(name: str) -> float:
    """What a thread has taken of the processor so far."""
    (thread,) = (thread for thread in threading.enumerate() if thread.name == name)
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))


def _train(meanwhile: Callable[[], None]) -> Spent:
    """Train a network of digits' size, and do something else until it has ended: its seconds, those of its thread, and of the process."""
    import keras
    import numpy as np

    import seqmagic

    spent: list[float] = []
    model = seqmagic.build("input 64 -> dense 32 relu -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy accuracy")

    def note(logs: object) -> None:
        spent.extend((time.perf_counter(), time.thread_time(), time.process_time()))

    watch = keras.callbacks.LambdaCallback(on_train_begin=note, on_train_end=note)
    x, y = np.random.default_rng(1).normal(size=(1_800, 64)), np.arange(1_800) % 10
    run = seqmagic.Run(model, x, y, epochs=EPOCHS, callbacks=[watch]).start()
    while not run.state.is_end:
        meanwhile()
    return spent[3] - spent[0], spent[4] - spent[1], spent[5] - spent[2]


def _completions(shell: InteractiveShell, cell: str, cursors: Iterable[int]) -> list[Spent]:
    found = []
    for cursor in cursors:
        began = _moment()
        with provisionalcompleter():
            list(shell.Completer.completions(cell[:cursor], cursor))
        found.append(_since(began))
    return found


def _inspections(shell: InteractiveShell, cell: str) -> list[Spent]:
    editor: Any = shell.seqmagic_editor.editor
    found = []
    for cursor in range(len(HEAD), len(cell)):
        began = _moment()
        editor.inspect(cell, cursor, shell.user_ns)
        found.append(_since(began))
    return found


def _questions(shell: InteractiveShell, cell: str, count: int = 200) -> list[Spent]:
    """What the thread of the cells does for a check: it notes the text, the variables and Keras's settings."""
    checks: Any = shell.seqmagic_checks
    found = []
    for number in range(count):
        began = _moment()
        checks._take(Heard(), {"type": "check", "id": number, "text": cell})  # noqa: SLF001  # As the comm's message does.
        found.append(_since(began))
    return found


def _checks(shell: InteractiveShell, memory: Memory, cell: str, times: int) -> list[Spent]:
    found = []
    for number in range(times):
        began = _moment()
        text = cell.replace("dense 10 softmax", f"dense {10 + number} softmax")
        work_beside(lambda text=text: check_cell(text, lambda _: Checker(shell.user_ns, memory), with_fixes=False))()
        found.append(_since(began))
    return found


def _moment() -> Spent:
    return time.perf_counter(), time.process_time(), time.thread_time()


def _since(began: Spent) -> Spent:
    clock, process, thread = (now - then for now, then in zip(_moment(), began, strict=True))
    return clock, process, thread


def _report(what: str, spent: list[Spent]) -> None:
    values = []
    for seconds in zip(*spent, strict=True):
        ordered = sorted(1_000 * second for second in seconds)
        last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        values.append(f"median {statistics.median(ordered):7.1f} ms, 99 % {last:7.1f} ms")
    print(f"{what:52} {values[0]};   process {values[1]};   thread {values[2]}")  # noqa: T201  # It is what it is for.


if __name__ == "__main__":
    main()
