"""Takes the pictures that a designer, or the README, looks at: python -m tests.browser.screenshots FOLDER, or FOLDER editor for a cell's editor alone.

Those in notebooks/images are light-first-network.png, light-compile-panel.png and light-training-panel.png, copied there when they have
changed. The part "panels" takes the last two alone, in any language, for notebooks/images/LANGUAGE: SEQMAGIC_LANGUAGE=zh python -m
tests.browser.screenshots FOLDER panels.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from seqmagic.translation import gettext
from tests.support.cell_editor import CellEditor
from tests.support.notebook_page import NotebookPage, browser_page, jupyter_server, write_notebook
from tests.support.server_kernel import ServerKernel

LOAD = """%load_ext seqmagic
import seqmagic, keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x.reshape(-1, 8, 8, 1) / 16, y, random_state=1)"""
NETWORK = """%%sequential digits
input 8x8x1
conv 32 3x3 relu same -> maxpool 2
conv 64 3x3 relu
flatten -> dropout 0.3
dense 10 softmax

seed 1
compile adam(1e-3) sparse_categorical_crossentropy accuracy"""
DASHBOARD = "%dashboard digits x_train y_train validation_data=x_test,y_test epochs=60"
MISTAKES = ["%%sequential digits\ninput 8x8x1\nconv 32 3x3 rleu", "%%sequential digits\ninput 4x4x1\nmaxpool 2 -> conv 16 3x3"]
FAILING = """wild = seqmagic.build("input 64 -> dense 10\\ncompile sgd(1e12) mse")
seqmagic.Dashboard(wild, x_train.reshape(-1, 64), keras.utils.to_categorical(y_train, 10), epochs=3)"""
WRITTEN = """%%sequential digits
input 8x8x1
conv 32 3x3 relu same -> maxpool 2
block twice(f): conv f 3x3 relu same * 2  # a block of one's own
twice 64
conv 16 3x3 rleu same
flatten -> dropout 0.3
head: dense {classes} softmax

seed 1
compile adam(1e-3) sparse_categorical_crossentropy accuracy"""
MAGICS = """classes = 10
%sequential small input 64 -> dense 10 softmax
%fit digits x_train y_train epochs=15 validation_data=x_test,y_test"""
EMPTY = 'seqmagic.Dashboard(seqmagic.build("input 64 -> dense 10 softmax"))'
COLOURS = 128  # A screen of text and lines has few; a picture is then a third as large.
EDITORS = (
    *(("light", "lab", 1000), ("dark", "lab", 1000), ("dark-medium", "lab", 800)),
    *(("narrow", "lab", 360), ("notebook", "notebook", 1000), ("notebook-narrow", "notebook", 360)),
)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def set_theme(page: NotebookPage, theme: str) -> None:
    """Change the look of JupyterLab."""
    page.page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", theme)
    page.page.wait_for_timeout(1500)


def take(page: NotebookPage, path: Path) -> None:
    """Take a picture of the notebook's cells, without what stands around them."""
    page.page.wait_for_timeout(400)
    page.page.screenshot(path=path, clip=cells_box(page))


def cells_box(page: NotebookPage, end: int | None = None) -> dict[str, float]:
    """The part of the page from the second cell to the last, or to the one before `end`."""
    boxes = [cell.bounding_box() for cell in page.page.locator(".jp-Notebook .jp-Cell").all()[1:end]]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def tour(page: NotebookPage, folder: Path, name: str) -> None:
    """Go through the states of the dashboard, with a picture of each."""
    page.run_all()
    page.panel().get_by_role("button", name="Train").wait_for(timeout=120_000)
    page.wait_for_kernel()
    take(page, folder / f"{name}-ready.png")
    page.panel().locator(".seqmagic-form").screenshot(path=folder / f"{name}-compile-panel.png")
    page.panel().locator("[data-control=loss]").select_option("categorical_crossentropy")
    page.panel().locator(".seqmagic-problem").first.wait_for()
    page.panel().locator(".seqmagic-form").screenshot(path=folder / f"{name}-cannot-work.png")
    page.panel().locator("[data-control=propose]").click()
    page.press("Train")
    page.page.wait_for_function("() => Number(document.querySelector('[data-points]').dataset.points) > 900", timeout=60_000)
    take(page, folder / f"{name}-running.png")
    page.press("Pause")
    page.wait_for_state("paused")
    page.panel().locator("canvas").first.hover(position={"x": 110, "y": 70})
    take(page, folder / f"{name}-paused.png")
    page.panel().locator(".seqmagic-training").screenshot(path=folder / f"{name}-training-panel.png")
    page.press("Stop")
    page.wait_for_state("stopped")
    take(page, folder / f"{name}-stopped.png")
    page.press("Train more")
    page.wait_for_state("done")
    page.page.mouse.move(0, 0)
    take(page, folder / f"{name}-done.png")
    page.page.screenshot(path=folder / f"{name}-first-network.png", clip=cells_box(page, end=3))
    page.panel(2).screenshot(path=folder / f"{name}-empty.png")
    page.press("Train", 1)
    page.wait_for_state("failed", 1)
    page.page.wait_for_timeout(1000)  # Until the saved picture is in its place.
    page.panel(1).screenshot(path=folder / f"{name}-failed.png")


