"""Every message whole, beside what causes it: the pages beside this file are for teachers to read, and each message in them is true.

After a change: SEQMAGIC_GOLDEN=write python -m pytest tests/golden, and read what git shows.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.golden_pages import CASE, CASES, message_of

LONGEST = 6  # Lines of a single message.


@pytest.mark.parametrize(("page", "case"), CASES, ids=[f"{page.stem}-{number}" for number, (page, _) in enumerate(CASES)])
def test_the_message_of_a_mistake(page: Path, case: re.Match[str]) -> None:
    message = message_of(case["kind"], case["cause"])
    if os.environ.get("SEQMAGIC_GOLDEN") == "write":
        text = page.read_text("utf-8")
        found = next(match for match in CASE.finditer(text) if match["cause"] == case["cause"])
        page.write_text(text[: found.start("message")] + message + text[found.end("message") :], "utf-8")
        return
    assert message == case["message"]
    assert all(len(part.splitlines()) <= LONGEST for part in message.split("\n\n"))


def test_the_pages_are_read() -> None:
    assert len(CASES) > 200
