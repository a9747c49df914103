"""The texts of a language in GNU gettext's format: `locale/LANGUAGE/LC_MESSAGES/seqmagic.po`, and the compiled file next to it."""

from __future__ import annotations

import gettext as gnu
from functools import cache
from typing import Any

from seqmagic.translation.chosen import FOLDER, current_language


def gettext(text: str, /, **fields: Any) -> str:
    """A text in the current language, with its fields filled in.

    >>> gettext("The text is {length:,} characters long.", length=100000)
    'The text is 100,000 characters long.'

    Args:
        text: in English, with `{name}` for each field; without a translation it is returned in English.
        fields: by name. Without fields, curly brackets are not interpreted.
    """
    # A catalogue stores its metadata under the empty text.
    return _fill(_texts(current_language()).gettext(text), text, fields) if text else ""


def gettext_in(language: str, text: str) -> str:
    """A text in a given language, without fields."""
    return _texts(language).gettext(text) if text else ""


def ngettext(one: str, several: str, count: int, /, **fields: Any) -> str:
    """A text that depends on a number, in the language's plural form for it.

    >>> ngettext("{count} row", "{count:,} rows", 1), ngettext("{count} row", "{count:,} rows", 1200)
    ('1 row', '1,200 rows')

    Args:
        one, several: in English; `{count}` is the number.
        count: the number.
        fields: the other fields.
    """
    return _fill(_texts(current_language()).ngettext(one, several, count), one if count == 1 else several, {"count": count, **fields})


def gettext_noop(text: str) -> str:
    """Mark a text for translation that is used at import time: it stays in English, and is translated by `gettext` when it is shown."""
    return text


@cache
def _texts(language: str) -> gnu.NullTranslations:
    return gnu.translation("seqmagic", FOLDER, [language], fallback=True)


def _fill(translated: str, text: str, fields: dict[str, Any]) -> str:
    if not fields:
        return translated
    try:
        return translated.format(**fields)
    except (AttributeError, IndexError, KeyError, ValueError):  # A translation with an unknown field: use the English text.
        return text.format(**fields)
