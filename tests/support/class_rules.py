"""The rules of a class, set for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.classroom.rules import ClassRules


def class_of(**rules: Any) -> None:
    """Follow these rules, as from a class file."""
    follow(ClassRules(Path("seqmagic-class.toml"), **rules))


@pytest.fixture
def no_rules_left() -> Iterator[None]:
    """Afterwards no rules hold; for `pytest.mark.usefixtures` in a file that imports it."""
    yield
    follow(NO_RULES)
