"""What Shift-Tab shows: each example builds as it stands, and the shapes are those of the network."""

from __future__ import annotations

import numpy as np
import pytest

from seqmagic.editor.editor import Editor
from seqmagic.editor.examples import example_of
from seqmagic.editor.inspection import describe_word
from seqmagic.editor.vocabulary import VocabularyEntry
from seqmagic.language import parse
from seqmagic.network.builder import Draft
from seqmagic.recipes.recipe import make_recipe
from tests.editor.test_completion import EDITOR, HEAD, NAMES

LAYERS = [entry for entry in EDITOR.vocabulary.of_kind["layer"] if not entry.reason and entry.word != "input_layer"]
OTHERS = [entry for entry in EDITOR.vocabulary.entries if entry.kind not in ("layer", "statement", "callback") and entry.word != "stft"]
LIVE = {"{lambda x: x / 255}": lambda x: x / 255, "{1 / 255}": 1 / 255}


@pytest.mark.parametrize("entry", LAYERS, ids=lambda entry: entry.word)
def test_the_example_of_a_layer_builds_and_is_that_layer(entry: VocabularyEntry) -> None:
    for word in {entry.word, *entry.short}:
        before, line = example_of(entry, word)
        assert line.split("(")[0].split()[0] == word
        with Draft(parse(f"{before}\n{line}"), LIVE) as draft:
            assert draft.plan.rows[0].kind == entry.name


@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: f"{entry.kind}-{entry.word}")
def test_the_example_of_another_word_builds(entry: VocabularyEntry) -> None:
    _, line = example_of(entry, entry.word)
    of_one = "binary" in entry.word or entry.word in ("hinge", "squared_hinge")
    network = (
        f"input 4\n{line}"
        if line.startswith("dense")
        else f"input 4\ndense {1 if of_one else 10} {'sigmoid' if of_one else 'softmax'}\n{line}"
    )
    if entry.kind == "metric" and "sparse" not in entry.word and not of_one:
        network = network.replace("compile adam mse", "compile adam categorical_crossentropy")
    with_sparse = network.replace("mse sparse", "sparse_categorical_crossentropy sparse")
    assert make_recipe(parse(with_sparse), {}).model.built


def test_every_word_is_described_with_its_settings_and_no_line_is_too_long() -> None:
    for entry in EDITOR.vocabulary.entries:
        shown = describe_word(entry, entry.word)
        assert shown.startswith(f"{entry.word} is a")
        assert all(setting.name in shown for setting in entry.settings)
        assert max(map(len, shown.split("\n"))) < 400


@pytest.mark.parametrize("word", ["conv", "flatten"])
def test_shift_tab_does_not_answer_what_an_exercise_asks(word: str) -> None:
    def told(question: str) -> str:
        text = f"{HEAD}input 8x8x1\nconv 4 3x3  {question}\nflatten\n"
        return str(EDITOR.inspect(text, text.index(word) + 2, NAMES))

    assert "shape: " in told("# a window")
    assert "shape: " not in told("# out=?")


def test_what_comes_in_and_out_is_what_the_network_has() -> None:
    text = "input 8x8x1\nconv 16 3x3 -> maxpool 2\n(conv 8 3 -> batchnorm) * 1\nflatten  # all\nstem: dense {2 * width}\ndense 3 softmax\n"
    with Draft(parse(text), {"{2 * width}": 2 * NAMES["width"]}) as draft:
        rows = draft.plan.rows
    for word, row in (("conv 16", rows[0]), ("maxpool", rows[1]), ("flatten", rows[4]), ("dense {", rows[5]), ("dense 3", rows[6])):
        found = EDITOR.inspect(HEAD + text, len(HEAD) + text.index(word) + 2, NAMES)
        assert found is not None
        shapes = ["x".join(map(str, shape)) for shape in (row.before, row.after)]
        numbers = f", {row.parameters:,} parameters" if row.parameters else ""
        assert f"Input shape: {shapes[0]}\nOutput shape: {shapes[1]}{numbers}\n" in found.text, word


def test_what_does_not_fit_says_what_comes_in_and_nothing_of_what_comes_out() -> None:
    text = "input 8\nlstm 3\n"
    found = EDITOR.inspect(HEAD + text, len(HEAD) + 10, NAMES)
    assert found is not None
    assert "Input shape: 8\n" in found.text
    assert "Output shape" not in found.text


def test_a_word_is_described_also_while_keras_is_being_loaded() -> None:
    found = Editor(lambda: False).inspect(HEAD + "input 8\ndense 3", len(HEAD) + 10, {})
    assert found is not None
    example = "Example:\n    input 10\n    dense 64 relu"
    assert found.text.startswith(
        f"dense is a layer: each unit is connected to all inputs.\n\n{example}\n\nArguments:\n  units: the number of outputs\n"
    )


def test_a_blank_and_a_searched_value_are_described() -> None:
    def shown(text: str, word: str) -> str:
        found = EDITOR.inspect(HEAD + text, len(HEAD) + text.index(word), NAMES)
        assert found is not None
        return found.text

    text = "input 8\ndense ? activation=___\n...\ndense choice(32, 64)\ncompile adam ?"
    assert shown(text, "?").startswith("Not filled in yet: units of dense: the number of outputs. Required.")
    assert shown(text, "___").startswith("Not filled in yet: activation of dense")
    assert shown(text, "...").startswith("Not filled in yet: a layer.")
    assert shown("input 8\ncompile adam ?", "?").startswith("Not filled in yet: loss of compile: what training minimizes.")
    assert shown(text, "choice").startswith("choice is for %sweep: one of these; %sweep tries them.")
    assert "\n    expect params < 50k" in shown("expect params < 3", "xpect")


def test_every_place_of_a_text_is_answered() -> None:
    text = "block a(n): dense n\ninput x_train.shape -> Dense(3, activation='relu')\na {width}\ncompile adam(1e-3) mse [mae, auc()]\nfit x_train {y_train * 2"
    for at in range(len(text) + 1):
        assert EDITOR.inspect(HEAD + text, len(HEAD) + at, {**NAMES, "odd": np.zeros(3)}) is not None
