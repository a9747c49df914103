"""The fit errors: what would be refused of the words behind `%fit`, `%dashboard`, `%look` and `%sweep`, but for the data themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from seqmagic.editor.cell import FitData
from seqmagic.errors import SeqmagicError, SeveralErrors
from seqmagic.language import Argument, Call, Program, Step, Word, expressions_in, parse_step
from seqmagic.language.fit_words import name_arguments, without_place
from seqmagic.language.searched import find_searched, put_in, sample_values

ELSEWHERE = ("x", "y")  # Stand for the data of a line that names none.


def fit_errors(part: FitData, names: Mapping[str, Any]) -> list[SeqmagicError]:
    """What is wrong with a line; nothing is run for it, so that what only a run would show is left out."""
    from seqmagic.options.fit_line import check_search_options, read_fit
    from seqmagic.options.sweep_line import know_settings, read_settings

    try:
        step = parse_step(without_place(part.text))
        if part.magic == "sweep":
            _, left = read_settings(_without_gaps(step))
            if left is None:
                return []
            step = left
        for one in _members(step) if part.magic == "sweep" else [step]:
            if not any(map(_is_gap, one.arguments)):
                options = read_fit(*_with_data(one, names) if part.may_lack_data else (one, names)).options
                if part.searches:
                    check_search_options(options, one)
    except SeqmagicError as error:
        if part.magic == "sweep":
            know_settings(error)
        return list(error.errors) if isinstance(error, SeveralErrors) else [error]
    return []


def _is_gap(argument: Argument) -> bool:
    """Whether only code would show what is meant."""
    return any(expressions_in(argument)) or isinstance(argument.value, Call)


def _without_gaps(step: Step) -> Step:
    return replace(step, arguments=tuple(argument for argument in step.arguments if not any(expressions_in(argument))))


def _members(step: Step) -> Iterator[Step]:
    """The fit lines that the line of a sweep stands for, of which those are read that the sweep reads before it begins."""
    program = Program((), fit=step)
    for values in sample_values(find_searched(program)):
        member = put_in(program, values).fit
        if member is not None:
            yield member


def _with_data(step: Step, names: Mapping[str, Any]) -> tuple[Step, Mapping[str, Any]]:
    """A fit line with data: its own, or what stands for those that are named elsewhere."""
    if any(name == "x" for name, _ in name_arguments(step)):
        return step, names
    data = tuple(Argument(Word(name, step.word.span), None, step.word.span) for name in ELSEWHERE)
    return replace(step, arguments=(*data, *step.arguments)), {**names, **dict.fromkeys(ELSEWHERE)}
