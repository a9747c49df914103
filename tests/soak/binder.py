"""The course as Binder gives it: what the folder `binder` installs, in a fresh environment, with one core and 2 GB, in a real browser.

    python -m tests.soak.binder [notebook ...]

Needs the Python that binder/runtime.txt names, and for one core and the limit of memory Linux. What is printed are the seconds of each step,
those to the first network's table, and the most memory that the server and its kernel had together.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.support.notebook_page import NotebookPage, browser_page, free_port, wait_for_answer

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
GIGABYTE = 10**9
LIMITS = ["taskset", "--cpu-list", "0", "prlimit", f"--data={2 * GIGABYTE}"]
TOKEN = "binder"  # noqa: S105  # A server for one run, on this machine alone.
FIRST_PAGE = "lab/tree/notebooks/1-first-network.ipynb"
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => ({
  kind: cell.model.type, mayFail: (cell.model.sharedModel.getMetadata().tags ?? []).includes('raises-exception') }))"""
IS_IDLE = """() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'
  && window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.executionState !== 'running')"""
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, index) =>
  cell.model.type === 'code' ? cell.model.sharedModel.getOutputs().filter(one => one.output_type === 'error').map(one => [index, one.ename]) : [])"""


def report(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def build(folder: Path) -> dict[str, str]:
    """Install what Binder would install, into a fresh environment; gives the variables of a shell in there."""
    python = BINDER.joinpath("runtime.txt").read_text("utf-8").strip().replace("-", "")
    checkout, environment = folder / "checkout", folder / "environment"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)  # noqa: S607
    subprocess.run([python, "-m", "venv", str(environment)], check=True)
    outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    variables = {**outside, "PATH": f"{environment / 'bin'}{os.pathsep}{outside['PATH']}", "HOME": str(folder)}
    for command in (["python", "-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt"], ["bash", "binder/postBuild"]):
        began = time.monotonic()
        subprocess.run(command, cwd=checkout, env=variables, check=True)
        report(f"{' '.join(command)}: {time.monotonic() - began:.0f} s")
    size = sum(path.lstat().st_size for path in environment.rglob("*"))
    report(f"installed: {size / GIGABYTE:.2f} GB")
    return variables


class MemoryWatch(threading.Thread):
    """Looks twice a second how much memory a process has, together with all that it began."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.peak = process, 0

    def run(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while self.process.is_running():
                self.peak = max(self.peak, self.size())
                time.sleep(0.5)

    def size(self) -> int:
        total = 0
        for one in [self.process, *self.process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
        return total


@contextmanager
def limited_server(folder: Path, variables: dict[str, str]) -> Iterator[tuple[str, MemoryWatch]]:
    """JupyterLab on the checkout, as it starts there, within the limits; gives its address."""
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url="]
    command = [*LIMITS, "jupyter-lab", *options, "--LabApp.expose_app_in_browser=True"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder / "checkout", env=variables, stdout=log, stderr=log)
        try:
            wait_for_answer(f"http://127.0.0.1:{port}/api?token={TOKEN}")
            watch = MemoryWatch(psutil.Process(server.pid))
            watch.start()
            yield f"http://127.0.0.1:{port}", watch
        finally:
            server.terminate()
            server.wait(30)


def run_notebook(page: NotebookPage) -> None:
    """Run a notebook cell by cell, as a student does, and say what failed that is not meant to."""
    page.command("notebook:clear-all-cell-outputs")  # The tables that were saved are not those that are waited for.
    page.page.locator(".seqmagic-card").first.wait_for(state="detached")
    cells = page.page.evaluate(CELLS)
    began, first = time.monotonic(), 0.0
    slowest = 0.0
    for number, cell in enumerate(cells):
        if cell["kind"] != "code":
            continue
        start = time.monotonic()
        page.run_cell(number)
        page.page.wait_for_timeout(200)
        page.page.wait_for_function(IS_IDLE, timeout=300_000)
        slowest = max(slowest, time.monotonic() - start)
        if not first and page.page.locator(".seqmagic-card").count():
            first = time.monotonic() - began
    failed = [(number, name) for number, name in page.page.evaluate(ERRORS) if not cells[number]["mayFail"]]
    report(
        f"{page.path}: {time.monotonic() - began:.0f} s, first table after {first:.1f} s, slowest cell {slowest:.1f} s, failed: {failed or 'none'}"
    )


def open_first_page(browser: Any, address: str) -> str:
    """Where somebody lands who opens the server without a path."""
    browser.goto(f"{address}/?token={TOKEN}", wait_until="domcontentloaded")
    browser.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    return str(browser.evaluate("location.pathname"))


def main(names: list[str]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        variables = build(folder)
        notebooks = [path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if not names or path.stem in names]
        with limited_server(folder, variables) as (address, watch), browser_page() as browser:
            began = time.monotonic()
            report("the first page:", open_first_page(browser, address), f"after {time.monotonic() - began:.1f} s")
            for path in notebooks:
                page = NotebookPage(browser.context.new_page(), address, f"notebooks/{path.name}", token=TOKEN)
                page.open().wait_for_kernel()
                run_notebook(page)
                page.shut_down()
                page.page.close()
            report(f"memory, server and kernel together: {watch.peak / GIGABYTE:.2f} GB at most")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
