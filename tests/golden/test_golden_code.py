"""The messages of Python code that trains, each whole; `test_golden.py` has those of cells, which take no time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.golden_pages import check_message, name_of, of_kind


@pytest.mark.parametrize(("page", "case"), of_kind("python"), ids=name_of)
def test_the_message_of_python_code(page: Path, case: re.Match[str]) -> None:
    check_message(page, case)
