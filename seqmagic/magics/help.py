"""The help of the magics and settings, which `?` and `%config` show, in the language that is spoken."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from IPython.core.magic import Magics

from seqmagic.translation import gettext

ENGLISH = "english"  # Where a function or a setting keeps the text that it was written with.


def translate_help(magics: Iterable[Magics]) -> None:
    """Let `%fit?` and `%config SeqMagics` speak the language of this moment.

    Args:
        magics: of each kind one; IPython asks their classes.
    """
    kinds: list[Any] = [type(one) for one in magics]
    for kind in kinds:
        for name in {name for names in kind.magics.values() for name in names.values()}:
            function = getattr(kind, name)
            written = function.__dict__.setdefault(ENGLISH, inspect.cleandoc(function.__doc__ or ""))
            function.__doc__ = "\n\n".join(map(gettext, written.split("\n\n")))
        for setting in kind.class_traits(config=True).values():
            setting.help = gettext(setting.metadata.setdefault(ENGLISH, setting.help))
