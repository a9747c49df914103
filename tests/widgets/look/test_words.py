"""Tokens are shown as the words that they stand for, where it is known which they are, and as numbers where it is not."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import Form, gather
from seqmagic.analysis.vocabulary import offering_vectorizer, tokens_in, with_known_words, with_words, words_of
from seqmagic.errors import DataError
from seqmagic.widgets.look.importance_tab import ImportanceTab
from seqmagic.widgets.look.sample_picture import describe_sample
from seqmagic.widgets.look.samples_tab import SamplesTab
from seqmagic.widgets.look.state import LookState

TEXTS = np.array(["a good film", "bad bad film", "a film with <b>"] * 4)
LABELS = np.array([1, 0, 1] * 4)


def reads(**settings: Any) -> Any:
    made = layers.TextVectorization(output_sequence_length=4, standardize="lower", **settings)
    made.adapt(TEXTS)
    return made


@pytest.fixture(scope="module")
def reader() -> Any:
    return reads()


def classifier(*first: Any, rows: int) -> Any:
    parts = [*first, layers.Embedding(rows, 3), layers.Flatten(), layers.Dense(2, "softmax")]
    model = keras.Sequential(parts)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def outside(reader: Any) -> tuple[Any, np.ndarray]:
    """A model whose tokens were made before it."""
    return classifier(keras.Input((4,)), rows=reader.vocabulary_size()), np.asarray(reader(TEXTS))


def test_the_one_layer_of_the_notebook_that_fits_tells_the_words(reader: Any, outside: tuple[Any, np.ndarray]) -> None:
    model, tokens = outside
    names = {"reader": reader, "other": layers.TextVectorization(vocabulary=["x"])}
    samples = with_known_words(model, gather(model, tokens, LABELS), names)
    assert samples.origin == "The words are from reader."
    assert samples.parts[0].form == Form.TOKENS
    assert [describe_sample(samples.parts[0], place) for place in range(3)] == list(TEXTS[:3])
    state = LookState(predict(model, samples))
    markup = "".join(map(str, SamplesTab(state).body(live=True)))
    assert "a good film" in markup
    assert "with &lt;b&gt;" in markup
    assert "with <b>" not in markup
    state.sample = 1
    told = "\n".join(ImportanceTab(state).lines())
    for place, word in enumerate(("bad", "bad", "film")):
        assert f"position {place}: {word}" in told
    assert "position 3: (empty)" in told, "padding is no word"


@pytest.mark.parametrize(
    "names",
    [
        lambda reader: {},
        lambda reader: {"reader": "a text"},
        lambda reader: {"first": reader, "second": reads()},
        lambda reader: ({"longer": layers.TextVectorization(vocabulary=list("abcdefghijkl"))}),
    ],
    ids=["none", "no layer", "two that fit", "another vocabulary"],
)
def test_where_it_is_not_sure_numbers_stay(names: Any, reader: Any, outside: tuple[Any, np.ndarray]) -> None:
    model, tokens = outside
    samples = with_known_words(model, gather(model, tokens), names(reader))
    assert samples.origin == ""
    assert describe_sample(samples.parts[0], 0) == " ".join(str(token) for token in tokens[0] if token)


def test_one_layer_under_two_names_is_one(reader: Any, outside: tuple[Any, np.ndarray]) -> None:
    model, tokens = outside
    samples = with_known_words(model, gather(model, tokens), {"reader": reader, "again": reader})
    assert samples.origin.startswith("The words are from ")


def test_words_that_are_given_are_taken_as_far_as_they_go(outside: tuple[Any, np.ndarray]) -> None:
    model, tokens = outside
    part = with_words(gather(model, tokens), words_of(["", "?", "movie"])).parts[0]
    assert set(describe_sample(part, 1).split()) == {"movie" if token == 2 else str(token) for token in tokens[1] if token}


def test_a_model_that_reads_texts_itself_names_the_words_that_count() -> None:
    inside = reads()
    model = classifier(keras.Input((1,), dtype="string"), inside, rows=inside.vocabulary_size())
    samples = gather(model, tf.constant(TEXTS.reshape(-1, 1)), LABELS)
    assert tokens_in(model, samples.parts[0].rows[0]) == ["a", "good", "film", ""]
    told = "\n".join(ImportanceTab(LookState(predict(model, samples))).lines())
    assert "film" in told


def refusal(model: Any, data: Any, names: dict[str, Any]) -> DataError:
    with pytest.raises(DataError) as caught, offering_vectorizer(model, data, "films", names):
        gather(model, data, LABELS, ("films", "labels"))
    return caught.value


@pytest.mark.parametrize(
    "data", [TEXTS, list(TEXTS), TEXTS.astype(object), TEXTS.reshape(-1, 1)], ids=["array", "list", "objects", "column"]
)
def test_texts_that_are_no_tokens_yet_are_offered_the_layer_that_makes_them(
    data: Any, reader: Any, outside: tuple[Any, np.ndarray]
) -> None:
    model, tokens = outside
    error = refusal(model, data, {"reader": reader, "films": data, "shorter": layers.TextVectorization(vocabulary=["x"])})
    assert error.fixes == ("films = reader(films)",)
    notebook = {"reader": reader, "films": data}
    exec(error.fixes[0], notebook)  # noqa: S102  # As a user types it.
    samples = gather(model, notebook["films"], LABELS)
    assert samples.parts[0].form == Form.TOKENS
    assert (samples.parts[0].rows == tokens).all()


def breaks(text: Any) -> Any:
    raise KeyError(text)


def test_where_no_layer_or_several_would_do_none_is_offered(reader: Any, outside: tuple[Any, np.ndarray]) -> None:
    model, tokens = outside
    broken = layers.TextVectorization(vocabulary=["film"], output_sequence_length=4, standardize=breaks)
    longer = layers.TextVectorization(vocabulary=["film"], output_sequence_length=5)
    wider = layers.TextVectorization(vocabulary=list("abcdefghijkl"), output_sequence_length=4)
    for names in ({}, {"one": reader, "two": reads()}, {"broken": broken, "longer": longer, "wider": wider}, {"text": "reader"}):
        assert refusal(model, TEXTS, names).fixes == ()
    assert "reader" not in str(refusal(model, tokens[:, :3], {"reader": reader})), "numbers are no texts"
