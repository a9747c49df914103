"""Names, values and error texts that hold markup are shown as text: nothing in them is ever run by the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.notebook_page import NotebookPage

pytestmark = pytest.mark.browser
Open = Callable[..., NotebookPage]

HIT = "window.hits=(window.hits||0)+1"
PAYLOADS = f"""PAYLOADS = [
    "<script>{HIT}</script>", "<img src=x onerror={HIT}>", "<svg onload={HIT}>", "<svg><script>{HIT}</script></svg>",
    "</td></tr></table><img src=x onerror={HIT}>", "<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>",
    "<body onload={HIT}>", "<details open ontoggle={HIT}>", "<input autofocus onfocus={HIT}>", "<video><source onerror={HIT}></video>",
    "<audio src=x onerror={HIT}>", "<a href='javascript:{HIT}'>click</a>", "<math><mi xlink:href='javascript:{HIT}'>x</mi></math>",
    "'><img src=x onerror={HIT}>", '"><img src=x onerror={HIT}>', "--><img src=x onerror={HIT}>", "]]><img src=x onerror={HIT}>",
    "<style>@import 'javascript:{HIT}'</style>", "<object data='javascript:{HIT}'></object>", "<embed src='javascript:{HIT}'>",
    "<marquee onstart={HIT}>", "<form><button formaction='javascript:{HIT}'>", "$$\\\\href{{javascript:{HIT}}}{{x}}$$",
    "&lt;img src=x onerror={HIT}&gt;", "<img src=x onerror={HIT}//",
]
assert len(PAYLOADS) == 25"""
CARD = """%load_ext seqmagic
import keras, numpy as np, seqmagic
from IPython.display import display
from seqmagic.describe.plan_of_model import survey
from seqmagic.widgets.network_card import NetworkCard
marked = keras.Sequential([keras.Input((3,))])
for payload in PAYLOADS:
    layer = keras.layers.Dense(3)
    layer._name = payload
    marked.add(layer)
plan = survey(marked)
for payload in PAYLOADS:
    display(NetworkCard(payload, plan, PAYLOADS))
values = keras.Sequential([keras.Input((3,), dtype="string"), keras.layers.StringLookup(vocabulary=PAYLOADS)])
display(NetworkCard("values", survey(values), ["a"]))"""
PANEL = """x, y = np.zeros((64, 3)), np.zeros((64, 1))
def named(name):
    def metric(a, b): return keras.ops.mean(b)
    metric.__name__ = name
    return metric
net = seqmagic.build("input 3 -> dense 1")
net.compile("adam", "mse", metrics=[named(payload) for payload in PAYLOADS])
run = seqmagic.Run(net, x, y, epochs=2)
from seqmagic.widgets.training_panel import TrainingPanel
panel = TrainingPanel(run)
display(panel)
run.start().wait()
for payload in PAYLOADS:
    failing = TrainingPanel(seqmagic.Run(net, x, y))
    failing.view.message = payload
    display(failing)"""
ERRORS = """import pandas as pd
from IPython import get_ipython
from seqmagic.widgets.error_card import ErrorCard
class Page:
    def __init__(self, parts): self.parts = parts
    def _repr_html_(self): return "".join(part._repr_html_() for part in self.parts)
cards = []
def try_door(attempt):
    # Some errors as outputs of their own, and all of them laid out in one: JupyterLab shows 50 outputs of a cell.
    for number, payload in enumerate(PAYLOADS):
        try:
            attempt(payload)
        except seqmagic.SeqmagicError as error:
            cards.append(ErrorCard(error))
            if number % 7 == 0:
                get_ipython().showtraceback()
"""
DOORS = (
    r'lambda payload: seqmagic.build("input 3\n" + payload)',
    r'lambda payload: seqmagic.build("input 3\ndense " + repr(payload))',
    r'lambda payload: seqmagic.build("input 3 -> dense 1\ncompile adam mse " + repr(payload))',
    'lambda payload: seqmagic.Run(net, pd.DataFrame({payload: ["text"] * 64, "b": 1.0, "c": 2.0}), y)',
    "lambda payload: seqmagic.load(payload)",
    "lambda payload: seqmagic.Run(net, x, np.array([payload] * 64))",
    "lambda payload: seqmagic.Run(net, x, y, validation_data=payload)",
    "lambda payload: seqmagic.Run(net, x, y, class_weight={payload: 1.0})",
    "lambda payload: seqmagic.Run(net, x, y, callbacks=[payload])",
    "lambda payload: seqmagic.Run(net, x, y, callbacks=[keras.callbacks.EarlyStopping(monitor=payload + '!')])",
)

CONTROL = f"""from IPython.display import HTML
display(HTML("<img src=x onerror={HIT}>"))"""


def test_markup_in_names_values_and_errors_is_text(notebook: Open, browser: Any) -> None:
    errors = "\n".join([ERRORS, *(f"try_door({door})" for door in DOORS), "display(Page(cards))"])
    page = notebook(PAYLOADS, CARD, PANEL, errors, "'the ' + 'end'", CONTROL)
    for cell in range(5):
        page.run_cell(cell)
    page.wait_for_cells()
    page.page.get_by_text("'the end'").wait_for()
    page.page.wait_for_timeout(2_000)
    expect(page.page.locator(".seqmagic-card:not(.seqmagic-error)")).to_have_count(26)
    expect(page.page.locator(".seqmagic-error")).to_have_count(25 * len(DOORS))
    assert page.page.evaluate("() => window.hits || 0") == 0
    assert page.page.locator(".seqmagic-card img, .seqmagic-card script, .seqmagic-card svg:not([aria-hidden])").count() == 0
    # The trap itself works: what is not escaped does run.
    page.run_cell(5)
    page.page.wait_for_function("() => window.hits > 0")
