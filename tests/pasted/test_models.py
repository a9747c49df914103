"""Models pasted as people write them come out equal to what Python makes of them, or are told to be Python."""

from __future__ import annotations

import pytest

from tests.pasted.measure import Notebook, Piece, outcome_of, pieces


@pytest.fixture(scope="module")
def notebook() -> Notebook:
    return Notebook()


@pytest.mark.parametrize("piece", pieces(), ids=lambda piece: piece.title)
def test_a_pasted_model_is_the_one_that_python_makes(notebook: Notebook, piece: Piece) -> None:
    outcome, found = outcome_of(piece, notebook.paste)
    assert outcome == ("refused rightly" if piece.only_python else "equal"), found
