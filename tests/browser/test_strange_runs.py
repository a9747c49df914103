"""A stranger's file of runs, opened by a page: nothing in it is run, and what can't be read is said to be unreadable."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from seqmagic.ledger import schema
from tests.ledger.strange_files import Craft, changing, fill, loosen, made_with, with_facts
from tests.support.notebook_page import NotebookPage

pytestmark = pytest.mark.browser
Open = Callable[..., NotebookPage]

HIT = "window.hits=(window.hits||0)+1"
MARK = f"</td></tr></table><img src=x onerror={HIT}><svg onload={HIT}>"


def marked(found: Any) -> Any:
    """The same with markup at the end of every text and of every key that is one's own to choose."""
    if isinstance(found, dict):
        return {key: marked(value) for key, value in found.items()} | {MARK: MARK}
    if isinstance(found, list):
        return [marked(value) for value in found]
    return f"{found}{MARK}" if isinstance(found, str) else found


def in_every_text(path: Path) -> None:
    """Names, settings, lines, reasons and the names of curves hold markup; all types are right, so that all of it is shown."""
    fill(path)
    with changing(path) as connection:
        connection.execute("UPDATE runs SET name = name || ?, network = ?", (MARK, MARK))
        connection.execute("UPDATE curves SET names = ?", (json.dumps(["loss", MARK]),))
        connection.execute("UPDATE checkpoints SET checksum = ?", (MARK,))
    for run in (1, 2):
        with_facts(path, run, lambda facts: marked(facts) | {kind: facts[kind] for kind in ("data", "numbers", "best")})


def in_every_column(path: Path) -> None:
    """One run for each column of the table, which holds markup there, whatever its type; and in the other tables all over."""
    fill(path)
    loosen(path)
    columns = [column.name for column in schema.TABLES["runs"].columns]
    with changing(path) as connection:
        for number, odd in enumerate(columns, 3):
            text = ", ".join("?" if column == odd else str(number) if column == "id" else column for column in columns)
            value = f"{MARK}{number}" if odd != "id" else number
            connection.execute(f"INSERT INTO runs ({', '.join(columns)}) SELECT {text} FROM runs WHERE id = 1", (value,))  # noqa: S608
        for table in ("curves", "checkpoints", "arrays"):
            for column in schema.TABLES[table].columns[2:]:
                connection.execute(f"UPDATE {table} SET {column.name} = ?", (MARK,))  # noqa: S608


def too_large(path: Path) -> None:
    """Curves and weights that would be a hundred million bytes."""
    fill(path)
    bomb = zlib.compress(bytes(100_000_000), 1)
    with changing(path) as connection:
        connection.execute("UPDATE curves SET content = ?", (bomb,))
        connection.execute("UPDATE arrays SET content = ?", (bomb,))


CRAFTS: dict[str, Craft] = {
    "texts": in_every_text,
    "columns": in_every_column,
    "large": too_large,
    "untyped": made_with("id INTEGER PRIMARY KEY AUTOINCREMENT", "id ANY"),
}
LINES = ("%runs", "%runs 1", "%runs 2", "%runs 1 2", "%runs 5", "%runs --best loss", "%runs 1 --load again", "%fit net --resume=1")
LOOK = f"""%config SeqMagics.ledger = "strange-NAME.sqlite"
for line in {LINES!r}:
    get_ipython().run_cell(line)"""
CONTROL = f"""from IPython.display import HTML
display(HTML("<img src=x onerror={HIT}>"))"""


def test_nothing_in_a_strange_file_is_run_by_the_page(notebook: Open, browser: Any, server: tuple[str, Path]) -> None:
    folder = server[1]
    for name, craft in CRAFTS.items():
        craft(folder / f"strange-{name}.sqlite")
    start = "%load_ext seqmagic\n%sequential net --quiet input 4 -> dense 8 relu -> dense 3 softmax\nnet.compile('adam', 'mse')"
    looks = [LOOK.replace("NAME", name) for name in CRAFTS]
    page = notebook(start, *looks, "%dashboard net", "'the ' + 'end'", CONTROL, own_kernel=True)
    for cell in range(len(looks) + 3):
        page.run_cell(cell)
    page.wait_for_cells()
    page.page.get_by_text("'the end'").wait_for()
    page.page.wait_for_timeout(2_000)
    assert page.page.evaluate("() => window.hits || 0") == 0
    assert page.page.locator(".seqmagic-card img, .seqmagic-card script, .seqmagic-card svg").count() == 0
    expect(page.page.locator(".seqmagic-card").nth(7)).to_be_attached()
    page.run_cell(1 + list(CRAFTS).index("columns"))  # JupyterLab keeps only the cells around this one in the page.
    page.page.get_by_text("unreadable", exact=True).first.wait_for()
    # The trap itself works: what is not escaped does run.
    page.run_cell(len(looks) + 3)
    page.page.wait_for_function("() => window.hits > 0")
