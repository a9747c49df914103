"""Identifiers: Python names, in any script."""

from __future__ import annotations

import unicodedata

LAST = 0xABFF  # Scripts beyond it rarely use combining vowel signs.


def _marks() -> str:
    r"""The combining marks that Python allows in a name and `\w` does not match: vowels of Hindi and Thai, combining accents."""
    codes = [code for code in range(0x300, LAST + 1) if unicodedata.category(chr(code)) in ("Mn", "Mc")]
    starts = [code for code, before in zip(codes, [0, *codes], strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], 0], strict=True) if code != after - 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


# A regular expression for one name.
IDENTIFIER = rf"[^\W\d][\w{_marks()}]*"


def normalized(name: str) -> str:
    """A name as Python normalizes it: letters that look the same are equal.

    >>> normalized("ﬁt"), normalized("größe") == "größe"
    ('fit', True)
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return plain if all(part.isidentifier() for part in plain.split(".")) else name  # NFKC would turn a superscript 2 into a digit.
