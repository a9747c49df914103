"""Expectations: interprets the words of an `expect` line, and suggests valid lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lark.exceptions import UnexpectedInput

from seqmagic.errors import LanguageError, Span, UnfilledError
from seqmagic.language.lines import Line
from seqmagic.language.syntax import Expect, Literal, Size, Word
from seqmagic.translation import gettext, gettext_noop

COUNTED = ("params", "trainable", "layers", "epochs")  # Integers.
SHAPES = ("input", "output")
OF_NETWORK = ("params", "trainable", "layers", "memory", *SHAPES)
SUBJECTS = (*OF_NETWORK, "epochs")  # Any other subject is a metric that training logs: loss, accuracy, val_loss, ...
EXAMPLES = {
    "params": "expect params < 50k",
    "trainable": "expect trainable < 5k",
    "layers": "expect layers conv >= 2",
    "input": "expect input 28x28x1",
    "output": "expect output 10",
    "memory": "expect memory < 1MB",
    "epochs": "expect epochs >= 5",
    "loss": "expect loss < 0.5",
}
ANYTHING = gettext_noop("params, layers, output, memory, epochs, loss, accuracy, val_accuracy, ... then a comparison")
SIGNS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "=": "==", "!=": "!=", "≤": "<=", "≥": ">=", "≠": "!="}
SWAPPED = {"=>": ">=", "=<": "<=", "<>": "!="}
ANY_SIGN = gettext_noop("one of <, <=, >, >=, =, !=")
LARGE = {"k": 10**3, "m": 10**6, "g": 10**9}


@dataclass(frozen=True)
class Sign:
    """A comparison operator, as written."""

    text: str
    span: Span


@dataclass(frozen=True)
class Amount:
    """A number with its unit, such as 50k or 90%."""

    value: int | float
    unit: str
    span: Span


def amount_of(written: str, span: Span) -> Amount:
    """Split a number and its unit."""
    number = written.rstrip("%kKmMgGbB \t")
    return Amount(float(number) if "." in number else int(number), written[len(number) :].strip(), span)


def read_expect(parts: Sequence[Any], text: str, span: Span) -> Expect:
    """Combine the words of an `expect` line.

    Raises:
        LanguageError: At the word that doesn't fit, with suggestions.
    """
    words = [part for part in parts if isinstance(part, Word)]
    if not parts or parts[0] not in words:
        problem = gettext("The expect line is empty.") if not parts else gettext("An expect line starts with the name of a quantity.")
        raise LanguageError(problem, expected=ANYTHING, instead=EXAMPLES["params"], span=parts[0].span if parts else span)
    subject = parts[0]
    signs = [part for part in parts if isinstance(part, Sign)]
    values = [part for part in parts[1:] if not isinstance(part, (Word, Sign))]
    _check_order(subject, parts)
    sign = _read_sign(subject, signs)
    _check_kind(subject, words[1:])
    counts_layers = subject.text == "layers" and len(words) > 1
    if not values and not signs and counts_layers:
        return Expect(subject, words[1], ">=", 1, "", text, span)
    if not values:
        raise _incomplete(subject, (signs or words)[-1].span, gettext("a value to compare it with") if not signs else gettext("a number"))
    value, unit = _read_value(subject, values[0])
    if not sign and not isinstance(value, tuple) and subject.text not in COUNTED:
        problem = gettext(
            "The comparison between {subject!r} and {text} is missing.", subject=subject.text, text=text.rsplit(maxsplit=1)[-1]
        )
        raise LanguageError(problem, expected=ANY_SIGN, instead=_sure_example(subject.text), span=values[0].span)
    return Expect(subject, words[1] if len(words) > 1 else None, sign or "==", value, unit, text, span)


def explain_expect(error: UnexpectedInput, line: Line) -> LanguageError:
    """Explain a syntax error in an `expect` line."""
    at = error.pos_in_stream or 0
    found = (line.text[at:].split() or [line.text[at : at + 1]])[0]
    words = line.text.split()
    example = example_of(words[1]) if len(words) > 1 else EXAMPLES["params"]
    problem = gettext("{found!r} can't be used in an expect line.", found=found[:60])
    return LanguageError(
        problem, expected=gettext("a name, a comparison and a number"), instead=example, span=line.span(at, at + len(found))
    )


def example_of(subject: str) -> str:
    """An example line with this subject."""
    if not subject.isidentifier():
        return EXAMPLES["params"]
    return EXAMPLES.get(subject, f"expect {subject} < 0.5" if "loss" in subject else f"expect {subject} > 0.9")


def _check_order(subject: Word, parts: Sequence[Any]) -> None:
    """Refuse words after the value, or a second value."""
    shape = subject.text in SHAPES
    kinds = "".join("w" if isinstance(part, Word) else "s" if isinstance(part, Sign) else "v" for part in parts)
    allowed = ["w", "ws", "wv", "wvw", "wsv", "wsvw"] if shape else ["w", "ws", "wv", "wsv", "ww", "wws", "wwv", "wwsv"]
    if kinds in allowed:
        return
    first = next(index for index in range(1, len(kinds) + 1) if not any(one.startswith(kinds[:index]) for one in allowed)) - 1
    found = getattr(parts[first], "text", None) or "this"
    problem = gettext("{found!r} is not expected here.", found=found)
    raise LanguageError(
        problem, expected=gettext("a line such as {example_of}", example_of=example_of(subject.text)), span=parts[first].span
    )


def _check_kind(subject: Word, more: Sequence[Word]) -> None:
    if more and subject.text not in ("layers", "output"):
        problem = gettext("{text!r} can't come after {subject!r}.", text=more[0].text, subject=subject.text)
        raise LanguageError(problem, expected=gettext("a comparison and a number"), instead=example_of(subject.text), span=more[0].span)


def _read_sign(subject: Word, signs: Sequence[Sign]) -> str:
    if not signs:
        return ""
    sign = SIGNS.get(signs[0].text, "")
    if not sign:
        problem = gettext("{text!r} is not a comparison.", text=signs[0].text)
        raise LanguageError(problem, expected=f"{SWAPPED[signs[0].text]}", span=signs[0].span)
    if subject.text in SHAPES and sign != "==":
        problem = gettext("Shapes are only equal or different, so {text!r} can't compare them.", text=signs[0].text)
        raise LanguageError(problem, expected=gettext("just the shape"), instead=EXAMPLES[subject.text], span=signs[0].span)
    return sign


def _read_value(subject: Word, value: Any) -> tuple[int | float | tuple[int | None, ...], str]:
    name = subject.text
    if isinstance(value, Size) and not any(value.dims):
        raise UnfilledError(gettext("Not filled in yet: '?'."), expected=gettext("a number or a shape"), span=value.span)
    if name in SHAPES:
        if isinstance(value, Size):
            return value.dims, ""
        if isinstance(value, Literal) and type(value.value) is int and value.value > 0:
            return (value.value,), ""
        raise LanguageError(
            gettext("This is not a shape."), expected=gettext("10, 28x28x1 or ?x64"), instead=EXAMPLES[name], span=value.span
        )
    if isinstance(value, Amount):
        return _read_amount(name, value)
    if not isinstance(value, Literal) or isinstance(value.value, (bool, str)) or value.value is None:
        raise LanguageError(
            gettext("This is not a number."), expected=gettext("a number such as 10, 50k or 0.9"), instead=example_of(name), span=value.span
        )
    if name == "memory":
        raise LanguageError(gettext("The memory needs a unit."), expected=gettext("kB or MB"), instead=EXAMPLES[name], span=value.span)
    if name in COUNTED and (value.value != int(value.value) or value.value < 0):
        raise LanguageError(
            gettext("{name!r} is compared with a whole number.", name=name),
            expected=gettext("a whole number"),
            instead=example_of(name),
            span=value.span,
        )
    return value.value, ""


def _read_amount(name: str, amount: Amount) -> tuple[int | float, str]:
    """A number with a unit that fits its subject; both stay as written."""
    unit = amount.unit.lower()
    fits = unit.endswith("b") if name == "memory" else unit in LARGE if name in COUNTED else unit == "%"
    if not fits:
        expected = (
            gettext("kB or MB")
            if name == "memory"
            else gettext("a whole number, or a short form such as 50k")
            if name in COUNTED
            else gettext("0.9, or 90%")
        )
        raise LanguageError(
            gettext("{name!r} can't be given in {unit}.", name=name, unit=amount.unit),
            expected=expected,
            instead=example_of(name),
            span=amount.span,
        )
    return amount.value, amount.unit


def number_of(expect: Expect) -> float:
    """The number that an expectation compares with, without a unit.

    Args:
        expect: about a number, not a shape.
    """
    assert not isinstance(expect.value, tuple)  # noqa: S101  # Callers check it.
    if expect.unit == "%":
        return expect.value / 100
    return expect.value * LARGE.get(expect.unit.lower()[:1], 1)


def _sure_example(subject: str) -> str:
    """A line that is valid in any cell; none for a metric, which this cell may not have."""
    return example_of(subject) if subject in OF_NETWORK else ""


def _incomplete(subject: Word, last: Span, missing: str) -> LanguageError:
    problem = gettext("The expect line for {subject!r} is incomplete.", subject=subject.text)
    return LanguageError(problem, expected=missing, instead=_sure_example(subject.text), span=last)
