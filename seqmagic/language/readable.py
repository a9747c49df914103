"""Parsing texts with errors: reads the valid lines, so that all errors are found at once."""

from __future__ import annotations

from typing import Any

from seqmagic.errors import LanguageError, PythonError, PyTorchError, SeqmagicError
from seqmagic.language.copied_text import clean_lines
from seqmagic.language.foreign_text import UNMISTAKABLE, refuse_foreign
from seqmagic.language.gc_pause import without_collector
from seqmagic.language.latex import find_latex
from seqmagic.language.parser import KnownLines, is_last_line, read_statements
from seqmagic.language.program import Program
from seqmagic.language.pytorch import find_pytorch, refuse_pytorch
from seqmagic.language.statements import assemble

MOST_STOPS = 5  # Unmatched brackets in one text; with more of them, parsing is given up.


def parse_readable(text: str, known_lines: KnownLines | None = None) -> tuple[Program | None, list[SeqmagicError]]:
    r"""Parse the valid lines of a text, and report errors in the others: an invalid line becomes a gap among the layers.

    >>> program, errors = parse_readable("input 8\ndense 3 3)\ndense 2")
    >>> [layer.text for layer in program.layers], len(errors)
    (['input 8', '{...}', 'dense 2'], 1)

    Args:
        known_lines: the lines of earlier texts; those of this text are added.
    """
    text = clean_lines(text)
    program, errors = _parse_readable(text, known_lines)
    try:
        if errors or any(piece in text for piece in UNMISTAKABLE):
            refuse_foreign(text)
    except LanguageError as error:
        return None, [error]
    foreign = (find_pytorch(text, errors[0]) or find_latex(text)) if errors else None
    return (None, [foreign]) if foreign is not None else (program, errors)


def _parse_readable(text: str, known_lines: KnownLines | None) -> tuple[Program | None, list[SeqmagicError]]:
    statements: list[Any] = []
    errors: list[SeqmagicError] = []
    with without_collector():
        stopped = read_statements(text, statements, errors, known_lines)
        if isinstance(stopped, (PyTorchError, PythonError)):
            return None, errors
        for _ in range(MOST_STOPS):
            whole = _without_stop(text, stopped) if stopped is not None else None
            if whole is None:
                break
            others: list[SeqmagicError] = []
            text, statements = whole, []
            stopped = read_statements(whole, statements, others, known_lines)
            errors += [error for error in others if error.span not in {known.span for known in errors}]
        for _ in range(MOST_STOPS):
            try:
                program = assemble(statements, text)
                refuse_pytorch(program)
            except PyTorchError as error:
                return None, [*errors, error]
            except SeqmagicError as error:
                errors.append(error)
                line = error.span.line if error.span is not None else 0
                statements = [one for one in statements if getattr(one, "span", None) is None or one.span.line != line]
            else:
                return program, errors
        return None, errors


def _without_stop(text: str, stopped: SeqmagicError) -> str | None:
    """A text with a gap in place of the line at which parsing ended; None if that line isn't known."""
    if stopped.span is None:
        return None
    lines = text.split("\n")
    line = lines[stopped.span.line - 1]
    lines[stopped.span.line - 1] = "" if is_last_line(line) else f"{line[: len(line) - len(line.lstrip())]}{{...}}"
    return "\n".join(lines)
