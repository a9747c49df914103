"""The sweep line: the parsed line of `%sweep`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError, SeqmagicError, SeveralErrors, UnknownNameError
from seqmagic.language import Argument, Literal, Program, Step, Word, parse_step, print_step
from seqmagic.language.fit_words import name_arguments
from seqmagic.options.sweep_settings import SETTINGS, Settings
from seqmagic.translation import gettext

EXAMPLE = "%sweep digits x_train y_train validation_split=0.2 trials=20"


@dataclass(frozen=True)
class SweepRequest:
    """A parsed line of `%sweep`.

    Attributes:
        name: of the family or the model.
        settings: of the sweep, by name.
        step: the rest, as a fit line; None if there is no rest.
    """

    name: str
    settings: dict[str, Any]
    step: Step | None

    def fit_for(self, program: Program) -> Step | None:
        """The fit line to use: that of the request, combined with that of the cell if the request names no data."""
        if self.step is None or program.fit is None:
            return self.step or program.fit
        given = {name for name, _ in name_arguments(self.step)}
        if "x" in given:
            return self.step
        kept = tuple(argument for name, argument in name_arguments(program.fit) if name not in given)
        changed = replace(program.fit, arguments=(*kept, *self.step.arguments))
        return replace(changed, text=print_step(changed))


def read_sweep(line: str) -> SweepRequest:
    """Parse the line of `%sweep`, without its `--resume`.

    >>> request = read_sweep("digits x y validation_split=0.2 trials=20 best=val_accuracy")
    >>> request.name, request.settings, request.step.text
    ('digits', {'trials': 20, 'best': 'val_accuracy'}, 'fit x y validation_split=0.2')

    Raises:
        LanguageError, ArgumentError: At an invalid setting.
    """
    name, _, rest = line.strip().partition(" ")
    if not name or not name.isidentifier():
        raise LanguageError(gettext("%sweep needs the name of a network."), instead=EXAMPLE)
    if not rest.strip():
        return SweepRequest(name, {}, None)
    try:
        return _read_options(name, rest.strip())
    except SeqmagicError as error:
        as_typed(error, name)
        raise


def _read_options(name: str, rest: str) -> SweepRequest:
    """The settings of the sweep, and the rest as a fit line."""
    step = parse_step(f"fit {rest}")
    settings, left = read_settings(step)
    if left is None:
        return SweepRequest(name, settings, None)
    return SweepRequest(name, settings, replace(left, text=print_step(left)))


def read_settings(step: Step) -> tuple[dict[str, Any], Step | None]:
    """The settings of a sweep out of its line, read as a fit line; and what is left of that, None where nothing is.

    Raises:
        ArgumentError: At a setting that can't be meant, or stands twice.
    """
    settings: dict[str, Any] = {}
    left: list[Argument] = []
    for argument in step.arguments:
        if argument.name is None or argument.name.text not in SETTINGS:
            left.append(argument)
        elif argument.name.text in settings:
            raise ArgumentError(
                gettext("The line has {name!r} twice.", name=argument.name.text), expected=gettext("one value"), span=argument.span
            )
        else:
            settings[argument.name.text] = _plain(argument)
            try:
                Settings(**settings)
            except ArgumentError as error:
                error.span = argument.span
                raise
    return settings, replace(step, arguments=tuple(left)) if left else None


def _plain(argument: Argument) -> Any:
    if isinstance(argument.value, Literal):
        return argument.value.value
    if isinstance(argument.value, Word):
        return argument.value.text
    raise ArgumentError(
        gettext("This option takes a plain value."), expected=gettext("a number or a word, such as trials=20"), span=argument.span
    )


def know_settings(error: SeqmagicError) -> None:
    """Let an error about a name that a fit line doesn't have tell those that the line of a sweep has besides."""
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        if isinstance(single, UnknownNameError) and single.kind == "argument" and "epochs" in single.known:
            known = (*single.known, *SETTINGS)
            single.__init__(single.kind, single.name, known, owner="%sweep", hint=single.hint, span=single.span)  # type: ignore[misc]


def as_typed(error: SeqmagicError, name: str) -> None:
    """Make an error in the fit line of a request point at the line as typed."""
    shift = len(f"%sweep {name} ") - len("fit ")
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        span = single.span
        if span is not None and span.source.startswith("fit "):
            typed = f"%sweep {name} {span.source.removeprefix('fit ')}"
            single.span = replace(span, column=span.column + shift, end=span.end + shift, source=typed)