def take_panels(address: str, notebooks: Path, folder: Path) -> None:
    """Take the two parts of the panel as the notebooks show them, in the language of this process."""
    write_notebook(notebooks / "panels.ipynb", LOAD, NETWORK, DASHBOARD)
    with browser_page(viewport={"width": 1000, "height": 3000}) as browser:
        page = NotebookPage(browser, address, "panels.ipynb").open().wait_for_kernel()
        page.command("application:toggle-left-area")
        page.run_all()
        page.panel().get_by_role("button", name=gettext("Train"), exact=True).wait_for(timeout=240_000)
        page.wait_for_kernel()
        page.panel().locator(".seqmagic-form").screenshot(path=folder / "compile-panel.png")
        page.press(gettext("Train"))
        page.page.wait_for_function("() => Number(document.querySelector('[data-points]').dataset.points) > 900", timeout=240_000)
        page.press(gettext("Pause"))
        page.wait_for_state("paused")
        page.panel().locator("canvas").first.hover(position={"x": 110, "y": 70})
        page.page.wait_for_timeout(400)
        page.panel().locator(".seqmagic-training").screenshot(path=folder / "training-panel.png")
        page.shut_down()


def see(page: NotebookPage, path: Path) -> None:
    """Take a picture of all that is seen, with what lies over the cells."""
    page.page.wait_for_timeout(400)
    page.page.screenshot(path=path)


def editor_tour(page: NotebookPage, folder: Path, name: str) -> None:
    """What a cell shows while somebody writes it, what Tab offers, what Shift-Tab tells, and what a wavy line says."""
    page.run_cell(0)
    page.wait_for_kernel()
    cell = CellEditor(page, 1)
    cell.element.locator(".cm-seqmagic-shape").first.wait_for(timeout=600_000)
    see(page, folder / f"{name}-shapes.png")
    cell.problem()
    see(page, folder / f"{name}-problem.png")
    page.page.mouse.move(0, 0)
    cell.go(4).press("F8")
    cell.press("Control+Shift+m")
    see(page, folder / f"{name}-list.png")
    cell.press("Escape")
    cell.go(6).type("\nconv", delay=60)
    cell.complete_until(lambda: page.page.locator(".jp-Completer:visible").count() > 0)
    see(page, folder / f"{name}-tab.png")
    cell.press("Escape", "Shift+Tab")
    page.page.locator(".jp-Tooltip").wait_for()
    see(page, folder / f"{name}-shift-tab.png")
    assert page.page.locator(".jp-Tooltip").is_visible(), "it was gone when its picture was taken"


def take_editor(address: str, notebooks: Path, folder: Path) -> None:
    """The pictures of a cell's editor, in JupyterLab and Notebook."""
    kernel = ServerKernel(address, notebooks)  # One for all of them, which has to load Keras once.
    for name, app, width in EDITORS:
        write_notebook(notebooks / f"editor-{name}.ipynb", LOAD, WRITTEN, MAGICS, "")
        kernel.give_to(f"editor-{name}.ipynb")
        with browser_page(viewport={"width": width, "height": 720}) as browser:
            page = NotebookPage(browser, address, f"editor-{name}.ipynb", app).open().wait_for_kernel()
            if app == "lab":
                page.command("application:toggle-left-area")
            set_theme(page, THEMES["dark" if "dark" in name else "light"])
            editor_tour(page, folder, f"editor-{name}")
    kernel.end()


def main(folder: Path, part: str = "") -> None:
    """Take all pictures, or those of the editor alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as notebooks, jupyter_server(Path(notebooks)) as address:
        if part == "panels":
            take_panels(address, Path(notebooks), folder)
        else:
            take_editor(address, Path(notebooks), folder)
        for name, width in (("light", 1000), ("dark", 1000), ("narrow", 420), ("wide", 1480)) if not part else ():
            codes = (LOAD, NETWORK, DASHBOARD, FAILING, EMPTY, *(MISTAKES if name == "dark" else []))
            write_notebook(Path(notebooks) / f"{name}.ipynb", *codes)
            with browser_page(viewport={"width": width, "height": 3000}) as browser:
                page = NotebookPage(browser, address, f"{name}.ipynb").open().wait_for_kernel()
                page.command("application:toggle-left-area")
                set_theme(page, THEMES.get(name, THEMES["light"]))
                tour(page, folder, name)
                page.shut_down()
    for path in folder.glob("*.png"):
        Image.open(path).quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
