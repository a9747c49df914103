"""`%look` in a real kernel: live and headless, on data and without, and what is said of a line that does not fit."""

from __future__ import annotations

import pytest

from tests.support.kernel import Kernel

WIDGET = "application/vnd.jupyter.widget-view+json"


def test_a_page_has_the_view_and_its_still_form(digits: Kernel) -> None:
    assert digits.run("%fit digits x y epochs=1 validation_split=0.2").status == "ok"
    outcome = digits.run("%look digits")
    assert outcome.status == "ok"
    assert any(WIDGET in data for data in outcome.displayed)
    assert digits.run("before = digits.get_weights(); print(digits.optimizer.iterations.numpy())").status == "ok"


def test_without_a_page_there_is_html_and_text(digits: Kernel) -> None:
    digits.run("digits.fit(x, y, epochs=1, verbose=0)")
    outcome = digits.run("names = list('abcdefghij')\n%look digits {x[:40]} {y[:40]} --names names", live=False)
    assert outcome.status == "ok"
    (shown,) = outcome.displayed
    assert set(shown) == {"text/html", "text/plain"}
    assert "40 samples: " in shown["text/plain"]
    assert shown["text/html"].count("<img") >= 12
    wrong = digits.value("int((digits.predict(x[:40], verbose=0).argmax(axis=1) != y[:40]).sum())").rpartition("\n")[2]
    assert f"right, {wrong} wrong" in shown["text/plain"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%look", "%look needs the name of a model"),
        ("%look digit x y", "There is no model called 'digit'"),
        ("%look digits", "has not been trained here"),
        ("%look digits {x[:, :7]} y", "7x8x1"),
        ("%look digits x {y[:5]}", "has 1,797 rows"),
        ("%look digits x y epochs=3", "has no option 'epochs'"),
        ("%look digits epochs=3", "only takes data"),
        ("%look digits x y --names nams", "There is no variable called 'nams'"),
        ("%look digits x y --output price", "has no output 'price'"),
        ("%look digits x y --best", "'%look' has no option '--best'"),
        ("%look digits z y", "'z'"),
    ],
)
def test_a_line_that_does_not_fit_is_reported(digits: Kernel, line: str, said: str) -> None:
    outcome = digits.run(line, live=False)
    assert outcome.status == "error"
    assert said in "\n".join(outcome.error)
