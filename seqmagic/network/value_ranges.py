"""The valid values of an argument, by its name."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Iterator
from typing import Any

from seqmagic.errors import ArgumentError, UnknownNameError
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language import Argument, Sequence, Value, Word
from seqmagic.network.arguments import NOTEBOOK_PARAMETERS, PADDINGS, Names
from seqmagic.network.catalogue import registry_of_parameter
from seqmagic.translation import gettext, gettext_noop

COUNTS = {"units", "filters", "output_dim", "input_dim", "kernel_size", "pool_size", "strides", "dilation_rate", "size"}
SINGLE = {"units", "filters", "output_dim", "input_dim"}
SHARES = {"rate", "dropout", "recurrent_dropout", "momentum", "beta_1", "beta_2", "rho", "label_smoothing"}
BELOW_ONE = {"beta_1", "beta_2"}  # Adam and similar optimizers divide by 1 - beta.
POSITIVE = {"learning_rate", "initial_learning_rate", "clipnorm", "clipvalue", "global_clipnorm"}
# Parameters that accept a string although their default is not one. All others with no default, or with None, expect numbers in Keras.
TEXTS = {
    *NOTEBOOK_PARAMETERS,
    "arguments",
    "average",
    "backup_dir",
    "bounding_box_format",
    "data_format",
    "directory",
    "dtype",
    "embeddings_metadata",
    "equation",
    "exclude_layers",
    "filename",
    "filepath",
    "headers",
    "mask",
    "mask_token",
    "method",
    "name",
    "native_serialization_platforms",
    "oov_token",
    "padding",
    "profile_batch",
    "quantization_config",
    "reverse_dtype",
    "weighted_metrics",
}


def check_text(value: Any, parameter: inspect.Parameter, argument: Argument, word: Word, *, target: Any, names: Names) -> None:
    """Refuse a string where Keras computes with a number: it would store the string and fail at the first step or never.

    Args:
        target: the class or function that the value is for.
        names: the notebook's variables.

    Raises:
        UnknownNameError: At a bare word that isn't a variable.
        ArgumentError: At a string.
    """
    if not _wants_number(parameter, target):
        return
    for written, made in _singles(argument.value, value):
        if not isinstance(made, str):
            continue
        if isinstance(written, Word) and written.text not in names:
            raise UnknownNameError(gettext_noop("variable"), written.text, names, span=written.span)
        thing = names[written.text] if isinstance(written, Word) else made
        found = gettext("the text {thing!r}", thing=thing[:40]) if isinstance(thing, str) else f"a {type(thing).__name__}"
        expected = gettext("a whole number of at least 1") if parameter.name in COUNTS else gettext("a number")
        raise ArgumentError(
            gettext("{name!r} of {word!r} can't be {found}.", name=parameter.name, word=word.text, found=found),
            expected=expected,
            span=written.span,
        )


def _wants_number(parameter: inspect.Parameter, target: Any) -> bool:
    default = parameter.default
    if parameter.name in TEXTS or parameter.name.startswith("on_") or registry_of_parameter(parameter.name) is not None:
        return False
    if default is None or default is inspect.Parameter.empty:
        return is_of_keras(target)
    parts = default if isinstance(default, tuple) else (default,)
    return all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in parts)


def _singles(written: Value, value: Any) -> Iterator[tuple[Value, Any]]:
    """Each value, also inside lists, as written and as read."""
    if not isinstance(written, Sequence):
        yield written, value
        return
    for item, made in zip(written.items, value, strict=True):
        yield from _singles(item, made)


def check_truth(value: Any, parameter: inspect.Parameter, argument: Argument, word: Word) -> None:
    """Refuse bool for numbers and strings and the other way round: Keras takes 'no' as True, and True as 1."""
    takes_truth = isinstance(parameter.default, bool)
    if takes_truth and not isinstance(value, bool):
        problem = gettext("{name!r} of {word!r} must be on or off.", name=parameter.name, word=word.text)
        raise ArgumentError(problem, expected=gettext("{name}=true or {name}=false", name=parameter.name), span=argument.span)
    if isinstance(value, bool) and not takes_truth and parameter.default is not None and not isinstance(parameter.default, str):
        raise ArgumentError(
            gettext("{name!r} of {word!r} can't be {value}.", name=parameter.name, word=word.text, value=str(value).lower()),
            expected=gettext("a value"),
            span=argument.span,
        )


def check_range(value: Any, name: str, argument: Argument, word: Word, target: Any) -> None:
    """Refuse an invalid count, a share that is not between 0 and 1, and the like, with seqmagic's own message.

    Args:
        target: the class or function that the value is for.
    """
    if value is None:
        return
    _check_kind(value, name, argument, word, target)
    refused = gettext("{name!r} of {word!r} can't be", name=name, word=word.text)
    if name in COUNTS:
        for part in value if isinstance(value, (tuple, list)) else (value,):
            if not isinstance(part, numbers.Integral) or int(part) < 1:
                raise ArgumentError(
                    gettext("{refused} {value!r}.", refused=refused, value=part),
                    expected=gettext("a whole number of at least 1"),
                    span=argument.span,
                )
    if name in SHARES and not (isinstance(value, (int, float)) and 0 <= value <= 1):
        raise ArgumentError(
            gettext("{refused} {value!r}.", refused=refused, value=value),
            expected=gettext("a number from 0 to 1"),
            span=argument.span,
            parameter=name,
            kind="share",
        )
    if name in BELOW_ONE and value == 1:
        raise ArgumentError(
            gettext("{refused} {value!r}.", refused=refused, value=value),
            expected=gettext("a number from 0 to less than 1, such as 0.9"),
            span=argument.span,
        )
    if name in POSITIVE and isinstance(value, (int, float)) and value <= 0:
        raise ArgumentError(
            gettext("{refused} {value!r}.", refused=refused, value=value),
            expected=gettext("a number above 0, such as 0.001"),
            span=argument.span,
        )


def _check_kind(value: Any, name: str, argument: Argument, word: Word, target: Any) -> None:
    """Refuse a size for a single number, a number for a string, and a string that isn't a valid one."""
    refused = gettext("{name!r} of {word!r} can't be", name=name, word=word.text)
    if name in SINGLE and isinstance(value, (tuple, list)):
        raise ArgumentError(
            gettext("{refused} {value}.", refused=refused, value="x".join(map(str, value))),
            expected=gettext("one whole number"),
            span=argument.span,
        )
    if name == "padding" and isinstance(value, str) and value not in PADDINGS:
        raise UnknownNameError(gettext_noop("padding"), value, PADDINGS, span=argument.span)
    if name == "padding" and value == "causal" and "1D" not in getattr(target, "__name__", "1D"):
        problem = gettext("'causal' padding is for sequences, and {word!r} works on images.", word=word.text)
        raise ArgumentError(problem, expected=gettext("same or valid"), span=argument.span)
    if name == "data_format" and value not in ("channels_first", "channels_last"):
        raise ArgumentError(
            gettext("{word!r} can't take {value!r} here.", word=word.text, value=value),
            expected=gettext("nothing after it"),
            span=argument.span,
        )
    if name.endswith("regularizer") and isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ArgumentError(
            gettext("{refused} the number {value!r}.", refused=refused, value=value),
            expected=gettext("a name with it, such as l2(0.01)"),
            span=argument.span,
        )
