"""One JupyterLab for the browser tests, and a fresh page and notebook for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.notebook_page import NotebookPage, browser_page, find_chromium, jupyter_server

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; without one the tests are skipped, except where they must run."""
    found = find_chromium()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and in CI the browser tests must run.")
        pytest.skip("There is no Chromium on this machine: apt-get install chromium, or set CHROMIUM.")
    return found


@pytest.fixture(scope="session", params=["lab"])
def server(request: Any, chromium: str, tmp_path_factory: Any) -> Iterator[tuple[str, Path]]:
    """A JupyterLab on an empty folder."""
    folder = tmp_path_factory.mktemp("notebooks")
    with jupyter_server(folder, request.param) as address:
        yield address, folder


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    """An empty page."""
    with browser_page() as page:
        yield page


@pytest.fixture
def notebook(server: tuple[str, Path], browser: Any, request: Any) -> Iterator[Callable[..., NotebookPage]]:
    """Makes a notebook of code cells (or copies one of the project's) and opens it."""
    address, folder = server
    opened: list[NotebookPage] = []

    def open_notebook(*cells: str, copy: str = "") -> NotebookPage:
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        content.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        if copy:
            content = nbformat.read(NOTEBOOKS / copy, 4)
            for cell in content.cells:
                cell.update({"outputs": []} if cell.cell_type == "code" else {})
        path = f"{request.node.name}.ipynb".replace("[", "-").replace("]", "")
        nbformat.write(content, folder / path)
        opened.append(NotebookPage(browser, address, path).open().wait_for_kernel())
        opened[-1].file = folder / path
        return opened[-1]

    yield open_notebook
    for page in opened:
        assert page.refused == [], "the page asked for something from outside"
        assert page.complaints == [], "the page's JavaScript failed"
        page.shut_down()
