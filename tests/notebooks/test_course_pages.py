"""The pages about the course name what is there: each notebook, and each section that covers a paragraph of the tutorial."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.translation import ENGLISH

ROW = re.compile(r"^\| ([1-4]\. .+?) \| ([\d, 、]+) \| (.+?) \|$", re.MULTILINE)
PAGES = {"en": (ENGLISH.parent / "docs" / "course.md", ENGLISH), "zh": (ENGLISH / "zh" / "README.md", ENGLISH / "zh")}
every_page = pytest.mark.parametrize(("page", "folder"), PAGES.values(), ids=PAGES)


def headings_of(folder: Path, number: str) -> set[str]:
    cells = nbformat.read(next(folder.glob(f"{number}-*.ipynb")), 4).cells
    return {title for cell in cells if cell.cell_type == "markdown" for title in re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE)}


@every_page
def test_each_notebook_is_named(page: Path, folder: Path) -> None:
    text = page.read_text("utf-8")
    assert all(path.stem in text for path in folder.glob("*.ipynb"))


@every_page
def test_each_section_that_covers_the_tutorial_is_there(page: Path, folder: Path) -> None:
    rows = ROW.findall(page.read_text("utf-8"))
    assert len(rows) == 17  # And one that no notebook has.
    for _, numbers, sections in rows:
        known = set.union(*[headings_of(folder, number) for number in re.findall(r"\d+", numbers)])
        for section in re.split("[;；]", re.sub(r" ?[(（].*[)）]", "", sections)):
            assert section.strip() in known


def test_both_tell_of_the_same_paragraphs() -> None:
    ours, theirs = [ROW.findall(page.read_text("utf-8")) for page, _ in PAGES.values()]
    assert [re.findall(r"\d+", numbers) for _, numbers, _ in ours] == [re.findall(r"\d+", numbers) for _, numbers, _ in theirs]
    assert [set(re.findall(r"`([^`]+)`", text)) for text, *_ in ours] == [set(re.findall(r"`([^`]+)`", text)) for text, *_ in theirs]
