"""The lines of magics: what is taken out of them leaves the rest as it was."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.magics.command import take_resume


@pytest.mark.parametrize(
    ("line", "rest", "resume"),
    [
        ("digits", "digits", False),
        ("digits --resume", "digits", True),
        ("digits   x y --resume=3 epochs=4", "digits   x y epochs=4", 3),
        ('digits callbacks=csv_logger("my  log.csv") --resume', 'digits callbacks=csv_logger("my  log.csv")', True),
        ('--resume digits until="val_loss  <  1"', 'digits until="val_loss  <  1"', True),
        ('digits callbacks=csv_logger("a --resume")', 'digits callbacks=csv_logger("a --resume")', False),
        ("digits it's --resume", "digits it's", True),
    ],
)
def test_resume_is_taken_out_and_what_stands_in_quotes_stays(line: str, rest: str, resume: object) -> None:
    assert take_resume(line) == (rest, resume)


@pytest.mark.parametrize("number", ["", "0", "-1", "three", "1.5"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(LanguageError, match="names no run"):
        take_resume(f"digits --resume={number}")
