"""The picture of a training, and the figure to change and save."""

from __future__ import annotations

import math

import seqmagic
from seqmagic.history import History
from seqmagic.training.run import Run
from seqmagic.widgets.picture import draw_png, numbers_below
from tests.support.small_network import COMPILED, data


def history() -> History:
    made = History()
    made.batches.add(0.5, {"loss": 1.0, "accuracy": 0.5})
    made.epochs.add(1, {"loss": 1.0, "accuracy": 0.5, "val_loss": 2.0, "val_accuracy": 0.4})
    made.epochs.add(2, {"loss": 0.5, "accuracy": 0.6, "val_loss": 1.0, "val_accuracy": 0.5})
    return made


def test_the_picture_is_a_png_and_pyplot_stays_untouched() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    assert draw_png(history()).startswith(b"\x89PNG")
    assert plt.get_fignums() == before


def test_the_last_and_the_best_numbers_stand_below_it() -> None:
    assert numbers_below(history()) == ("Last: loss 0.5, val_loss 1, accuracy 0.6, val_accuracy 0.5.  Best: val_loss 1 in epoch 2 (ring).")


def test_the_figure_has_an_axis_for_each_measure_and_can_be_saved(tmp_path: object) -> None:
    figure = seqmagic.plot(history())
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "accuracy"]
    figure.savefig(f"{tmp_path}/curves.svg")


def test_a_run_is_drawn_with_its_state_and_a_long_one_in_few_points() -> None:
    run = Run(seqmagic.build(COMPILED), *data(3200), epochs=60).start().wait()
    figure = seqmagic.plot(run)
    assert max(len(line.get_xdata()) for axes in figure.axes for line in axes.lines) <= 2002
    assert "Done: 60 of 60 epochs" in figure._supxlabel.get_text()  # noqa: SLF001


def test_a_history_without_any_number_is_drawn_too() -> None:
    broken = history()
    broken.epochs.add(3, {"loss": math.nan, "val_loss": math.inf})
    assert draw_png(broken)
    assert draw_png(History())


def test_many_panels_that_show_one_moment_get_one_picture() -> None:
    record = history()
    png = draw_png(record)
    assert draw_png(record) is png
    record.epochs.add(3, {"loss": 0.1, "val_loss": 0.2})
    later = draw_png(record)
    assert later != png
    assert draw_png(record) is later
    assert draw_png(history()) == png
