"""A real Jupyter server and a real browser page on it, for browser tests and screenshots."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat.reader import NotJSONError

from tests.support.forking_server import forking

BUILT = Path(__file__).parents[2] / "seqmagic" / "labextension" / "built"
# Counts the commands that have been started and have not ended. `number`: of the cell, if it is one.
RUN = """([command, number]) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  if (number !== null) {
    content.activeCellIndex = number;
    content.deselectAll();
  }
  window.cellsUnderWay = (window.cellsUnderWay ?? 0) + 1;
  const end = () => (window.cellsUnderWay -= 1);
  window.jupyterapp.commands.execute(command).then(end, end);
}"""
# Only the notebook stays open: JupyterLab shows its launcher if nothing else is.
SHOW = """async (path) => {
  const { commands, shell } = window.jupyterapp;
  const shown = await commands.execute('docmanager:open', { path, factory: 'Notebook' });
  for (const widget of [...shell.widgets('main')]) if (widget !== shown) widget.dispose();
  shell.activateById(shown.id);
  await shown.revealed;
}"""
LEAVE = """() => {
  const { shell } = window.jupyterapp;
  for (const widget of [...shell.widgets('main')]) widget.dispose();
  if (shell.leftCollapsed) shell.expandLeft();
  for (const name of ['cellsUnderWay', 'heard', 'wrong', 'hits', 'wasSeen']) delete window[name];
}"""
TOO_LATE = "[anywidget] Failed to initialize model"
VIEWPORT = {"width": 1280, "height": 1000}
TOKEN = "test-token"  # noqa: S105  # The server runs on this machine, for one test run.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # Only local servers are reachable.
]


def find_chromium() -> str | None:
    """The installed browser, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@contextmanager
