"""Full pages of a real JupyterLab: very many epochs, very many dashboards, very many runs.

    python -m tests.soak.pages epochs|dashboards|runs [how many]

What is printed are figures of the page (memory, its slowest frame), of the kernel, and of the files.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbconvert import HTMLExporter

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, browser_page, jupyter_server, write_notebook

EPOCHS, DASHBOARDS, RUNS = 10_000, 100, 50
TINY = "%%sequential tiny\ninput 8x8x1\nflatten -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy accuracy"
CLOCK = """import time, keras
class Clock(keras.callbacks.Callback):
    times = []
    def on_epoch_end(self, epoch, logs=None):
        self.times.append(time.process_time())
clock = Clock()
few, labels = x[:256], y[:256]"""
TIMES = """import statistics
gaps = [1000 * (after - before) for before, after in zip(clock.times, clock.times[1:])]
print("milliseconds of the processor for an epoch: median", *[round(statistics.median(gaps[a : a + 500]), 2) for a in (100, len(gaps) // 2, len(gaps) - 500)],
    "mean", *[round(statistics.mean(gaps[a : a + 500]), 2) for a in (100, len(gaps) // 2, len(gaps) - 500)], "longest", round(max(gaps)))"""
# The longest time in which the page drew nothing, while it was watched.
SLOWEST_FRAME = """seconds => new Promise(done => {
  const gaps = []; let last = performance.now(); const begin = last;
  const look = now => { gaps.push(now - last); last = now; now - begin < 1000 * seconds ? requestAnimationFrame(look) : done(Math.max(...gaps)); };
  requestAnimationFrame(look);
})"""
ALL_DONE = """() => window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.executionState !== 'running')
  && window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"""
PICTURES = """all => all.filter(one => one.naturalWidth > 300).map(one => one.closest('.jp-Cell').dataset.windowedListIndex)"""
SCROLL = """() => { const all = document.querySelector('.jp-WindowedPanel-outer'); all.scrollTop += 900; return all.scrollTop; }"""


class Watched:
    """A page with its figures.

    errors: what its console said was wrong.
    """

    def __init__(self, browser: Any, address: str, path: Path) -> None:
        self.page = NotebookPage(browser, address, path.name)
        self.page.file = path
        self.errors: list[str] = []
        browser.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.cdp = browser.context.new_cdp_session(browser)
        self.cdp.send("Performance.enable")
        self.page.open().wait_for_kernel()

    def figures(self) -> str:
        """Memory and nodes of the page, and memory of the kernel."""
        self.cdp.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in self.cdp.send("Performance.getMetrics")["metrics"]}
        kernel = sum(process.memory_info().rss for process in processes("ipykernel_launcher"))
        renderer = max(process.memory_info().rss for process in processes("--type=renderer"))
        return (
            f"page: heap {metrics['JSHeapUsedSize'] / 1e6:.0f} MB, process {renderer / 1e6:.0f} MB, {metrics['Nodes']:.0f} nodes; "
            f"kernel {kernel / 1e6:.0f} MB"
        )

    def slowest_frame(self, seconds: float = 3) -> str:
        """The longest time without a frame."""
        return f"slowest frame {self.page.page.evaluate(SLOWEST_FRAME, seconds):.0f} ms"

    def wait_for_idle(self, seconds: float) -> float:
        """Wait until the kernel has done all that it was asked; gives the seconds."""
        began = time.monotonic()
        self.page.page.wait_for_timeout(1000)
        self.page.page.wait_for_function(ALL_DONE, timeout=1000 * seconds)
        return time.monotonic() - began

    def save(self) -> float:
        """Save the notebook; gives its size in MB."""
        before = self.page.file.stat().st_mtime
        # Its promise is not waited for: where the page saves by itself at that moment, a question may stand in the way.
        self.page.page.evaluate("() => void window.jupyterapp.commands.execute('docmanager:save')")
        end = time.monotonic() + 60
        while self.page.file.stat().st_mtime == before and time.monotonic() < end:
            self.page.page.wait_for_timeout(500)
        return self.page.file.stat().st_size / 1e6

    def ledger_size(self) -> float:
        """Megabytes of the file of runs, with its log."""
        return sum(path.stat().st_size for path in self.page.file.parent.glob("seqmagic-runs.sqlite*")) / 1e6


def processes(sign: str) -> list[psutil.Process]:
    """Our own processes with a word in their command."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(sign in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def watched(*cells: str) -> Iterator[Watched]:
    """A notebook of cells, open in a page."""
    with tempfile.TemporaryDirectory() as folder, jupyter_server(Path(folder)) as address, browser_page() as browser:
        path = Path(folder) / "full.ipynb"
        write_notebook(path, *cells)
        yield Watched(browser, address, path)


def report(*words: object) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(str(word).strip() for word in words) + "\n")
    sys.stdout.flush()


def epochs(count: int) -> None:
    """Very many epochs of a tiny network."""
    with watched(FIRST_CELL, TINY, CLOCK, f"%fit tiny few labels epochs={count} validation_split=0.2 callbacks={{clock}}", TIMES) as full:
        for cell in range(3):
            full.page.run_cell(cell)
            full.wait_for_idle(120)
        report("before:", full.figures())
        full.page.run_cell(3)
        full.page.wait_for_state("running", timeout=120_000)
        report("at its begin:", full.slowest_frame())
        full.page.page.wait_for_function(f"() => (document.querySelector('.seqmagic-panel')?.innerText || '').includes('of {count}')")
        full.page.wait_for_state("done", timeout=1_500_000)
        report("at its end:", full.slowest_frame(), "-", full.figures(), "-", full.page.status())
        full.page.run_cell(4)
        full.wait_for_idle(60)
        report(full.page.output(4))
        report(f"notebook {full.save():.3f} MB, file of runs {full.ledger_size():.2f} MB")
        began = time.monotonic()
        full.page.open()
        full.page.wait_for_state("done")
        report(f"reloaded after {time.monotonic() - began:.1f} s,", full.slowest_frame(), "- rows", _rows_of(full))
        report(f"{len(full.errors)} errors in the console", *full.errors[:5])


def _rows_of(full: Watched) -> Any:
    return full.page.panel().locator(".seqmagic-training").get_attribute("data-rows")


def dashboards(count: int) -> None:
    """Very many dashboards, each in a cell of its own: of one cell JupyterLab shows only the first fifty outputs."""
    with watched(FIRST_CELL, NETWORK_CELL, *["%dashboard digits x y epochs=3"] * count) as full:
        for cell in range(2):
            full.page.run_cell(cell)
            full.wait_for_idle(120)
        report("before:", full.figures())
        began = time.monotonic()
        full.page.run_all()
        full.wait_for_idle(600)
        report(f"{count} dashboards after {time.monotonic() - began:.1f} s,", full.slowest_frame(), "-", full.figures())
        _use(full)
        report(f"notebook {full.save():.2f} MB; {len(full.errors)} errors in the console", *full.errors[:5])


def _use(full: Watched) -> None:
    """Scroll to the end, and train there."""
    page, panels = full.page.page, full.page.page.locator(".seqmagic-panel")
    frames, places = [], [-1.0]
    while (place := page.evaluate(SCROLL)) > places[-1]:
        places.append(place)
        frames.append(page.evaluate(SLOWEST_FRAME, 0.3))
    report(
        f"scrolled through {places[-1]:.0f} pixels, slowest frame {max(frames):.0f} ms;",
        panels.count(),
        "panels attached -",
        full.figures(),
    )
    last = panels.last
    began = time.monotonic()
    last.get_by_role("button", name="Train", exact=True).click()
    last.locator(".seqmagic-training[data-state=done]").wait_for(state="attached", timeout=120_000)
    report(f"trained in the last one after {time.monotonic() - began:.1f} s,", full.slowest_frame())


def runs(count: int) -> None:
    """A notebook with very many runs, saved, and opened with no kernel."""
    with watched(
        FIRST_CELL, NETWORK_CELL, *["%fit digits x y epochs=2 batch_size=256 validation_split=0.2"] * count, "digits.name", "%runs"
    ) as full:
        full.page.run_all()
        report(f"{count} runs after {full.wait_for_idle(900):.0f} s -", full.figures())
        full.page.page.wait_for_timeout(3000)
        size = full.save()
        saved = nbformat.read(full.page.file, 4)
        pictures = sum("image/png" in output.get("data", {}) for cell in saved.cells for output in cell.outputs)
        report(
            f"notebook {size:.2f} MB with {pictures} pictures,",
            f"{1000 * size / count:.1f} kB a run; file of runs",
            f"{full.ledger_size():.2f} MB",
        )
        saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
        nbformat.write(saved, full.page.file.with_name("saved.ipynb"))
        began = time.monotonic()
        html, _ = HTMLExporter().from_notebook_node(saved)
        report(f"nbconvert to HTML: {len(html) / 1e6:.2f} MB in {time.monotonic() - began:.1f} s")
        for app in ("lab", "notebook"):
            _open_without_kernel(full, app)
        report(f"{len(full.errors)} errors in the console", *full.errors[:5])


def _open_without_kernel(full: Watched, app: str) -> None:
    began = time.monotonic()
    again = NotebookPage(full.page.page.context.new_page(), full.page.address, "saved.ipynb", app).open()
    again.page.locator(".jp-RenderedImage img").first.wait_for(timeout=120_000)
    opened, seen, place = time.monotonic() - began, set(), -1.0
    while (now := again.page.evaluate(SCROLL)) > place:
        place = now
        again.page.wait_for_timeout(100)
        seen |= set(again.page.locator(".jp-RenderedImage img").evaluate_all(PICTURES))
    text = again.page.locator(".seqmagic-runs").last.inner_text()
    report(
        f"{app}: opened without a kernel after {opened:.1f} s, {len(seen)} cells with a picture; %runs shows {text.count('digits')} rows"
    )
    again.page.close()


def main() -> None:
    """Do what is asked for."""
    trials = {"epochs": (epochs, EPOCHS), "dashboards": (dashboards, DASHBOARDS), "runs": (runs, RUNS)}
    trial, count = trials[sys.argv[1]]
    trial(int(sys.argv[2]) if len(sys.argv) > 2 else count)


if __name__ == "__main__":
    main()
