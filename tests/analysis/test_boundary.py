"""The decision boundary: each place of the plane says what the model says there."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.boundary import boundary_of, has_plane
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather

ROWS = np.random.RandomState(3).uniform(-2, 3, (40, 2))
MODELS = {
    "classes": "input 2 -> dense 8 relu -> dense 3 softmax",
    "logits": "input 2 -> dense 8 relu -> dense 3\ncompile adam sparse_categorical_crossentropy(from_logits=true)",
    "yes or no": "input 2 -> dense 8 relu -> dense 1 sigmoid",
    "margins": "input 2 -> dense 8 relu -> dense 1 tanh\ncompile adam hinge",
    "yes above a half": "input 2 -> dense 8 relu -> dense 1",
    "amounts": "input 2 -> dense 8 relu -> dense 1",
}


@pytest.mark.parametrize("kind", MODELS)
def test_each_place_says_what_the_model_says_there(kind: str) -> None:
    keras.utils.set_random_seed(0)
    model = seqmagic.build(MODELS[kind])
    if kind == "yes above a half":
        model.compile("adam", "binary_crossentropy")  # Without a sigmoid, which a cell of seqmagic would ask for.
    predictions = predict(model, gather(model, ROWS))
    assert has_plane(predictions)
    boundary = boundary_of(predictions, steps=21)
    assert boundary.across[0] < ROWS[:, 0].min() < ROWS[:, 0].max() < boundary.across[-1]
    assert boundary.up[0] < ROWS[:, 1].min() < ROWS[:, 1].max() < boundary.up[-1]
    for column, row in ((0, 0), (20, 0), (3, 17), (11, 9)):
        here = np.array([[boundary.across[column], boundary.up[row]]])
        there = predict(model, gather(model, here))
        if kind == "amounts":
            assert boundary.chosen[row, column] == pytest.approx(there.rows[0, 0], rel=1e-4, abs=1e-5)
            continue
        assert boundary.chosen[row, column] == there.predicted[0]
        if there.confidence is None or kind == "yes above a half":  # A single output may look like a probability.
            assert boundary.confidence is None
        else:
            assert boundary.confidence is not None
            assert boundary.confidence[row, column] == pytest.approx(there.confidence[0], rel=1e-4)


def test_the_only_input_may_be_given_in_a_list_and_the_output_in_a_dict() -> None:
    inputs = keras.Input((2,), name="plane")
    model = keras.Model([inputs], {"one": keras.layers.Dense(1)(inputs), "two": keras.layers.Dense(1, "sigmoid")(inputs)})
    predictions = predict(model, gather(model, [ROWS]), "two")
    assert has_plane(predictions)
    boundary = boundary_of(predictions, steps=5)
    there = predict(model, gather(model, np.array([[boundary.across[4], boundary.up[1]]])), "two")
    assert boundary.chosen[1, 4] == there.predicted[0]


def test_edges_stand_where_the_class_changes() -> None:
    model = seqmagic.build("input 2 -> dense 1 sigmoid")
    model.set_weights([np.array([[5.0], [0.0]]), np.array([0.0])])  # Yes wherever the first input is above 0.
    boundary = boundary_of(predict(model, gather(model, ROWS)), steps=30)
    (columns,) = np.nonzero(boundary.edges.any(axis=0))
    assert len(columns) == 1
    assert boundary.across[columns[0] - 1] <= 0 < boundary.across[columns[0]]


@pytest.mark.parametrize(
    "text", ["input 3 -> dense 1", "input 2 -> dense 2", "input 2x2 -> flatten -> dense 1", "input 2 -> embedding 5 2 -> gap -> dense 1"]
)
def test_what_is_no_plane_is_none(text: str) -> None:
    model = seqmagic.build(text)
    rows = np.ones((5, *model.input_shape[1:]))
    assert not has_plane(predict(model, gather(model, rows)))
