"""Names in any writing: pictures have their letters or say their numbers, without a warning; tables of text stay aligned."""

from __future__ import annotations

import logging
import warnings

import pytest
from matplotlib.figure import Figure

from seqmagic.history import History
from seqmagic.widgets import fonts
from seqmagic.widgets.figure import to_png
from seqmagic.widgets.fonts import letters_of, use_fallback_fonts
from seqmagic.widgets.picture import draw_png, plot
from seqmagic.widgets.run_curves import RunCurves, draw_runs
from seqmagic.widgets.status import format_table
from seqmagic.widgets.text_table import align, width_of

NAMES = ("精度", "正解率", "정확도", "точность", "دقة", "сумма_精度", "ακρίβεια", "𠀀", "🙂")


def record() -> History:
    made = History()
    for epoch in (1, 2):
        made.epochs.add(epoch, {"loss": 1 / epoch, **dict.fromkeys(NAMES, epoch / 4)})
    return made


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> object:
    """Neither Matplotlib's warnings nor its log say a word."""
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        yield
    assert [message for message in caplog.messages if "font" in message.lower()] == []


@pytest.mark.usefixtures("quiet")
def test_a_picture_of_names_in_any_writing_has_no_warning() -> None:
    assert draw_png(record()).startswith(b"\x89PNG")
    names, rows = record().epochs.rows_from()
    assert draw_runs([RunCurves("модель 1", names, rows), RunCurves("模型 2", names, rows)])


def test_every_letter_that_is_drawn_is_in_one_of_its_fonts() -> None:
    figure = plot(record())
    texts = [axes.title for axes in figure.axes] + [axes._left_title for axes in figure.axes]  # noqa: SLF001
    for text in texts:
        known = letters_of(tuple(text.get_fontfamily()))
        assert {letter for letter in text.get_text() if ord(letter) not in known} == set()


def test_cyrillic_and_greek_need_no_other_font() -> None:
    titles = [axes.get_title(loc="left") for axes in plot(record()).axes]
    assert {"точность", "ακρίβεια"} <= set(titles)


@pytest.mark.usefixtures("quiet")
def test_a_font_that_has_the_letter_is_used_for_it_and_a_font_that_is_not_there_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FALLBACKS", ("No Such Font", "STIXGeneral"))
    letter = chr(min(letters_of(("STIXGeneral",)) - letters_of(("DejaVu Sans",))))
    figure = Figure()
    other, plain, unknown = (figure.text(0, 0, text) for text in (f"a {letter}", "é", "\U00020000"))
    use_fallback_fonts(figure)
    assert other.get_fontfamily()[1:] == ["STIXGeneral"]
    assert other.get_text() == f"a {letter}"
    assert plain.get_fontfamily() == Figure().text(0, 0, "").get_fontfamily()
    assert unknown.get_text() == "\\U00020000"
    assert to_png(figure)


def test_a_table_is_aligned_by_what_its_letters_take() -> None:
    lines = align([("模型", "loss"), ("модель", "1"), ("é🙂", "2")], right=[1])
    assert [width_of(line) for line in lines] == [12, 12, 12]
    table = format_table(record()).splitlines()
    assert {width_of(line) for line in table} == {width_of(table[0])}
    assert len({len(line) for line in table}) == 2
