"""The boundary: every exception that leaves a magic or a public function is a SeqmagicError, or Python's TypeError for an invalid call."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, ParamSpec, TypeVar

from seqmagic.errors import ArgumentError, ForeignError, SeqmagicError, UnexpectedError
from seqmagic.errors.user_code import blame, find_own_frame, words_of
from seqmagic.translation import gettext, gettext_noop

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Kind:
    """The requirement for an argument.

    Attributes:
        description: in words, for a message.
        fits: returns whether a value meets it.
    """

    description: str
    fits: Callable[[Any], bool]


def instance_of(description: str, *types: type) -> Kind:
    """The requirement that a value is an instance of one of these types."""
    return Kind(description, lambda thing: isinstance(thing, types))


TEXT = instance_of(gettext_noop("a text"), str)
NAMES = instance_of(gettext_noop("a dictionary from names to values"), Mapping)
PATH = instance_of(gettext_noop("a file name"), str, os.PathLike)
NUMBER = Kind(gettext_noop("a number"), lambda thing: isinstance(thing, Real) and not isinstance(thing, bool))
WHOLE = instance_of(gettext_noop("a whole number"), int)


def raises_ours(**kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise only SeqmagicErrors, whatever its arguments are.

    An exception in the user's own code, such as the `__len__` of a notebook class, is reported with its line there. A call with too many
    arguments, or too few, raises Python's own TypeError.

    Args:
        kinds: the requirements for its arguments; None is allowed if it is the default.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        name = function.__qualname__.removesuffix(".__init__")

        @functools.wraps(function)
        def call(*arguments: P.args, **options: P.kwargs) -> R:
            try:
                bound = signature.bind(*arguments, **options).arguments
            except TypeError:
                return function(*arguments, **options)  # Python's own message says what is missing or surplus.
            for parameter, kind in kinds.items():
                given = bound.get(parameter)
                if parameter not in bound or (given is None and signature.parameters[parameter].default is None):
                    continue
                if not kind.fits(given):
                    raise ArgumentError(
                        gettext("{parameter!r} of {name} is {kind}.", parameter=parameter, name=name, kind=format_kind(given)),
                        expected=kind.description,
                    )
            try:
                return function(*arguments, **options)
            except SeqmagicError:
                raise
            except Exception as error:
                raise translate(error, name) from error

        return call

    return wrap


def translate(error: Exception, where: str) -> SeqmagicError:
    """Convert any exception to a SeqmagicError, with itself as the cause; `where` names what was called."""
    if isinstance(error, SeqmagicError):
        return error
    if find_own_frame(error) is not None:
        sentence, span = blame(error)
        translated: SeqmagicError = ForeignError(sentence, span=span)
    else:
        translated = UnexpectedError(
            gettext(
                "{where} failed: {error}: {words_of}",
                where=where,
                error=type(error).__name__,
                words_of=words_of(error) or gettext("no further details"),
            )
        )
    translated.__cause__ = error
    return translated


def format_kind(thing: Any) -> str:
    """Describe the type of an object without running any of its code.

    >>> format_kind(None), format_kind("relu"), format_kind([1])
    ('None', "the text 'relu'", 'a list')
    """
    if thing is None:
        return "None"
    if type(thing) is str:
        return gettext("the text {thing!r}", thing=thing[:40])
    if type(thing) in (int, float, bool):
        return f"{thing!r}" if type(thing) is not int or abs(thing) < 10**30 else gettext("a number with more than 30 digits")
    if isinstance(thing, type):
        return gettext("the class {thing!r}", thing=thing.__name__)
    kind = type(thing).__name__
    return gettext("an {kind}", kind=kind) if kind[:1].lower() in "aeio" else gettext("a {kind}", kind=kind)
