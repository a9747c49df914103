"""The line of `%look`: models, data, labels and lists of names are offered, and no option of a training."""

from __future__ import annotations

import numpy as np

import seqmagic
from seqmagic.editor.editor import Editor

NAMES = {
    "digits": seqmagic.build("input 8x8x1 -> flatten -> dense 3 softmax"),
    "x_test": np.zeros((5, 8, 8, 1)),
    "y_test": np.zeros(5, "int64"),
    "pets": ["cat", "dog", "fox"],
    "numbers": [1, 2],
}
EDITOR = Editor(lambda: True)


def offered(line: str) -> list[str]:
    found = EDITOR.complete(line, len(line), NAMES)
    assert found is not None
    return [offer.text for offer in found.offers]


def test_each_place_has_its_offers() -> None:
    assert offered("%look ")[0] == "digits"
    assert offered("%look di") == ["digits"]
    assert offered("%look digits ")[0] == "x_test"
    assert offered("%look digits x_test ")[0] == "y_test"
    assert offered("%look digits x_test y_test ") == []
    assert offered("%look digits x_test y_test --") == ["--names", "--words", "--output", "--follow"]
    assert offered("%look digits --names ")[:1] == ["pets"]
    assert "numbers" not in offered("%look digits --names ")


def test_no_option_of_a_training_is_offered() -> None:
    assert not [offer for offer in offered("%look digits ") if offer.endswith("=")]
    assert [offer for offer in offered("%fit digits x_test ") if offer.endswith("=")]


def test_a_variable_is_pythons_to_explain() -> None:
    line = "%look digits x_test y_test"
    outcome = EDITOR.inspect(line, len("%look digits x_te"), NAMES)
    assert outcome is not None
    assert outcome.python == "x_test"
