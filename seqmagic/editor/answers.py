"""The answers to a front end about a cell, as described in docs/editor.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from seqmagic.editor.cell import FIRST_DATA, FitData, Network, networks_in, part_at
from seqmagic.errors import SeqmagicError, UnknownNameError
from seqmagic.language.copied_text import clean_lines, written_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from seqmagic.editor.check import CellCheck, Checker, Fix, Problem

MOST_FIXES = 2


def language_problems(cell: str) -> list[dict[str, Any]]:
    """Syntax problems of a cell; does not need Keras."""
    from seqmagic.language import parse_readable

    found: list[dict[str, Any]] = []
    for network in networks_in(cell):
        _, errors = parse_readable(network.text)
        found += [_place(error.span, "error", error.reason, [], network, cell) for error in errors if error.span is not None]
    return found


def answer_of(cell: str, checks: Iterable[tuple[Network, CellCheck]]) -> dict[str, Any]:
    """The shapes and problems of a cell's networks, in the cell's lines and columns."""
    lines: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for network, check in checks:
        above = cell.count("\n", 0, network.offset)
        lines += [
            {"line": above + written_place(network.text, one.line, 1)[0], "shape": one.shape, "params": one.params} for one in check.lines
        ]
        problems += [_problem(problem, network, cell) for problem in check.problems]
    return {"lines": lines, "problems": problems}


def _problem(problem: Problem, network: Network, cell: str) -> dict[str, Any]:
    fixes = [_fix(fix, network, cell) for fix in problem.fixes]
    return _place(problem.span, problem.severity, problem.message, fixes, network, cell)


def _place(span: Any, severity: str, message: str, fixes: list[dict[str, Any]], network: Network, cell: str) -> dict[str, Any]:
    """A problem with its position: lines from 1, columns from 0 in UTF-16 units."""
    (first, column), (_, behind) = (written_place(network.text, span.line, place) for place in (span.column, span.end))
    line = cell.count("\n", 0, network.offset) + first
    text = cell.split("\n")[line - 1] if line <= cell.count("\n") + 1 else ""
    shift = _shift(network, cell) if first == 1 else 0
    start, end = _units(text, shift + column - 1), _units(text, shift + behind - 1)
    problem = {"line": line, "start": start, "end": max(end, start + 1), "severity": severity, "message": message}
    return {**problem, "fixes": fixes}


def _shift(network: Network, cell: str) -> int:
    """The column in the cell at which the network's first line begins."""
    return network.offset - (cell.rfind("\n", 0, network.offset) + 1)


def _units(text: str, column: int) -> int:
    """A column as JavaScript counts it, in UTF-16 units."""
    return len(text[:column].encode("utf-16-le")) // 2 + max(0, column - len(text))


def _fix(fix: Fix, network: Network, cell: str) -> dict[str, Any]:
    if fix.line is None or fix.text is None or clean_lines(network.text) != network.text:
        return {"title": fix.title}  # It replaces no whole line that is written.
    line = cell.count("\n", 0, network.offset) + fix.line
    head = cell.split("\n")[line - 1][: _shift(network, cell)] if fix.line == 1 else ""
    return {"title": fix.title, "line": line, "text": head + fix.text}


def check_cell(cell: str, checker_of: Any, *, with_fixes: bool) -> dict[str, Any]:
    """The answer for a cell.

    Args:
        checker_of: returns the checker for a network.
        with_fixes: whether fixes are tried; without them the answer is fast.
    """
    found: list[tuple[Network, CellCheck]] = []
    for network in networks_in(cell):
        checker: Checker = checker_of(network)
        text = clean_lines(network.text)
        found.append((network, checker.with_fixes(text) if with_fixes else checker.check(text)))
    return answer_of(cell, found)


def line_problems(cell: str, names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Problems of the lines in a Python cell that name data; the data itself is not checked."""
    found: list[dict[str, Any]] = []
    if cell.startswith("%%"):
        return found
    end = 0
    for number, line in enumerate(cell.split("\n"), 1):
        end += len(line)
        part = part_at(cell, end)
        end += 1
        if isinstance(part, FitData):
            whole = Network(part.text, part.offset)
            for error in _errors_in(line, names):
                if error.span is not None:
                    fixes = [{"title": fixed.strip(), "line": number, "text": fixed} for fixed in _mended(line, error, names)]
                    # The word `fit` of the line that is read doesn't stand in the cell.
                    span = replace(error.span, column=max(error.span.column, len(FIRST_DATA) + 1))
                    found.append(_place(span, "error", error.reason, fixes, whole, cell))
    return found


def _errors_in(line: str, names: Mapping[str, Any]) -> list[SeqmagicError]:
    """What would be refused of a line that names data."""
    from seqmagic.editor.fit_errors import fit_errors

    part = part_at(line, len(line))
    return fit_errors(part, names) if isinstance(part, FitData) and part.text[len(FIRST_DATA) :].strip() else []


def _mended(line: str, error: SeqmagicError, names: Mapping[str, Any]) -> Iterator[str]:
    """The line with a known word in place of an unknown one, if that is all that was wrong with it."""
    part = part_at(line, len(line))
    if not isinstance(error, UnknownNameError) or not isinstance(part, FitData) or error.span is None:
        return
    start, end = (part.offset + column - 1 for column in (error.span.column, error.span.end))
    fixed = (f"{line[:start]}{word}{line[end:]}" for word in error.candidates)
    yield from islice((one for one in fixed if not _errors_in(one, names)), MOST_FIXES)
