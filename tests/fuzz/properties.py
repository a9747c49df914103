"""What is true of any cell whatever: it is read or refused in words, and telling it again says the same."""

from __future__ import annotations

import random
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from seqmagic.errors import SeqmagicError, SeveralErrors
from seqmagic.language import Program, parse, print_program
from seqmagic.language.copied_text import clean_lines
from seqmagic.language.python_source import PARSED

PATIENCE = 20.0  # Seconds of work, not of waiting: what takes longer is taken to hang.
MOST_LINES = 6
MOST_LAYERS = 30
MOST_PARAMETERS = 100_000
FORBIDDEN = ("open", "import", "exec", "compile", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "subprocess.Popen", "socket.")

happened: list[str] = []
_watched_thread: list[int] = []


def _take_note(event: str, details: tuple[Any, ...]) -> None:
    if event in ("compile", "open") and PARSED in details[:2]:
        return  # Python's parser alone, which opens no file; "exec" would tell of what is run.
    if _watched_thread and event.startswith(FORBIDDEN) and threading.get_ident() == _watched_thread[0]:
        happened.append(f"{event} {details!r}"[:200])


sys.addaudithook(_take_note)


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Fail when this thread opens, imports or runs anything meanwhile."""
    happened.clear()
    _watched_thread[:] = [threading.get_ident()]
    try:
        yield
    finally:
        _watched_thread.clear()
    assert not happened


@contextmanager
def no_hang() -> Iterator[None]:
    """Break off what seems to go on for ever. Systems without such a clock leave that to the time limit of the whole test."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _break_off)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _break_off(number: int, frame: Any) -> None:
    raise TimeoutError(f"This takes more than {PATIENCE:.0f} seconds.")


def check_refusal(error: SeqmagicError, text: str) -> None:
    """A refusal is told in a few lines, and points into the text; several are, each."""
    if isinstance(error, SeveralErrors):
        assert len(error.errors) > 1
        for single in error.errors:
            check_refusal(single, text)
        return
    message = str(error)
    assert message.strip()
    assert len(message.splitlines()) <= MOST_LINES, message
    if error.span is None:
        return
    span, lines = error.span, clean_lines(text).split("\n")
    assert 1 <= span.line <= len(lines), (span, message)
    source = lines[span.line - 1]
    assert span.source == source, (span, message)
    # A pointer may stand right behind the last character, at what is missing there.
    assert 1 <= span.column <= len(source) + 1, (span, message)
    assert span.column < span.end <= len(source) + 2, (span, message)


def read(text: str) -> Program | None:
    """The program that a text is, or None when it is refused, as it should be if so."""
    try:
        with no_hang():
            return parse(text)
    except SeqmagicError as error:
        check_refusal(error, text)
        return None


def write_out(program: Program, text: str) -> bool:
    """Whether the layers of a program can be written out; else it is refused, as it should be."""
    try:
        with no_hang():
            assert all(hasattr(layer, "word") for layer in program.layers)
    except SeqmagicError as error:
        check_refusal(error, text)
        return False
    return True


def check_description(program: Program) -> None:
    """What is printed reads as the same program, and is printed so again."""
    with no_hang():
        printed = print_program(program)
        if not printed:
            return  # Nothing but an import, which needs no word here.
        again = parse(printed)
        assert again == program, printed
        assert print_program(again) == printed


def warm_up(texts: list[str]) -> None:
    """Let the language load what it loads only once."""
    for text in texts:
        program = read(text)
        if program is not None and write_out(program, text):
            check_description(program)


def is_small(program: Program, text: str) -> bool:
    """Whether a program is one that may be planned: its layers can be written out, and are few."""
    return write_out(program, text) and len(program.layers) <= MOST_LAYERS


def check_plan(program: Program, text: str, names: Mapping[str, Any]) -> Any:
    """The plan of a program, or None when it is refused; neither leaves a trace."""
    from seqmagic.network.plan import make_plan

    with traceless(names):
        try:
            return make_plan(program, names)
        except SeqmagicError as error:
            check_refusal(error, text)
            return None


def check_build(program: Program, text: str, names: Mapping[str, Any]) -> Any:
    """The model of a small program, or None when it is refused."""
    from seqmagic.network.builder import Draft

    with traceless(names):
        try:
            draft = Draft(program, names)
        except SeqmagicError as error:
            check_refusal(error, text)
            return None
    with draft:
        if draft.plan.parameters() > MOST_PARAMETERS or draft.plan.sample_bytes > 4 * MOST_PARAMETERS:
            return None
        try:
            return draft.build()
        except SeqmagicError as error:
            check_refusal(error, text)
            return None


@contextmanager
def traceless(names: Mapping[str, Any]) -> Iterator[None]:
    """Fail when Python's random numbers, or the notebook's names, are others afterwards."""
    state, had = random.getstate(), {name: (id(thing), set(vars(thing))) for name, thing in names.items()}
    yield
    assert random.getstate() == state
    assert {name: (id(thing), set(vars(thing))) for name, thing in names.items()} == had
