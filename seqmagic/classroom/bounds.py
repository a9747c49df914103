"""The bounds of a class: a network or a training beyond them is refused before anything starts, and time ends a run as Stop does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from seqmagic.classroom.current import current_rules
from seqmagic.errors import BoundError, Span
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.language import Step
    from seqmagic.network.plan import Plan


def check_network(plan: Plan) -> None:
    """Refuse a network that is larger than the class builds.

    Raises:
        BoundError: At its largest layer.
    """
    from seqmagic.network.memory import format_bytes

    rules = current_rules()
    counts: dict[str, tuple[int, Callable[[int], str]]] = {
        "parameters": (plan.parameters(), lambda count: gettext("{count:,} parameters", count=count)),
        "memory": (plan.weight_bytes, lambda count: gettext("weights of {bytes}", bytes=format_bytes(count))),
    }
    for name, (count, format_count) in counts.items():
        most = rules.bounds.get(name)
        if most is None or count <= most:
            continue
        largest = max(plan.rows, key=lambda row: row.parameters)
        part = gettext("{parameters:,} of its parameters are in {layer!r}", parameters=largest.parameters, layer=largest.layer.word.text)
        problem = gettext("This network has {count}; {part}.", count=format_count(count), part=part)
        expected = gettext("at most {count}, which {file} allows", count=format_count(int(most)), file=rules.name)
        raise BoundError(problem, expected=expected, span=largest.layer.span)


def check_epochs(options: Mapping[str, Any], step: Step | None = None) -> None:
    """Refuse more epochs than the class trains at a time.

    Args:
        options: those of a fit. step: the line that they stand on.

    Raises:
        BoundError: At the word on the line.
    """
    rules = current_rules()
    most, asked = rules.bounds.get("epochs"), options.get("epochs")
    if most is None or not isinstance(asked, int) or asked - int(options.get("initial_epoch") or 0) <= most:
        return
    problem = gettext("epochs={epochs} is more than this class trains at a time.", epochs=asked)
    raise BoundError(
        problem,
        expected=gettext("at most {most:.0f}, which {file} allows", most=most, file=rules.name),
        instead=f"epochs={most:.0f}",
        span=span_in(step, "epochs"),
    )


def check_seconds(seconds: float) -> str:
    """Why a run that has lasted so long must end; "" while it may go on."""
    rules = current_rules()
    most = rules.bounds.get("seconds")
    if most is None or seconds < most:
        return ""
    return gettext("{file} ends a training after {most:g} seconds.", file=rules.name, most=most)


def worker_limit() -> tuple[float, str] | None:
    """How many seconds a run may have a worker of the class, and what is said when they are over; None for as many as it wants."""
    rules = current_rules()
    most = rules.machines.get("seconds")
    if most is None:
        return None
    return most, gettext("{file} lets a run have a worker for {most:g} seconds, pauses included.", file=rules.name, most=most)


def span_in(step: Step | None, name: str) -> Span | None:
    """Where a line gives an option."""
    if step is None:
        return None
    return next((one.span for one in step.arguments if one.name is not None and one.name.text == name), step.span)
