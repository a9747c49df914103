"""The words of a fit line that stand for themselves: how a share is drawn, what makes classes equal, and the precision of layers."""

from __future__ import annotations

from collections.abc import Iterator

from seqmagic.language import Argument, Step, Word

SHUFFLED, STRATIFIED = "shuffled", "stratified"
SPLITS = (SHUFFLED, STRATIFIED)
BALANCED = "balanced"
POLICIES = ("mixed_float16", "mixed_bfloat16", "float32")  # Of Keras, whose variables are all float32.


def name_arguments(step: Step) -> Iterator[tuple[str, Argument]]:
    """The arguments of a fit line, each with its name: x and y have theirs by their place; a way to split is one word, and so is a policy.

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
        elif is_policy(argument) and index > 0:
            yield "dtype_policy", argument
        else:
            yield (("x", "y")[index] if index < 2 else ""), argument


def is_policy(argument: Argument) -> bool:
    """Whether an argument is one of the words for a precision."""
    return isinstance(argument.value, Word) and argument.value.text in POLICIES


def is_split(argument: Argument) -> bool:
    """Whether an argument is one of the words for how to split."""
    return isinstance(argument.value, Word) and argument.value.text in SPLITS
