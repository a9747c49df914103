"""The lines of magics: what is taken out of them leaves the rest as it was."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError, UnknownNameError
from seqmagic.magics.fit import RESUME
from seqmagic.magics.line_options import take_options


@pytest.mark.parametrize(
    ("line", "rest", "resume"),
    [
        ("digits", "digits", False),
        ("digits --resume", "digits", ""),
        ("digits   x y --resume=3 epochs=4", "digits   x y epochs=4", "3"),
        ('digits callbacks=csv_logger("my  log.csv") --resume', 'digits callbacks=csv_logger("my  log.csv")', ""),
        ('--resume digits until="val_loss  <  1"', 'digits until="val_loss  <  1"', ""),
        ('digits callbacks=csv_logger("a --resume")', 'digits callbacks=csv_logger("a --resume")', False),
        ("digits it's --resume", "digits it's", ""),
    ],
)
def test_resume_is_taken_out_and_what_stands_in_quotes_stays(line: str, rest: str, resume: object) -> None:
    options, left = take_options(line, [RESUME])
    assert (left, options.get("--resume", False)) == (rest, resume)


@pytest.mark.parametrize("number", ["", "0", "-1", "three", "1.5"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(LanguageError, match="is not the number of a run"):
        take_options(f"digits --resume={number}", [RESUME])


@pytest.mark.parametrize("line", ["digits x y --resum", "digits --resum=3 x", "--resum digits", "digits x y -resume"])
def test_an_option_that_is_none_leads_to_the_one_that_is_meant(line: str) -> None:
    with pytest.raises(UnknownNameError, match=r"'%fit' has no option '-+resum"):
        take_options(line, [RESUME], "%fit")


@pytest.mark.parametrize("line", ["digits {x --y} y", "digits x callbacks=f(1, -a)", "digits x [1, --b]", "digits x -1", "digits x - 1"])
def test_what_is_python_or_a_number_is_no_option(line: str) -> None:
    assert take_options(line, [RESUME], "%fit") == ({}, line)
