"""Models pasted as people write them come out equal to what Python makes of them, or are told to be Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pasted.measure import Notebook, Piece, outcome_of, pieces
from tests.support.notebook_shell import kept_main_module


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    with kept_main_module():
        yield Notebook()


@pytest.mark.parametrize("piece", pieces(), ids=lambda piece: piece.title)
def test_a_pasted_model_is_the_one_that_python_makes(notebook: Notebook, piece: Piece) -> None:
    outcome, found = outcome_of(piece, notebook.paste)
    assert outcome == ("refused rightly" if piece.only_python else "equal"), found
