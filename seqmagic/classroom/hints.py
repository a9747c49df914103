"""The hints of a class file, which are added to matching errors."""

from __future__ import annotations

from seqmagic.classroom.current import current_rules
from seqmagic.errors import SeqmagicError, SeveralErrors


def add_hints(error: SeqmagicError) -> None:
    """Add the class file's hints for an error's class or for words of its message, unless the error already has hints."""
    hints = current_rules().hints
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        if hints and not single.house_hints:
            message = str(single).casefold()
            names = [kind.__name__ for kind in type(single).__mro__ if issubclass(kind, SeqmagicError)]
            fitting = [hint for words, hint in hints.items() if words in names or words.casefold() in message]
            single.house_hints = tuple(dict.fromkeys(fitting))