def jupyter_server(folder: Path, *, forks_kernels: bool = False) -> Iterator[str]:
    """Run JupyterLab, including Notebook, in a folder; yields the server's address.

    forks_kernels: whether its kernels have Keras already imported, if the system can fork.
    """
    port = free_port()
    command = [
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.allow_root=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    with _serving(command, folder, f"http://127.0.0.1:{port}", f"api?token={TOKEN}", forks_kernels=forks_kernels) as address:
        yield address


@contextmanager
def voila_server(notebook: Path) -> Iterator[str]:
    """Run Voila on a notebook; yields the page's address."""
    port = free_port()
    with _serving(
        ["voila", f"--port={port}", str(notebook)], notebook.parent, f"http://127.0.0.1:{port}", "voila/static/voila.js"
    ) as address:
        yield address


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(command: list[str], folder: Path, address: str, sign: str, *, forks_kernels: bool = False) -> Iterator[str]:
    """Run a server's module within this context; `sign` is a path that answers once it is ready."""
    private = {
        name: str(folder / ".jupyter" / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR")
    }
    # The extension in this repository, whatever is installed.
    extensions = folder / ".jupyter" / "labextensions"
    extensions.mkdir(parents=True, exist_ok=True)
    (extensions / "seqmagic").symlink_to(BUILT, target_is_directory=True)
    private["JUPYTER_PATH"] = os.pathsep.join(filter(None, (str(folder / ".jupyter"), os.environ.get("JUPYTER_PATH"))))
    arguments, environment = forking(*command) if forks_kernels else (["-m", *command], dict(os.environ))
    whole = [sys.executable, *arguments, "--no-browser"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(whole, stdout=log, stderr=log, env={**environment, **private}, cwd=folder)
        try:
            wait_for_answer(f"{address}/{sign}")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_for_answer(url: str) -> None:
    """Wait until a server answers."""
    for _ in range(400):
        try:
            with urllib.request.urlopen(url):  # noqa: S310  # The test's own server.
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    raise TimeoutError(url)


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook of code cells."""
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    content.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(content, path)


class NotebookPage:
    """A notebook, open in a browser page.

    The browser refuses every request to anything but the local server, so that the tests prove that everything works offline; refused
    requests are kept in `refused`. Errors of the page's JavaScript are kept in `complaints`, except those that contain one of the words in
    `meant`.
    """

    def __init__(self, page: Any, address: str, path: str, app: str = "lab", token: str = TOKEN) -> None:
        self.page, self.address, self.path, self.app, self.token = page, address, path, app, token
        self.file = Path(path)
        self.refused: list[str] = []
        self.complaints: list[str] = []
        self.meant: tuple[str, ...] = ()
        page.on("request", self._note)  # A route would disable the browser's cache, and each page would load everything again.
        page.on("pageerror", self._complain)

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.refused.append(request.url)

    def _complain(self, error: Any) -> None:
        # anywidget reports models that take more than two seconds to initialize, as on a busy machine; tests that need a panel wait for it.
        if TOO_LATE not in str(error):
            self.complaints.append(str(error))

    def leave(self) -> None:
        """Close the notebook without saving it, and leave JupyterLab open for the next one."""
        self.page.remove_listener("request", self._note)
        self.page.remove_listener("pageerror", self._complain)
        self.page.set_viewport_size(VIEWPORT)
        self.page.mouse.move(0, 0)
        self.page.evaluate(LEAVE)

    def show(self) -> NotebookPage:
        """Open the notebook in a loaded JupyterLab, which takes a tenth of the time."""
        self.page.evaluate(SHOW, self.path)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        return self

    def open(self) -> NotebookPage:
        """Load the page and wait until the notebook and its kernel are ready."""
        # In its own workspace, so that Lab doesn't restore the notebooks of other tests.
        tree = f"lab/workspaces/{Path(self.path).stem}/tree" if self.app == "lab" else "notebooks"
        self.page.goto(f"{self.address}/{tree}/{self.path}?token={self.token}", wait_until="domcontentloaded")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=240_000)
        self.page.wait_for_function("() => !!window.jupyterapp", timeout=240_000)
        return self

    def wait_for_kernel(self) -> NotebookPage:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=240_000
        )
        return self

    def command(self, name: str) -> None:
        """Run one of the page's commands, such as 'docmanager:save'."""
        self.page.evaluate(f"() => window.jupyterapp.commands.execute({json.dumps(name)})")

    def run_all(self) -> None:
        """Run All Cells, as from the menu."""
        self.page.evaluate(RUN, ["notebook:run-all-cells", None])

    def run_cell(self, number: int) -> None:
        """Run one cell; cells count from 0."""
        self.page.evaluate(RUN, ["notebook:run-cell", number])

    def wait_for_cells(self) -> NotebookPage:
        """Wait until all cells started by this page have run: an idle kernel may not have started yet."""
        self.page.wait_for_function("() => !window.cellsUnderWay")
        return self

    def add_cell(self, source: str) -> int:
        """Append a code cell; returns its number."""
        return int(
            self.page.evaluate(
                "s => { const p = window.jupyterapp.shell.currentWidget; const m = p.content.model.sharedModel;"
                " m.addCell({cell_type: 'code', source: s}); return m.cells.length - 1; }",
                source,
            )
        )

    def wait_for_picture(self) -> None:
        """Wait until the last cell has its image, which is hidden while there is a panel."""
        self.page.locator(".jp-CodeCell").last.locator(".jp-RenderedImage img").last.wait_for(state="attached", timeout=240_000)

    def wait_for_last_picture(self, number: int, text: str) -> None:
        """Wait until a cell contains the image of its run's end, recognized by a text next to it; the page then renders the output again."""
        script = "([n, t]) => JSON.stringify(window.jupyterapp.shell.currentWidget.content.widgets[n].model.outputs.toJSON()).includes(t)"
        self.page.wait_for_function(script, arg=[number, text])
        self.wait_for_picture()

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def saved(self, holds: Callable[[Any], bool]) -> Any:
        """Save the notebook until its file meets a condition; returns its content.

        While autosave is running the page doesn't save again, and messages of the kernel may still be on their way.
        """
        end = time.monotonic() + 240
        while True:
            self.save()
            with contextlib.suppress(NotJSONError):  # The server is writing it.
                saved = nbformat.read(self.file, 4)
                if holds(saved):
                    return saved
                assert time.monotonic() < end, saved.cells[-1]
            self.page.wait_for_timeout(100)

    def shut_down(self) -> None:
        """Shut down the notebook's kernel."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def restart(self) -> None:
        """Restart the notebook's kernel."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")

    def shown(self, number: int) -> Any:
        """The output of a cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-Cell-outputArea")

    def output(self, number: int) -> str:
        """The output of a cell, as text."""
        return str(self.shown(number).inner_text())

    def panel(self, index: int = 0) -> Any:
        """A training panel on the page."""
        return self.page.locator(".seqmagic-panel").nth(index)

    def status(self, index: int = 0) -> str:
        """The status in a panel, such as 'Stopped in epoch 3 of 10, after 2.1 s'."""
        return " ".join(self.panel(index).locator(".seqmagic-status > *").all_inner_texts())

    def press(self, name: str, index: int = 0, **options: Any) -> None:
        """Press one of a panel's buttons."""
        self.panel(index).get_by_role("button", name=name, exact=True).click(**options)

    def points(self, index: int = 0) -> int:
        """The number of batches in a panel's curves."""
        return int(self.panel(index).locator(".seqmagic-training").get_attribute("data-points") or 0)

    def wait_for_state(self, state: str, index: int = 0, timeout: float = 240_000) -> None:
        """Wait until a panel shows a run in that state."""
        self.panel(index).locator(f".seqmagic-training[data-state={state}]").wait_for(state="attached", timeout=timeout)


@contextmanager
def browser_page(**options: Any) -> Iterator[Any]:
    """A page of headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        try:
            yield browser.new_context(viewport=options.pop("viewport", VIEWPORT), **options).new_page()
        finally:
            browser.close()


def wait_for_more_points(page: NotebookPage, than: int, seconds: float = 240) -> int:
    """Wait until the curves show more batches; returns how many."""
    end = time.monotonic() + seconds
    while page.points() <= than:
        assert time.monotonic() < end, f"the curve stays at {than} points"
        page.page.wait_for_timeout(50)
    return page.points()


def wait_until(page: NotebookPage, what: Callable[[], Any], expected: Any, seconds: float = 240) -> None:
    """Wait until a value on the page is as expected, because a single look may come too early."""
    end = time.monotonic() + seconds
    while (found := what()) != expected:
        assert time.monotonic() < end, f"{found!r} is not {expected!r}"
        page.page.wait_for_timeout(100)


def picture_is_drawn(page: NotebookPage) -> bool:
    """Wait until the last image on a page is loaded; returns whether it is larger than an icon."""
    image = page.page.locator(".jp-RenderedImage img").last
    image.wait_for(timeout=240_000)
    wait_until(page, lambda: image.evaluate("image => image.complete && image.naturalWidth > 0"), expected=True)
    return bool(image.evaluate("image => image.naturalWidth > 300"))
