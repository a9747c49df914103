"""The pages in Chinese beside this file, and what is shown of networks and runs, in both languages; `test_golden.py` says how they are written."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.golden_pages import CASE as CASE_OF_PAGE
from tests.support.golden_pages import CASES, check_message, mistakes, name_of
from tests.support.languages import speaking
from tests.support.shown_things import CASE, shown_by

GOLDEN = Path(__file__).parent
CHINESE = [case for page in sorted((GOLDEN / "zh").glob("*.md")) for case in mistakes(page)]
CELLS = [(page, case) for page, case in CHINESE if case["kind"] == "seqmagic"]
CODE = [(page, case) for page, case in CHINESE if case["kind"] == "python"]
SHOWN = sorted((GOLDEN / "shown").glob("*.md"))
CASES_SHOWN = [(path, match) for path in SHOWN for match in CASE.finditer(path.read_text("utf-8"))]


@pytest.mark.parametrize(("page", "case"), CELLS, ids=name_of)
def test_the_message_of_a_cell_in_chinese(page: Path, case: re.Match[str]) -> None:
    with speaking("zh"):
        check_message(page, case)


@pytest.mark.parametrize(("page", "case"), CODE, ids=name_of)
def test_the_message_of_python_code_in_chinese(page: Path, case: re.Match[str]) -> None:
    with speaking("zh"):
        check_message(page, case)


def test_each_page_is_there_in_chinese_with_the_same_cases_and_headings() -> None:
    def outline(cases: list[tuple[Path, re.Match[str]]]) -> dict[str, list[tuple[str, str]]]:
        return {page.stem: [(case["kind"], case["cause"]) for one, case in cases if one == page] for page, _ in cases}

    assert outline(CHINESE) == outline(CASES)
    for page in {page for page, _ in CASES}:
        english, chinese = (
            re.findall(r"^(?:#.*|\w.*)", CASE_OF_PAGE.sub("", path.read_text("utf-8")), re.MULTILINE)
            for path in (page, GOLDEN / "zh" / page.name)
        )
        assert len(chinese) == len(english)
        assert all(re.search("[一-鿿]", line) or line in english for line in chinese), page.name


@pytest.fixture
def universal_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("universal_time")
@pytest.mark.parametrize(("page", "case"), CASES_SHOWN, ids=name_of)
def test_what_is_shown(page: Path, case: re.Match[str]) -> None:
    with speaking(page.stem):
        shown = shown_by(case["code"])
    if os.environ.get("SEQMAGIC_GOLDEN") == "write":
        text = page.read_text("utf-8")
        found = next(match for match in CASE.finditer(text) if match["code"] == case["code"])
        page.write_text(text[: found.start("shown")] + shown + text[found.end("shown") :], "utf-8")
        return
    assert shown == case["shown"]


def test_both_languages_show_the_same_things() -> None:
    by_language = {page.stem: [match["code"] for one, match in CASES_SHOWN if one == page] for page in SHOWN}
    assert set(by_language) == {"en", "zh"}
    assert by_language["en"] == by_language["zh"]
    assert len(by_language["zh"]) >= 10
