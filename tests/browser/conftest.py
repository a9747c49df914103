"""One JupyterLab, one Chromium and one kernel for the browser tests, and a fresh page and notebook for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.notebook_page import NotebookPage, browser_page, find_chromium, jupyter_server, write_notebook
from tests.support.server_kernel import ServerKernel

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


# For this folder and no longer: as long as Playwright is there, an event loop counts as running, which other tests don't expect.
@pytest.fixture(scope="package")
def context(chromium: str) -> Iterator[Any]:
    """A running Chromium, whose pages share what they have loaded already."""
    from playwright.sync_api import expect

    expect.set_options(timeout=60_000)
    with browser_page() as page:
        page.context.set_default_timeout(60_000)
        yield page.context


@pytest.fixture(scope="package")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A Jupyter server on an empty folder, with JupyterLab and Notebook."""
    folder = tmp_path_factory.mktemp("notebooks")
    with jupyter_server(folder) as address:
        yield address, folder


@pytest.fixture(scope="package")
def server_kernel(server: tuple[str, Path]) -> ServerKernel:
    return ServerKernel(*server)


@pytest.fixture
def browser(context: Any) -> Iterator[Any]:
    """An empty page."""
    yield context.new_page()
    for page in context.pages:
        page.close()


@pytest.fixture
def notebook(
    server: tuple[str, Path], server_kernel: ServerKernel, browser: Any, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """Makes a notebook of code cells (or copies one of the project's) and opens it.

    app: where: in "lab" or in "notebook".
    own_kernel: whether its kernel is one that nobody has used.
    """
    address, folder = server
    opened: list[tuple[NotebookPage, bool]] = []
    failed = request.session.testsfailed

    def open_notebook(*cells: str, copy: str = "", app: str = "lab", own_kernel: bool = False) -> NotebookPage:
        path = f"{request.node.name}.ipynb".replace("[", "-").replace("]", "")
        if copy:
            content = nbformat.read(NOTEBOOKS / copy, 4)
            for cell in content.cells:
                cell.update({"outputs": []} if cell.cell_type == "code" else {})
            nbformat.write(content, folder / path)
        else:
            write_notebook(folder / path, *cells)
        if not own_kernel:
            server_kernel.give_to(path)
        page = NotebookPage(browser, address, path, app)
        opened.append((page, own_kernel))
        page.open().wait_for_kernel()
        page.file = folder / path
        return page

    yield open_notebook
    for page, own_kernel in opened:
        complaints = list(page.complaints)
        if own_kernel:
            page.shut_down()
        elif request.session.testsfailed > failed:
            server_kernel.end()
        else:
            server_kernel.take_back(page)
        assert page.refused == [], "the page asked for something from outside"
        # Notebook 7 stumbles over a setting and a command of its own when it opens.
        own = ("schema", "not registered") if page.app == "notebook" else ()
        assert [one for one in complaints if not any(word in one for word in own)] == [], "the page's JavaScript failed"
