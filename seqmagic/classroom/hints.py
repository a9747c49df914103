"""The hints of the house: what a class file says besides, to chosen errors."""

from __future__ import annotations

from seqmagic.classroom.current import current_rules
from seqmagic.errors import SeqmagicError, SeveralErrors


def add_hints(error: SeqmagicError) -> None:
    """Let an error say what the class file has for its name, or for words out of its message; for each but once."""
    hints = current_rules().hints
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        if hints and not single.house_hints:
            message = str(single).casefold()
            names = [kind.__name__ for kind in type(single).__mro__ if issubclass(kind, SeqmagicError)]
            fitting = [hint for words, hint in hints.items() if words in names or words.casefold() in message]
            single.house_hints = tuple(dict.fromkeys(fitting))
