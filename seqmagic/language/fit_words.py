"""The words of a fit line that stand for themselves: how a share for the validation is drawn, and weights that make classes equal."""

from __future__ import annotations

from collections.abc import Iterator

from seqmagic.language import Argument, Step, Word

SHUFFLED, STRATIFIED = "shuffled", "stratified"
SPLITS = (SHUFFLED, STRATIFIED)
BALANCED = "balanced"


def name_arguments(step: Step) -> Iterator[tuple[str, Argument]]:
    """The arguments of a fit line, each with its name: x and y have theirs by their place, and a way to split is one word.

    >>> from seqmagic.language import parse_step
    >>> [name for name, _ in name_arguments(parse_step("fit x_train y_train validation_split=0.2 shuffled"))]
    ['x', 'y', 'validation_split', 'split']

    A value too many has the name "".
    """
    for index, argument in enumerate(step.arguments):
        before = step.arguments[:index]
        if argument.name is not None:
            yield argument.name.text, argument
        elif is_split(argument) and (index > 1 or any(other.name is not None for other in before)):
            yield "split", argument
        else:
            yield (("x", "y")[index] if index < 2 else ""), argument


def is_split(argument: Argument) -> bool:
    """Whether an argument is one of the words for how to split."""
    return isinstance(argument.value, Word) and argument.value.text in SPLITS
