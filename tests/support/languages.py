"""A language for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seqmagic.translation.chosen import choose_language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language, and afterwards that of all tests."""
    choose_language(language)
    try:
        yield
    finally:
        choose_language("")
