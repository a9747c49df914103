"""The words that are known before Keras is loaded are those of Keras."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import pytest

from seqmagic.describe.word_list import KINDS
from seqmagic.editor.keras_words import read_vocabulary
from seqmagic.editor.meanings import MEANINGS, SETTINGS
from seqmagic.editor.options import OF_SWEEP, PLACE
from seqmagic.editor.vocabulary import FILE, VocabularyEntry, load_vocabulary, message
from seqmagic.network.catalogue import LAYERS, RANK_LESS, parameters_of

BUNDLED = load_vocabulary()


def facts(entry: VocabularyEntry) -> tuple[object, ...]:
    return (entry.kind, entry.word, entry.name, entry.short, entry.also, entry.settings, entry.reason)


def test_the_file_says_what_the_catalogue_says() -> None:
    live = read_vocabulary()
    if BUNDLED.keras != keras.__version__:
        pytest.skip(f"words.json is of Keras {BUNDLED.keras}, and this is {keras.__version__}")
    # Written anew by: python -m seqmagic.editor.keras_words
    assert list(map(facts, BUNDLED.entries)) == list(map(facts, live.entries))


def test_every_layer_of_the_catalogue_is_found_by_each_of_its_words() -> None:
    for word in [*LAYERS.words(), *RANK_LESS]:
        assert BUNDLED.find("layer", word) is not None, word


def test_a_word_without_a_rank_takes_the_one_that_flows_in() -> None:
    assert [BUNDLED.find("layer", "conv", rank).name for rank in (1, 2, 3)] == ["Conv1D", "Conv2D", "Conv3D"]
    assert BUNDLED.find("layer", "dwconv", 3).name == "DepthwiseConv2D"


def test_settings_come_back_with_their_order_defaults_and_kinds() -> None:
    conv = BUNDLED.find("layer", "conv2d")
    parameters = parameters_of(keras.layers.Conv2D)
    assert {setting.name for setting in conv.settings} == set(parameters) - {"autocast"}
    placed = [name for name, parameter in parameters.items() if parameter.kind is not parameter.KEYWORD_ONLY]
    assert [setting.name for setting in conv.settings if setting.has_place] == [name for name in placed if name != "activity_regularizer"]
    assert (conv.setting("strides").default, conv.setting("filters").default) == ("1x1", None)
    assert (conv.setting("Kernel_Initializer").kind, conv.setting("use_bias").is_flag) == ("initializer", True)
    assert not conv.setting("name").has_place


def test_every_word_has_a_meaning_and_every_meaning_a_word() -> None:
    assert [entry.word for entry in BUNDLED.entries if not entry.meaning] == []
    for kind, meanings in MEANINGS.items():
        if kind == "metric":
            continue
        stems = {entry.stem for entry in BUNDLED.of_kind[kind]}
        assert set(meanings) - stems == set()
    known = {setting.name for entry in BUNDLED.entries for setting in entry.settings} | {setting.name for setting in (*OF_SWEEP, PLACE)}
    assert set(SETTINGS) - known == set()


def test_what_a_front_end_gets_is_plain_and_in_the_file() -> None:
    found = message(BUNDLED)
    assert json.loads(json.dumps(found)) == found
    assert json.loads(FILE.read_text("utf-8"))["kinds"] == found["kinds"]
    assert {"conv", "conv2d", "maxpool"} <= set(found["kinds"]["layer"])
    assert set(found["kinds"]) == {
        *(registry.kind for registry in KINDS.values() if registry.kind != "learning rate schedule"),
        "schedule", "padding", "split", "policy", "searched", "expected", "argument",
    }  # fmt: skip


def test_the_words_need_no_keras() -> None:
    code = "import sys, seqmagic.editor.vocabulary as v; v.load_vocabulary(); print([m for m in ('keras', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
