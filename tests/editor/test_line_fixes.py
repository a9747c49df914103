"""A misspelled word on a line that names data: its fix is the line with the word that was meant, and was tried."""

from __future__ import annotations

import pytest

from seqmagic.editor.answers import line_problems
from tests.editor.test_line_magics import NAMES


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("%sweep family x_train y_train trils=3", "%sweep family x_train y_train trials=3"),
        ("%sweep family --resume x_trian y_train", "%sweep family --resume x_train y_train"),
        ("%fit digits x_train y_train epo=3", "%fit digits x_train y_train epochs=3"),
        ("  %fit digits x_train y_trian on=local epochs=3  # twice", "  %fit digits x_train y_train on=local epochs=3  # twice"),
        ("%dashboard digits x_train y_trian", "%dashboard digits x_train y_train"),
        ("%look digits x_trian y_train", "%look digits x_train y_train"),
    ],
)
def test_the_fix_is_the_line_with_the_word_that_was_meant(line: str, fix: str) -> None:
    (problem,) = line_problems(f"pass\n{line}", NAMES)
    assert problem["fixes"][0] == {"title": fix.strip(), "line": 2, "text": fix}
    assert line_problems(f"pass\n{fix}", NAMES) == []


@pytest.mark.parametrize(
    "line", ["%fit digits x_train y_trian epochs=-3", "%fit digits x_train y_train epochs=-3", "%fit digits nowhere y_train"]
)
def test_what_would_be_refused_all_the_same_is_no_fix(line: str) -> None:
    assert [problem["fixes"] for problem in line_problems(line, NAMES)] == [[]] * len(line_problems(line, NAMES))
    assert line_problems(line, NAMES)
