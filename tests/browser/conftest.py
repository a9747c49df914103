"""One JupyterLab, one Chromium and one kernel for the browser tests, and a notebook for each: in a page that stays, or in a fresh one."""

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
            pytest.fail("CI the browser tests must run contains no Chromium, and.")
        pytest.skip("There is no Chromium on this machine: apt-get install chromium, or set CHROMIUM.")
    return found


# For this folder and no longer: as long as Playwright is there, an event loop counts as running, which other tests don't expect.
@pytest.fixture(scope="package")
def context(chromium: str) -> Iterator[Any]:
    """A running Chromium, whose pages share what they have loaded already."""
    from playwright.sync_api import expect

    expect.set_options(timeout=240_000)
    with browser_page() as page:
        page.context.set_default_timeout(240_000)
        yield page.context


@pytest.fixture(scope="package")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A Jupyter server on an empty folder, with JupyterLab and Notebook. Its kernels have Keras already imported; a test with Voila imports it."""
    folder = tmp_path_factory.mktemp("notebooks")
    with jupyter_server(folder, forks_kernels=True) as address:
        yield address, folder


@pytest.fixture(scope="package")
def server_kernel(server: tuple[str, Path]) -> ServerKernel:
    return ServerKernel(*server)


class Pages:
    """The pages of a browser: one with JupyterLab loaded, in which one notebook after the other is opened, and those of a single test."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.lab: Any = None

    def close_others(self) -> None:
        """Close what a test has opened."""
        for page in self.context.pages:
            if page is not self.lab:
                page.close()


@pytest.fixture(scope="package")
def pages(context: Any) -> Pages:
    return Pages(context)


@pytest.fixture
def browser(pages: Pages) -> Iterator[Any]:
    """An empty page."""
    yield pages.context.new_page()
    pages.close_others()


class Notebooks:
    """The notebooks of one test."""

    def __init__(self, server: tuple[str, Path], server_kernel: ServerKernel, pages: Pages, request: pytest.FixtureRequest) -> None:
        # Asked for here, it is there longer than these.
        self.fresh = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
        self.address, self.folder = server
        self.server_kernel, self.pages, self.request = server_kernel, pages, request
        self.opened: list[tuple[NotebookPage, bool]] = []
        self.failed_before = request.session.testsfailed

    def open(self, *cells: str, copy: str = "", app: str = "lab", own_kernel: bool = False) -> NotebookPage:
        """Make a notebook of code cells, or copy one of the project's, and open it.

        app: where: in "lab" or in "notebook". Lab is loaded already, except for a test that asks for a fresh page, as the fixture `browser`.
        own_kernel: whether its kernel is one that nobody has used.
        """
        path = f"{self.request.node.name}.ipynb".replace("[", "-").replace("]", "")
        if copy:
            content = nbformat.read(NOTEBOOKS / copy, 4)
            for cell in content.cells:
                cell.update({"outputs": []} if cell.cell_type == "code" else {})
            nbformat.write(content, self.folder / path)
        else:
            write_notebook(self.folder / path, *cells)
        if not own_kernel:
            self.server_kernel.give_to(path)
        page = self._open_page(path, app)
        self.opened.append((page, own_kernel))
        page.wait_for_kernel()
        page.file = self.folder / path
        return page

    def _open_page(self, path: str, app: str) -> NotebookPage:
        if app != "lab" or self.fresh is not None:
            return NotebookPage(self.fresh or self.pages.context.new_page(), self.address, path, app).open()
        if self.pages.lab is not None:
            return NotebookPage(self.pages.lab, self.address, path).show()
        self.pages.lab = self.pages.context.new_page()
        return NotebookPage(self.pages.lab, self.address, path).open()

    def close(self) -> None:
        """Leave the page and the kernel as good as new; after a test that failed, others take their place."""
        has_failed = self.request.session.testsfailed > self.failed_before
        complaints = [(page, list(page.complaints)) for page, _ in self.opened]
        for page, own_kernel in self.opened:
            if own_kernel:
                page.shut_down()
            elif has_failed:
                self.server_kernel.end()
            else:
                self.server_kernel.take_back(page)
            if page.page is self.pages.lab and not has_failed:
                page.leave()
        if has_failed:
            self.pages.lab = None
        self.pages.close_others()
        for page, told in complaints:
            assert page.refused == [], "the page asked for something from outside"
            # Notebook 7 stumbles over a setting and a command of its own when it opens.
            meant = (*page.meant, "schema", "not registered") if page.app == "notebook" else page.meant
            assert [one for one in told if not any(word in one for word in meant)] == [], "the page's JavaScript failed"


@pytest.fixture
def notebook(
    server: tuple[str, Path], server_kernel: ServerKernel, pages: Pages, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """Opens a notebook: `Notebooks.open` says how."""
    notebooks = Notebooks(server, server_kernel, pages, request)
    yield notebooks.open
    notebooks.close()
