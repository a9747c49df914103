"""A message never says that no word is near where it offers one."""

from __future__ import annotations

import pytest

from seqmagic.errors import UnknownNameError
from tests.support.golden_pages import CASES

DENIAL = "No known name is spelled like this."


def test_a_denial_goes_where_there_is_a_fix() -> None:
    error = UnknownNameError("layer", "编译", ["conv", *(f"word{number}" for number in range(20))])
    assert DENIAL in str(error)
    error.fixes = ("compile adam mse",)
    assert str(error).splitlines()[1:] == ["Type instead: compile adam mse"]
    assert DENIAL not in " ".join([error.reason, *error.details()])


@pytest.mark.parametrize("shown", ["Type instead: ", "Closest matches: "])
def test_no_page_denies_a_word_beside_one(shown: str) -> None:
    messages = [part for _, case in CASES for part in case["message"].split("\n\n")]
    assert any(shown in message for message in messages)
    assert [message for message in messages if shown in message and DENIAL in message] == []
