"""What an error offers in place of a line that can't be read."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError

INPUT = "input 8x8x1\n"


def offered(line: str) -> tuple[str, ...]:
    """The lines that are offered below an input, each of which builds."""
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(INPUT + line)
    for text in caught.value.corrections:
        assert seqmagic.build(text).built
    return caught.value.fixes
