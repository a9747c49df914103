"""Displaying a magic's errors: as formatted output, above the error that stops the following cells."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from IPython.core.magic import Magics
from IPython.display import display

from seqmagic.classroom.current import check_shown
from seqmagic.classroom.hints import add_hints
from seqmagic.errors import Interrupted, SeqmagicError
from seqmagic.errors.boundary import raises_ours
from seqmagic.magics.caller import namespace_of
from seqmagic.magics.environment import has_page
from seqmagic.magics.typed_fixes import settle_fixes
from seqmagic.translation import gettext

Magic = Callable[..., None]


def shows_errors(magic: Magic) -> Magic:
    """Show the errors of a magic as formatted output, above the error that stops the following cells."""
    translated = raises_ours()(magic)

    @functools.wraps(magic)
    def call(self: Magics, *arguments: Any) -> None:
        try:
            check_shown(magic.__name__, f"%{magic.__name__}")
            translated(self, *arguments)
        except SeqmagicError as error:
            settle_fixes(error, namespace_of(self.shell))
            add_hints(error)
            if has_page(self.shell):
                from seqmagic.widgets.error_card import ErrorCard

                display(ErrorCard(error))
                error.is_shown = True
            raise
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise Interrupted(gettext("%{magic} did not finish.", magic=magic.__name__)) from None

    return call
