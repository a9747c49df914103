"""`sample_weight` for several outputs: in a list or by name, whatever the form of the labels, with the same numbers as from Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.analysis.rate_finder import find_rate
from seqmagic.data.held_out import draw_held_out
from seqmagic.errors import DataError, SeqmagicError
from tests.support.notebook_shell import notebook_shell

RNG = np.random.default_rng(4)
X = RNG.normal(size=(40, 3)).astype("float32")
A, B = (X[:, :1] > 0).astype("float32"), 2 * X[:, 1:2]
OF_A, OF_B = (RNG.uniform(0.2, 2, 40).astype("float32") for _ in range(2))
LABELS: dict[str, Any] = {"list": [A, B], "tuple": (A, B), "dict": {"b": B, "a": A}}
WEIGHTS: dict[str, Any] = {
    "list": [OF_A, OF_B],
    "tuple": (OF_A, OF_B),
    "dict": {"a": OF_A, "b": OF_B},
    "dict in another order": {"b": OF_B, "a": OF_A},
    "columns": [OF_A[:, None], OF_B[:, None]],
    "Series": {"a": pd.Series(OF_A), "b": pd.Series(OF_B)},
    "tensors": [tf.constant(OF_A), tf.constant(OF_B)],
}
FIT: dict[str, Any] = {"epochs": 3, "batch_size": 8, "shuffle": False}


def make(*, keyed: bool = False) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,))
    outputs = {"a": keras.layers.Dense(1, "sigmoid", name="a")(inputs), "b": keras.layers.Dense(1, name="b")(inputs)}
    model = keras.Model(inputs, outputs if keyed else list(outputs.values()))
    model.compile(keras.optimizers.SGD(0.1), {"a": "binary_crossentropy", "b": "mse"}, weighted_metrics={"a": ["accuracy"], "b": ["mae"]})
    return model


def by_keras(of_a: Any, of_b: Any, **options: Any) -> dict[str, list[float]]:
    """In the one form that Keras takes for a model whose outputs are a list."""
    history = make().fit(X, [A, B], sample_weight=[of_a, of_b], verbose=0, **FIT, **options).history
    return dict(history)


@pytest.fixture(scope="module")
def expected() -> dict[float, dict[str, list[float]]]:
    return {share: by_keras(OF_A, OF_B, validation_split=share) for share in (0.0, 0.25)}


@pytest.mark.parametrize("keyed", [False, True], ids=["outputs in a list", "outputs by name"])
@pytest.mark.parametrize(
    ("labels", "weights"),
    [*(("list", weights) for weights in WEIGHTS), *((labels, weights) for labels in ("tuple", "dict") for weights in ("list", "dict"))],
)
def test_every_form_trains_as_kerass_own_fit(labels: str, weights: str, keyed: bool, expected: Any) -> None:  # noqa: FBT001
    share = 0.25 if labels == "dict" else 0.0
    run = seqmagic.fit(make(keyed=keyed), X, LABELS[labels], sample_weight=WEIGHTS[weights], validation_split=share, **FIT).wait()
    assert run.history == expected[share]


@pytest.mark.parametrize("weights", ["list", "dict"])
def test_a_split_takes_the_same_rows_of_each_output(weights: str) -> None:
    run = seqmagic.fit(make(), X, [A, B], sample_weight=WEIGHTS[weights], validation_split=0.25, split="shuffled", **FIT).wait()
    held = draw_held_out(40, 0.25)
    theirs = make().fit(
        X[~held],
        [A[~held], B[~held]],
        sample_weight=[OF_A[~held], OF_B[~held]],
        validation_data=(X[held], [A[held], B[held]], [OF_A[held], OF_B[held]]),
        verbose=0,
        **FIT,
    )
    assert run.history == theirs.history


@pytest.mark.parametrize("split", [{}, {"validation_split": 0.25}, {"validation_split": 0.25, "split": "shuffled"}], ids=str)
@pytest.mark.parametrize("weights", [{"b": OF_B}, {"a": None, "b": OF_B}, [None, OF_B]], ids=["left out", "None", "None in a list"])
def test_an_output_without_weights_counts_each_row_once(weights: Any, split: dict[str, Any]) -> None:
    run = seqmagic.fit(make(), X, [A, B], sample_weight=weights, **split, **FIT).wait()
    ones = seqmagic.fit(make(), X, [A, B], sample_weight=[np.ones_like(OF_A), OF_B], **split, **FIT).wait()
    assert run.history == ones.history
    if "split" not in split:
        assert run.history == by_keras(None, OF_B, **split)


def test_weights_of_a_validation_are_taken_in_every_form_too(expected: Any) -> None:
    learned, held = slice(30), slice(30, None)
    labels, weights = {"a": A[held], "b": B[held]}, {"b": OF_B[held], "a": OF_A[held]}
    given = [OF_A[learned], OF_B[learned]]
    run = seqmagic.fit(
        make(), X[learned], [A[learned], B[learned]], sample_weight=given, validation_data=(X[held], labels, weights), **FIT
    ).wait()
    assert run.history == expected[0.25]


def test_a_list_of_one_array_counts_for_the_one_output() -> None:
    def single() -> keras.Model:
        keras.utils.set_random_seed(1)
        return seqmagic.build("input 3 -> dense 1\ncompile sgd(0.1) mse")

    run = seqmagic.fit(single(), X, B, sample_weight=[OF_B], **FIT).wait()
    assert run.history == single().fit(X, B, sample_weight=[OF_B], verbose=0, **FIT).history


@pytest.mark.parametrize("line", ["X [A, B] sample_weight=[of_a, of_b]", "X y sample_weight=weights"])
def test_a_fit_line_takes_them(line: str, expected: Any) -> None:
    names = {"net": make(), "X": X, "A": A, "B": B, "of_a": OF_A, "of_b": OF_B, "weights": WEIGHTS["dict"], "y": LABELS["dict"]}
    with notebook_shell(**names) as shell:
        told = shell.run(f"%fit net {line} epochs=3 batch_size=8 shuffle=False")
        assert told.error is None
        assert shell.names["net"].history.history == expected[0.0]


def test_rates_are_tried_with_the_weights_of_each_output() -> None:
    curves = [find_rate(make(keyed=keyed), X, LABELS["dict"], sample_weight=WEIGHTS["dict"]).losses for keyed in (False, True)]
    assert curves[0].tolist() == curves[1].tolist()
    assert curves[0].tolist() != find_rate(make(), X, LABELS["dict"]).losses.tolist()


def test_a_run_goes_on_only_with_the_weights_that_it_had() -> None:
    model = make()
    seqmagic.fit(model, X, [A, B], sample_weight=WEIGHTS["dict"], epochs=100_000).stop().wait()
    with pytest.raises(DataError, match="sample_weight is not the data that the interrupted run was trained on"):
        seqmagic.fit(model, X, [A, B], sample_weight={"a": OF_B, "b": OF_A}, resume=True)
    seqmagic.fit(model, X, [A, B], sample_weight=WEIGHTS["list"], resume=True).stop().wait()


REFUSED: dict[str, tuple[Any, str, str]] = {
    "too few rows": ([OF_A, OF_B[:5]], "There are 40 rows, and sample_weight for output 'b' has 5.", "a number for each row"),
    "too few rows by name": ({"a": OF_A[:7]}, "There are 40 rows, and sample_weight for output 'a' has 7.", "a number for each row"),
    "too many arrays": ([OF_A, OF_B, OF_A], "sample_weight has 3 arrays, for 2 outputs.", "an array for each of a, b"),
    "too few arrays": ([OF_A], "sample_weight has 1 array, for 2 outputs.", "an array for each of a, b"),
    "another name": ({"a": OF_A, "c": OF_B}, "has no output 'c'.", "Known names: a, b"),
    "lists of numbers": ([OF_A.tolist(), OF_B.tolist()], "sample_weight for output 'a' is a list.", "an array with a number for each row"),
    "NaN": ({"b": np.full(40, np.nan)}, "sample_weight for output 'b' contains a value that is not a number.", "a number for each row"),
    "a text": ("a", "sample_weight is the text 'a'.", "an array with a number for each row"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_before_anything_is_trained(case: str) -> None:
    weights, problem, wanted = REFUSED[case]
    model = make()
    before = model.get_weights()
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.fit(model, X, [A, B], sample_weight=weights)
    assert problem in str(caught.value)
    assert wanted in str(caught.value)
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))


def test_names_are_refused_where_outputs_have_none() -> None:
    inputs, head = keras.Input((3,)), keras.layers.Dense(1, name="b")
    model = keras.Model(inputs, [head(inputs), head(keras.layers.Dense(3)(inputs))])
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="the outputs have no names of their own"):
        seqmagic.fit(model, X, [B, B], sample_weight={"b": OF_B})


def test_weights_of_0_for_all_outputs_are_advised_against() -> None:
    nothing = {"a": np.zeros(40), "b": np.zeros(40)}
    for weights, teaches in ((nothing, False), ({"a": np.zeros(40)}, True)):
        run = seqmagic.fit(make(), X, [A, B], sample_weight=weights).wait()
        assert any("Every weight is 0" in one for one in run.advice) is not teaches
