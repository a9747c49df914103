"""The locks of a class: options of the compile and fit lines that the class file sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqmagic.classroom.bounds import span_in
from seqmagic.classroom.current import current_rules
from seqmagic.errors import ArgumentError, FileError, SeqmagicError
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.language import Step
    from seqmagic.options.compile_line import CompileOptions

OF_COMPILE = ("optimizer", "loss")


def lock_fit(options: Mapping[str, Any], step: Step | None = None) -> dict[str, Any]:
    """Collect the options that the class file sets and the fit leaves out.

    Args:
        options: the options of a fit. step: the line that they are written on.

    Raises:
        ArgumentError: For an option with another value than the class file's.
    """
    rules = current_rules()
    missing: dict[str, Any] = {}
    for option, value in rules.locked.items():
        if option in OF_COMPILE:
            continue
        asked = options.get(option)
        if asked is None:
            missing[option] = value
        elif asked != value:
            problem = gettext(
                "The line has {option}={asked!r}, but {name} sets {option} to {value} for this class.",
                option=option,
                asked=asked,
                name=rules.name,
                value=value,
            )
            raise ArgumentError(
                problem, expected=gettext("that value, or no such option"), instead=f"{option}={value}", span=span_in(step, option)
            )
    if "validation_split" in missing and options.get("validation_data") is not None:
        del missing["validation_split"]  # `validation_data` replaces it.
    return missing


def describe_locked(options: Mapping[str, Any]) -> str:
    """Make a sentence on options that the class file has added; "" without any."""
    values = ", ".join(f"{option}={value}" for option, value in options.items())
    return gettext("{file} sets {values}.", file=current_rules().name, values=values) if values else ""


def check_compiled(compiled: Mapping[str, Any], step: Step | None = None) -> None:
    """Refuse an optimizer or a loss other than the class file's.

    Args:
        compiled: the optimizer and the loss, as Keras takes them or as a model has them.
        step: the line with them. Without one, learning rates are not compared, because training may have lowered them.

    Raises:
        ArgumentError: Pointing at the word in the line.
    """
    rules = current_rules()
    wanted = {part: rules.locked[part] for part in OF_COMPILE if part in rules.locked and part in compiled}
    if not wanted:
        return
    locked = read_locked(wanted)
    for part, text in wanted.items():
        with_rate = step is not None
        if _comparable(compiled[part], with_rate=with_rate) == _comparable(getattr(locked, part), with_rate=with_rate):
            continue
        problem = (
            gettext("The optimizer is different: {name} sets the optimizer to {value} for this class.", name=rules.name, value=text)
            if part == "optimizer"
            else gettext("The loss is different: {name} sets the loss to {value} for this class.", name=rules.name, value=text)
        )
        argument = next((argument for name, argument in step.compile_parts() if name == part), None) if step is not None else None
        raise ArgumentError(
            problem, expected=text, instead=text, span=argument.span if argument is not None else step.span if step else None
        )


def read_locked(wanted: Mapping[str, str]) -> CompileOptions:
    """Read the optimizer and the loss of the class file, in the form that Keras takes.

    Raises:
        FileError: For a word that a compile line does not accept.
    """
    from seqmagic.language import parse_step
    from seqmagic.options.compile_line import read_compile

    line = f"compile {wanted.get('optimizer', 'adam')} {wanted.get('loss', 'mse')}"
    try:
        return read_compile(parse_step(line), {})
    except SeqmagicError as error:
        problem = gettext("The [lock] of {file} can't be used: {in_one_line}", file=current_rules().name, in_one_line=error.in_one_line())
        raise FileError(problem, expected=gettext('text as on a compile line, such as optimizer = "adam(1e-3)"')) from error


def _comparable(thing: Any, *, with_rate: bool) -> Any:
    """The parts of an optimizer or a loss that decide whether two of them are the same."""
    import keras

    from seqmagic.options.compile_line import comparable_loss, comparable_optimizer

    if isinstance(thing, keras.optimizers.Optimizer):
        return comparable_optimizer(thing, with_rate=with_rate)
    return comparable_loss(thing)
