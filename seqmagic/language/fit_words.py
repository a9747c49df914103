"""The words of a fit line that need no name: the kind of split, "balanced", dtype policies, and the place to train."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from seqmagic.language import Argument, Step, Word

SHUFFLED, STRATIFIED = "shuffled", "stratified"
SPLITS = (SHUFFLED, STRATIFIED)
BALANCED = "balanced"
# What a search for a learning rate has not: it takes some steps in one process, in the model's own precision.
NOT_OF_SEARCHES = ("workers", "dtype_policy")
POLICIES = ("mixed_float16", "mixed_bfloat16", "float32")  # Keras's policies whose variables are float32.

BARE = {"split": SPLITS, "dtype_policy": POLICIES}  # Values that need no name.
# Words of a fit line or the line of a sweep of which at most one is accepted.
APART = (
    ("workers", "on"),
    ("workers", "mixed_float16"),
    ("workers", "steps_per_epoch"),
    ("class_weight", "sample_weight"),
    ("split", "validation_data"),
    ("folds", "seeds"),
)

# Where to train. It is not part of the grammar, because an address has colons and slashes.
PLACE = re.compile(r"""(?<!\S)on=("[^"]*"|'[^']*'|\S*)""")
WHOLE_PLACE = re.compile(PLACE.pattern + r"(?=\s)")


def without_place(text: str, *, whole: bool = False) -> str:
    """Replace the place to train on a fit line by blanks.

    >>> without_place("fit x y on=tcp://127.0.0.1:8786 epochs=3")
    'fit x y                         epochs=3'

    Args:
        whole: whether to leave one at the end that may still be typed.
    """
    return (WHOLE_PLACE if whole else PLACE).sub(lambda found: " " * len(found[0]), text)


def refused_beside(words: Collection[str]) -> set[str]:
    """The words that are not accepted on the same line as some others; a value without a name only once.

    >>> sorted(refused_beside(["workers", "epochs"])), sorted(refused_beside(["validation_data"]))
    (['mixed_float16', 'on', 'steps_per_epoch'], ['shuffled', 'split', 'stratified'])
    """
    given = {*words, *(name for name, values in BARE.items() if {*values} & {*words})}
    found = {other for pair in APART for word, other in (pair, pair[::-1]) if word in given} | (given & {*BARE})
    return found.union(*(BARE[name] for name in found & {*BARE}))


def name_arguments(step: Step) -> Iterator[tuple[str, Argument]]:
    """The arguments of a fit line, each with its name: x and y are positional; a kind of split is one word, and so is a dtype policy.

    >>> from seqmagic.language import parse_step
    >>> [name for name, _ in name_arguments(parse_step("fit x_train y_train validation_split=0.2 shuffled"))]
    ['x', 'y', 'validation_split', 'split']

    A surplus value has the name "".
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
    """Whether an argument is a dtype policy."""
    return isinstance(argument.value, Word) and argument.value.text in POLICIES


def is_split(argument: Argument) -> bool:
    """Whether an argument is a kind of split."""
    return isinstance(argument.value, Word) and argument.value.text in SPLITS
