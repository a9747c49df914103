"""The identifiers: names as Python has them, in any of the world's scripts."""

from __future__ import annotations

import unicodedata

LAST = 0xABFF  # Beyond it hardly a script in use writes its vowels as marks of their own.


def _marks() -> str:
    r"""The marks that Python takes inside of a name and `\w` does not: vowels of Hindi and Thai, accents that stand apart."""
    codes = [code for code in range(0x300, LAST + 1) if unicodedata.category(chr(code)) in ("Mn", "Mc")]
    starts = [code for code, before in zip(codes, [0, *codes], strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], 0], strict=True) if code != after - 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


# A pattern of one name, for `re`.
IDENTIFIER = rf"[^\W\d][\w{_marks()}]*"


def normalized(name: str) -> str:
    """A name as Python knows it: it takes letters that look the same for the same.

    >>> normalized("ﬁt"), normalized("größe") == "größe"
    ('fit', True)
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return plain if all(part.isidentifier() for part in plain.split(".")) else name  # A raised 2 would become a number.
