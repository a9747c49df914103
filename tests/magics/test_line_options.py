"""What stands in the line of a magic, read in this process: its options, a file, a place, and the line of a run that goes on."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from seqmagic.editor.option_problems import option_problems
from seqmagic.editor.options import OPTIONS
from seqmagic.errors import SeqmagicError, UnknownNameError
from seqmagic.history import History
from seqmagic.magics import fit, runs, sweep
from seqmagic.magics.line_options import Option, fit_line_of, take_options, take_place
from seqmagic.magics.sequential import CELL_OPTIONS, FILING, SHOWING, read_command
from seqmagic.training.start_point import FitConfig, StartPoint


def test_the_magics_refuse_what_is_marked_with_the_same_words() -> None:
    for magic, options in OPTIONS.items():
        (problem,) = option_problems(f"{magic} digits --quite")
        with pytest.raises(UnknownNameError) as refused:
            take_options("digits --quite", [Option(name) for name in options], magic)
        assert problem["message"] == refused.value.reason


def test_the_options_are_those_that_the_magics_read() -> None:
    read = {
        "%%sequential": CELL_OPTIONS,
        "%sequential": (*CELL_OPTIONS, *SHOWING, *FILING),
        "%fit": fit.OPTIONS,
        "%runs": runs.OPTIONS,
        "%sweep": [sweep.RESUME],
    }
    assert {magic: {option.name for option in known} for magic, known in read.items()} == {magic: set(OPTIONS[magic]) for magic in read}


@pytest.mark.parametrize(
    ("line", "file", "forced"),
    [
        ("net --save a.seq", "a.seq", False),
        ("net --save a.seq --force", "a.seq", True),
        ("net --save --force 'my net.seq'", "my net.seq", True),
        ("net --save 'my --force net.seq'", "my --force net.seq", False),
    ],
)
def test_force_is_read_from_the_line(line: str, file: str, *, forced: bool) -> None:
    command = read_command(line, None)
    assert (command.file, "--force" in command.options) == (file, forced)


@pytest.mark.parametrize(("line", "said"), [("digits x y on=", "needs a value"), ("digits x y on=local on=local", "has on= twice")])
def test_a_line_that_does_not_say_where(line: str, said: str) -> None:
    with pytest.raises(SeqmagicError, match=said):
        take_place(line, "%fit")


def test_the_line_of_a_run_that_goes_on_says_each_thing_once() -> None:
    def line(found: str, new: str) -> str:
        return fit_line_of(StartPoint(History(), config=FitConfig(fit_line=found)), f"net {new}")

    assert line("fit x y validation_split=0.2 shuffled epochs=3", "epochs=5") == "x y validation_split=0.2 shuffled epochs=5"
    assert line("fit x y validation_split=0.2 shuffled", "split=stratified") == "x y validation_split=0.2 split=stratified"
    assert line("fit x y validation_split=0.2 shuffled", "validation_split=0.3") == "x y shuffled validation_split=0.3"


WORDS = ["x y", "callbacks=csv_logger('my  log.csv')", "until='val_loss  <  0.1'", "validation_data=(a, b)"]


@pytest.mark.parametrize("count", range(1, len(WORDS) + 1))
def test_a_line_that_goes_on_keeps_the_words_of_the_one_that_was_cut(count: int) -> None:
    for words in itertools.combinations(WORDS[1:], count - 1):
        line = " ".join([WORDS[0], *words])
        assert fit_line_of(StartPoint(History(), config=FitConfig(fit_line=f"fit {line}")), "digits") == line


def test_what_a_line_says_anew_comes_instead_and_anothers_callbacks_are_left_out() -> None:
    fit = 'fit x y callbacks=[csv_logger("my  log.csv"), early_stopping(patience=2)] epochs=3'
    cut = StartPoint(History(), config=FitConfig(epochs=3, fit_line=fit))
    assert fit_line_of(cut, 'digits callbacks=tensorboard("a  b") epochs=5') == 'x y callbacks=tensorboard("a  b") epochs=5'
    others = replace(cut, is_own=False)
    assert fit_line_of(others, "digits") == "x y epochs=3"
