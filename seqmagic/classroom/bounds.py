"""The bounds of a class: a network or training beyond them is refused before it starts, and the time limit ends a run as Stop does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

from seqmagic.classroom.current import current_rules
from seqmagic.errors import BoundError, Span
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.language import Step
    from seqmagic.network.plan import Plan


def check_network(plan: Plan) -> None:
    """Refuse a network that is larger than the class allows.

    Raises:
        BoundError: Pointing at the largest layer.
    """
    from seqmagic.network.memory import format_bytes

    rules = current_rules()
    counts: dict[str, tuple[int, Callable[[int], str]]] = {
        "parameters": (plan.parameters(), lambda count: gettext("{count:,} parameters", count=count)),
        "memory": (plan.weight_bytes, lambda count: gettext("weights that need {bytes}", bytes=format_bytes(count))),
    }
    for name, (count, format_count) in counts.items():
        most = rules.bounds.get(name)
        if most is None or count <= most:
            continue
        largest = max(plan.rows, key=lambda row: row.parameters)
        part = gettext("{parameters:,} of its parameters are in {layer!r}", parameters=largest.parameters, layer=largest.layer.word.text)
        problem = gettext("This network has {count}; {part}.", count=format_count(count), part=part)
        expected = gettext("at most {count}, the limit in {file}", count=format_count(int(most)), file=rules.name)
        raise BoundError(problem, expected=expected, span=largest.layer.span)


def check_epochs(options: Mapping[str, Any], step: Step | None = None) -> None:
    """Refuse more epochs in one fit than the class allows.

    Args:
        options: the options of a fit. step: the line that they are written on.

    Raises:
        BoundError: Pointing at the option in the line.
    """
    rules = current_rules()
    most, asked = rules.bounds.get("epochs"), options.get("epochs")
    if most is None or not isinstance(asked, Integral) or int(asked) - int(options.get("initial_epoch") or 0) <= most:
        return
    problem = gettext("epochs={epochs} is more than this class allows.", epochs=asked)
    raise BoundError(
        problem,
        expected=gettext("at most {most:.0f}, the limit in {file}", most=most, file=rules.name),
        instead=f"epochs={most:.0f}",
        span=span_in(step, "epochs"),
    )


def check_seconds(seconds: float) -> str:
    """Explain why a run of this duration must end; "" while it may continue."""
    rules = current_rules()
    most = rules.bounds.get("seconds")
    if most is None or seconds < most:
        return ""
    return gettext("{file} stops training after {most:g} seconds.", file=rules.name, most=most)


def worker_limit() -> tuple[float, str] | None:
    """The seconds for which a run may keep a worker of the class, and the message when they are over; None without a limit."""
    rules = current_rules()
    most = rules.machines.get("seconds")
    if most is None:
        return None
    return most, gettext("{file} limits the time of a run on a worker to {most:g} seconds, including pauses.", file=rules.name, most=most)


def span_in(step: Step | None, name: str) -> Span | None:
    """The span of an option in a line; of the whole line if the option is not in it."""
    if step is None:
        return None
    return next((one.span for one in step.arguments if one.name is not None and one.name.text == name), step.span)
