"""The texts of a language, as GNU gettext keeps them: `locale/LANGUAGE/LC_MESSAGES/seqmagic.po`, and compiled beside it."""

from __future__ import annotations

import gettext as gnu
from functools import cache
from typing import Any

from seqmagic.translation.chosen import FOLDER, current_language


def gettext(text: str, /, **fields: Any) -> str:
    """A text in the language that is spoken now, with its fields filled in.

    >>> gettext("The text is {length:,} characters long.", length=100000)
    'The text is 100,000 characters long.'

    Args:
        text: in English, with `{name}` where something is put in; what has no translation stays as it is.
        fields: what is put in, by its name. Without any, curly brackets are only brackets.
    """
    # An empty text is what a catalogue keeps its own facts under.
    return _fill(_texts(current_language()).gettext(text), text, fields) if text else ""


def gettext_in(language: str, text: str) -> str:
    """A text in a language, whatever is spoken now; without anything put in."""
    return _texts(language).gettext(text) if text else ""


def ngettext(one: str, several: str, count: int, /, **fields: Any) -> str:
    """A text that depends on a number, in the form that the language has for it.

    >>> ngettext("{count} row", "{count:,} rows", 1), ngettext("{count} row", "{count:,} rows", 1200)
    ('1 row', '1,200 rows')

    Args:
        one, several: in English; `{count}` is the number.
        count: it.
        fields: what else is put in.
    """
    return _fill(_texts(current_language()).ngettext(one, several, count), one if count == 1 else several, {"count": count, **fields})


def gettext_noop(text: str) -> str:
    """A text of a table that is made when the package is imported: it stays in English there, and `gettext` gives it where it is shown."""
    return text


@cache
def _texts(language: str) -> gnu.NullTranslations:
    return gnu.translation("seqmagic", FOLDER, [language], fallback=True)


def _fill(translated: str, text: str, fields: dict[str, Any]) -> str:
    if not fields:
        return translated
    try:
        return translated.format(**fields)
    except (AttributeError, IndexError, KeyError, ValueError):  # A translation that names what is not there. The English names what is.
        return text.format(**fields)
