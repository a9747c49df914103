"""Every message whole, beside what causes it: the pages beside this file are for teachers to read, and each message in them is true.

After a change: SEQMAGIC_GOLDEN=write python -m pytest tests/golden, and read what git shows.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.golden_pages import CASES, check_message, name_of, of_kind


@pytest.mark.parametrize(("page", "case"), of_kind("seqmagic"), ids=name_of)
def test_the_message_of_a_cell(page: Path, case: re.Match[str]) -> None:
    check_message(page, case)


def test_the_pages_are_read() -> None:
    assert len(CASES) > 200
    assert len(of_kind("seqmagic")) + len(of_kind("python")) == len(CASES)
