"""Foreign texts: what people paste into a cell that describes a network in another way than in layers or Python."""

from __future__ import annotations

import json
import re

from seqmagic.errors import LanguageError, Span
from seqmagic.language.lines import Source
from seqmagic.translation import gettext

SUMMARY = re.compile(r"^[^#\n]*\bLayer \(type\).*\bOutput Shape\b.*$", re.MULTILINE)
R = re.compile(r"^[^#\n]*(?:%>%|\|>|<-[ \t]*keras_model).*$", re.MULTILINE)


def refuse_foreign(text: str) -> None:
    r"""Refuse a text that can't be read and is recognized as something else than a network.

    >>> refuse_foreign("model <- keras_model_sequential() %>%\n  layer_dense(units = 10)")
    Traceback (most recent call last):
    ...
    seqmagic.errors.kinds.LanguageError: Line 1: This is R.
        model <- keras_model_sequential() %>%
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    Expected: one layer per line, such as dense 10 softmax for layer_dense(units = 10, activation = "softmax").

    Raises:
        LanguageError: At the line by which it was recognized.
    """
    summary, code = SUMMARY.search(text), R.search(text)
    if summary is not None:
        raise LanguageError(
            gettext("This was printed by model.summary(), which shows neither the sizes of kernels nor activations."),
            expected=gettext("the layers themselves, or the Python code that made the model"),
            span=_span(text, summary),
        )
    if code is not None:
        problem = gettext("This is R.")
        example = 'layer_dense(units = 10, activation = "softmax")'
        expected = gettext("one layer per line, such as dense 10 softmax for {example}", example=example)
        raise LanguageError(problem, expected=expected, span=_span(text, code))
    if text.lstrip().startswith("{") and _is_configuration(text):
        raise LanguageError(
            gettext("This is a model's configuration."),
            expected=gettext("the layers themselves; an ordinary cell makes a model of it with keras.models.model_from_json"),
            span=_span(text, re.search(r"\S.*", text)),
        )


def _is_configuration(text: str) -> bool:
    """Whether a text is what `model.to_json()` gives."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "class_name" in found


def _span(text: str, found: re.Match[str] | None) -> Span | None:
    if found is None:
        return None
    written = found[0].strip()
    start = found.start() + found[0].index(written)
    return Source(text).span(start, start + len(written))
