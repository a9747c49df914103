"""The notebooks in other languages say and do what the English ones do today."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

from tests.notebooks.translation import ENGLISH, SOLUTION, is_same_code, original_of, stale_cells, stamp, translations

NOTEBOOKS = translations()
FENCED, SPAN, LINK = re.compile(r"```.*?```", re.DOTALL), re.compile(r"`([^`\n]+)`"), re.compile(r"\]\(([^)]+)\)")
HAN = r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]"
every_translation = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")


def pairs_of(path: Path, kind: str) -> list[tuple[str, str]]:
    """English and translated text of all cells of a kind."""
    both = nbformat.read(original_of(path), 4).cells, nbformat.read(path, 4).cells
    return [(ours.source, theirs.source) for ours, theirs in zip(*both, strict=True) if ours.cell_type == kind]


def code_words_of(text: str) -> Counter[str]:
    """What stands as code in a text, in back quotes or as a tag, and the cells that are offered as solutions left out."""
    plain = re.sub(r"</?code>", "`", FENCED.sub("", text))
    return Counter(SPAN.findall(plain))


def test_each_language_has_every_notebook() -> None:
    names = {path.name for path in ENGLISH.glob("*.ipynb")}
    for folder in {path.parent for path in NOTEBOOKS}:
        assert {path.name for path in folder.glob("*.ipynb")} == names
    assert ENGLISH / "zh" in {path.parent for path in NOTEBOOKS}


@every_translation
def test_no_cell_is_stale(path: Path) -> None:
    assert not stale_cells(path), "python -m tests.notebooks.translation says what to do"


@every_translation
def test_what_a_text_shows_as_code_stays(path: Path) -> None:
    for ours, theirs in pairs_of(path, "markdown"):
        assert not code_words_of(ours) - code_words_of(theirs)


@every_translation
def test_a_solution_is_the_same_in_every_language(path: Path) -> None:
    for ours, theirs in pairs_of(path, "markdown"):
        assert bool(SOLUTION.search(ours)) == bool(SOLUTION.search(theirs))
        if (one := SOLUTION.search(ours)) and (other := SOLUTION.search(theirs)):
            assert is_same_code(one[1], other[1])


@every_translation
def test_links_and_pictures_are_there(path: Path) -> None:
    texts = [theirs for _, theirs in pairs_of(path, "markdown")]
    headings = {title.replace(" ", "-") for text in texts for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    for target in (target for text in texts for target in LINK.findall(text)):
        assert target.startswith("https://") or (target[1:] in headings if target[0] == "#" else (path.parent / target).exists()), target


@every_translation
def test_markdown_is_read_as_it_is_meant(path: Path) -> None:
    """Stars beside Chinese signs may stay stars, and a line's end within a sentence becomes a blank."""
    for _, text in pairs_of(path, "markdown"):
        shown = re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", MarkdownIt("commonmark").enable("table").render(text), flags=re.DOTALL)
        assert "*" not in shown, shown
        assert "`" not in shown, shown
        assert not re.search(rf"{HAN}\n{HAN}", shown), shown


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("x = f(2)  # twice", "x = f(2)"),
        ("print('right')", "print('答对')"),
        ("print(f'{n:.1%} of {m}')", "print(f'{m} 的 {n:.1%}')"),
        ("%fit digits x y epochs=3", "%fit digits x y epochs=3"),
        ("%%sequential\ninput 4    # four", "%%sequential\ninput 4    # 四个"),
    ],
)
def test_words_may_differ(ours: str, theirs: str) -> None:
    assert is_same_code(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("x = f(2)", "x = f(3)"),
        ("x = f(2)", "x = f(2)\ny = 1"),
        ("plot(x, color='red')", "plot(x, color='blue')"),
        ("print(f'{n:.1%} right')", "print(f'答对 {n:.2%}')"),
        ("print(f'{n} right')", "print(f'答对 {m}')"),
        ("%fit digits x y epochs=3", "%fit digits x y epochs=4"),
        ("%%sequential\ninput 4    # four", "%%sequential\ninput 5    # 四个"),
        ("%%sequential\ndense 4    # params=?", "%%sequential\ndense 4    # 参数=?"),
        ("%%sequential\ndense 4    # four", "%%sequential\ndense 4"),
    ],
)
def test_what_is_done_may_not(ours: str, theirs: str) -> None:
    assert not is_same_code(ours, theirs)


def test_a_changed_english_cell_makes_its_translation_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zh").mkdir()
    for path in (original_of(NOTEBOOKS[0]), NOTEBOOKS[0]):
        nbformat.write(nbformat.read(path, 4), tmp_path / path.relative_to(ENGLISH))
    copy = tmp_path / NOTEBOOKS[0].relative_to(ENGLISH)
    monkeypatch.setattr("tests.notebooks.translation.ENGLISH", tmp_path)
    assert not stale_cells(copy)
    english = nbformat.read(original_of(copy), 4)
    text, code = english.cells[2], next(cell for cell in english.cells if cell.source.startswith("from"))
    text.source, code.source = f"{text.source} One more thing.", f"{code.source}\nx_train.max()"
    nbformat.write(english, original_of(copy))
    assert [line.split(":")[0] for line in stale_cells(copy)] == [text.id, code.id]
    stamp(copy)
    assert not stale_cells(copy)
    assert nbformat.read(copy, 4).cells[english.cells.index(code)].source == code.source
    english.cells.pop()
    nbformat.write(english, original_of(copy))
    assert "no longer in English" in stale_cells(copy)[0]
