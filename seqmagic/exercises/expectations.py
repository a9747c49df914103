"""Expectations: the `expect` lines of an exercise, checked against a network and its training."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence

from seqmagic.errors import ArgumentError, LanguageError, UnknownNameError
from seqmagic.exercises.check import FAILED, OPEN, PASSED, Check
from seqmagic.exercises.facts import Facts, classes_of, count_layers
from seqmagic.language import Expect, Program, Step
from seqmagic.language.expectations import OF_NETWORK, SUBJECTS, number_of
from seqmagic.language.fit_words import name_arguments
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import normalize
from seqmagic.network.memory import format_bytes
from seqmagic.network.shape_math import format_shape
from seqmagic.options.monitors import names_of_numbers
from seqmagic.recipes.faults import read_last_lines
from seqmagic.translation import gettext, gettext_noop, ngettext

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
IN_WORDS = {
    "<": gettext_noop("less than {wanted}"),
    "<=": gettext_noop("at most {wanted}"),
    ">": gettext_noop("more than {wanted}"),
    ">=": gettext_noop("at least {wanted}"),
    "==": "{wanted}",
    "!=": gettext_noop("anything but {wanted}"),
}
# Metrics between 0 and 1: a bound of 90 could never be reached when 90% is meant.
SHARES = ("accuracy", "auc", "precision", "recall", "f1")
UNKNOWN_INPUT = gettext_noop("This can't be computed until the network has an input line.")


def check_expectations(expects: Iterable[Expect], facts: Facts) -> list[Check]:
    """Check each expect line.

    Raises:
        UnknownNameError: At a metric that training has not logged.
    """
    return [_check(expect, facts) for expect in expects]


def is_of_training(expect: Expect) -> bool:
    """Whether a line depends on training."""
    return expect.subject.text not in OF_NETWORK


def check_words(program: Program, names: Names) -> None:
    """Check before building that the cell can meet each of its expect lines.

    Raises:
        UnknownNameError: At an unknown word.
        LanguageError: At a line about training if there is none.
        ArgumentError: At a bound that can't be reached.
    """
    reported = _reported(program, names) if program.expects else None
    for expect in program.expects:
        _check_reach(expect)
        if expect.subject.text == "layers" and expect.kind is not None:
            classes_of(expect.kind, names)
        if not is_of_training(expect):
            continue
        if program.fit is None and program.units:
            if reported is not None and expect.subject.text not in (*reported, *(f"val_{name}" for name in reported), *SUBJECTS):
                raise UnknownNameError(gettext_noop("number"), expect.subject.text, [*SUBJECTS, *reported], span=expect.subject.span)
            problem = gettext("{subject!r} is known only after training, and this cell does not train.", subject=expect.subject.text)
            raise LanguageError(
                problem, expected=gettext("a fit line above it, or this line in a cell below %fit"), span=expect.subject.span
            )
        if program.fit is not None:
            _check_reported(expect, program.fit, reported)


def _reported(program: Program, names: Names) -> list[str] | None:
    """The names that the training of a cell will log, without the val_ ones; None if a metric may have a custom name."""
    compiled = read_last_lines(program, names).compiled
    metrics = compiled.metrics if compiled is not None else None  # Errors in the line are reported when the network is built.
    return names_of_numbers(metrics) if isinstance(metrics, (list, tuple)) else None


def _check_reported(expect: Expect, fit: Step, reported: Sequence[str] | None) -> None:
    """Refuse a metric that the training of a cell will not log."""
    name = expect.subject.text
    if name == "epochs" or reported is None:
        return
    validates = any(given in ("validation_data", "validation_split") for given, _ in name_arguments(fit))
    known = [*reported, *(f"val_{one}" for one in reported if validates)]
    if name in known:
        return
    hint = ""
    if name.removeprefix("val_") in reported:
        hint = gettext("{name!r} needs validation_data, or validation_split=0.2, on the fit line.", name=name)
    raise UnknownNameError(gettext_noop("number"), name, [*SUBJECTS, *known], hint=hint, span=expect.subject.span)


def _check_reach(expect: Expect) -> None:
    """Refuse a share above 1: 90 probably means 90%."""
    share = isinstance(expect.value, (int, float)) and any(part in SHARES for part in expect.subject.text.split("_"))
    if not share:
        return
    value = number_of(expect)
    if value > 1 or (value == 1 and expect.sign == ">"):
        problem = gettext(
            "{subject!r} is between 0 and 1, so it is never {told}.",
            subject=expect.subject.text,
            told=gettext(IN_WORDS[expect.sign], wanted=f"{value:g}"),
        )
        instead = f"expect {expect.subject.text} {expect.sign} {value:g}%" if 1 < value <= 100 and not expect.unit else ""
        raise ArgumentError(problem, expected=gettext("0.9, or 90%"), instead=instead, span=expect.span)


def _check(expect: Expect, facts: Facts) -> Check:
    subject = expect.subject.text
    if subject in ("input", "output"):
        return _check_shape(expect, facts)
    if subject == "layers":
        return _check_layers(expect, facts)
    if subject in ("params", "trainable", "memory"):
        return _check_size(expect, facts)
    if facts.epoch is None:
        return Check(expect.text, OPEN, gettext("{name!r} has not been trained yet.", name=facts.name), expect.span)
    if subject == "epochs":
        sentence = (
            gettext("The model has trained for {epochs:g} epochs", epochs=facts.trained)
            if facts.trained != 1
            else gettext("The model has trained for 1 epoch")
        )
        return _compared(expect, facts.trained, sentence, f"{number_of(expect):g}")
    return _check_number(expect, facts)


def _check_shape(expect: Expect, facts: Facts) -> Check:
    shape = facts.plan.input_shape if expect.subject.text == "input" else facts.ending.shape
    if shape is None:
        return Check(expect.text, FAILED, gettext(UNKNOWN_INPUT), expect.span)
    # The value of a shape line is a shape.
    wanted, activation = format_shape(expect.value), facts.ending.activation  # type: ignore[arg-type]
    found = format_shape(shape)
    passed = tuple(shape) == expect.value
    if expect.kind is not None:
        own = activation or gettext("of an activation layer")
        found, wanted = f"{found} {own}", f"{wanted} {expect.kind.text}"
        passed = passed and normalize(expect.kind.text) == normalize(activation or "")
    sentence = (
        gettext("The input is {found}", found=found) if expect.subject.text == "input" else gettext("The output is {found}", found=found)
    )
    return Check(
        expect.text,
        PASSED if passed else FAILED,
        gettext("{sentence}.", sentence=sentence)
        if passed
        else gettext("{sentence}; expected: {wanted}.", sentence=sentence, wanted=wanted),
        expect.span,
    )


def _check_layers(expect: Expect, facts: Facts) -> Check:
    if expect.kind is None:
        count, told = facts.layers, ngettext("There is {count} layer", "There are {count:,} layers", facts.layers)
    else:
        count = count_layers(facts.model, expect.kind, facts.names)
        told = ngettext("There is {count} {kind} layer", "There are {count:,} {kind} layers", count, kind=expect.kind.text)
    return _compared(expect, count, told, f"{number_of(expect):,.10g}")


def _check_size(expect: Expect, facts: Facts) -> Check:
    """Check the number of parameters, or their memory; if it is too large, name the layer with the most."""
    plan, subject = facts.plan, expect.subject.text
    if plan.input is None and not any(row.weights for row in plan.rows):
        return Check(expect.text, FAILED, gettext(UNKNOWN_INPUT), expect.span)
    if subject == "memory":
        sentence = gettext("The weights take {bytes}", bytes=format_bytes(plan.weight_bytes))
        return _compared(expect, plan.weight_bytes, sentence, f"{expect.value:g} {expect.unit}")
    count = plan.parameters(trainable=True if subject == "trainable" else None)
    kind = gettext("trainable parameters") if subject == "trainable" else gettext("parameters")
    check = _compared(expect, count, gettext("The network has {count:,} {kind}", count=count, kind=kind), f"{number_of(expect):,.15g}")
    largest = max(plan.rows, key=lambda row: row.parameters)
    if check.state == PASSED or expect.sign not in ("<", "<=") or not largest.parameters:
        return check
    more = gettext(
        " Most are in {layer!r}: {parameter_sum} = {parameters:,}.",
        layer=largest.layer.text,
        parameter_sum=largest.parameter_sum,
        parameters=largest.parameters,
    )
    return Check(check.asked, check.state, check.sentence + more, check.span)


def _check_number(expect: Expect, facts: Facts) -> Check:
    """Check a logged metric, as of the last epoch that has it."""
    name = expect.subject.text
    if name not in facts.numbers:
        hint = gettext("{name!r} needs validation data during training.", name=name) if name.removeprefix("val_") in facts.numbers else ""
        raise UnknownNameError(gettext_noop("number"), name, [*SUBJECTS, *facts.numbers], hint=hint, span=expect.subject.span)
    value, bound = facts.numbers[name], number_of(expect)
    if not math.isfinite(value):
        return Check(expect.text, FAILED, gettext("{name} became NaN or infinite.", name=name), expect.span)
    shown, wanted = _apart(value, bound, percent=expect.unit == "%")
    sentence = gettext("{name} is {shown} after epoch {epochs:g}", name=name, shown=shown, epochs=facts.epoch)
    if name in facts.earlier:
        sentence = gettext("{name} was {shown} when last measured, in {epochs:g} epochs", name=name, shown=shown, epochs=facts.epoch)
    return _compared(expect, value, sentence, wanted)


def _apart(value: float, bound: float, *, percent: bool) -> tuple[str, str]:
    """Two numbers with enough digits to show which one is larger."""
    scale, end = (100, "%") if percent else (1, "")
    wanted = f"{bound * scale:.10g}{end}"
    for digits in range(4, 18):
        shown = f"{value * scale:.{digits}g}{end}"
        if (float(shown.removesuffix("%")) == float(wanted.removesuffix("%"))) == (value == bound):
            break
    return shown, wanted


def _compared(expect: Expect, value: float, sentence: str, wanted: str) -> Check:
    if COMPARE[expect.sign](value, number_of(expect)):
        return Check(expect.text, PASSED, gettext("{sentence}.", sentence=sentence), expect.span)
    return Check(
        expect.text,
        FAILED,
        gettext("{sentence}; expected: {wanted}.", sentence=sentence, wanted=gettext(IN_WORDS[expect.sign], wanted=wanted)),
        expect.span,
    )
