"""A fix is typed with the variable that the notebook has, which may be a list where the training has an array."""

from __future__ import annotations

import numpy as np
import pytest

import seqmagic
from seqmagic.data.names import VALIDATION, data_name_of
from seqmagic.errors import DataError


def test_a_change_is_a_line_of_python() -> None:
    assert data_name_of("y").typed("{} - 1") == "y = y - 1"
    assert VALIDATION[0].typed("{}[..., None]") == "x_test = x_test[..., None]"


def test_what_has_no_name_is_described_and_not_typed() -> None:
    batch = data_name_of("the labels in the first batch of x")
    assert (batch.typed("{} - 1"), batch.holds) == ("", "The labels in the first batch of x hold")


def test_labels_that_are_a_list_are_made_an_array_first() -> None:
    model = seqmagic.build("input 2 -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy")
    labels = [1, 2, 3] * 10
    with pytest.raises(DataError) as caught:
        seqmagic.Run(model, np.ones((30, 2)), labels)
    assert caught.value.fixes[0] == "y = np.array(y) - 1"
    names = {"np": np, "y": labels}
    exec(caught.value.fixes[0], names)  # noqa: S102  # As it would be typed.
    assert seqmagic.fit(model, np.ones((30, 2)), names["y"]).wait().state == "done"


def test_data_that_is_calculated_on_the_spot_has_no_variable() -> None:
    assert data_name_of("the data").typed("{}.T") == ""
