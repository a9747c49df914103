"""Words of a line that are refused together: after the one, Tab does not offer the other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError
from seqmagic.language.fit_words import APART
from seqmagic.recipes.faults import find_line_faults
from seqmagic.steps.sharing import check_place
from tests.editor.test_completion import HEAD, offered
from tests.editor.test_line_magics import complete
from tests.editor.test_sweep_line import VALUES, marked

MODEL = seqmagic.build("input 8x8x1 -> flatten -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy accuracy")
OF_SWEEP = ("trials", "seed", "best", "folds", "seeds", "prune")
BARE = {"mixed_float16": "mixed_float16", "mixed_bfloat16": "mixed_bfloat16", "shuffled": "validation_split=0.2 shuffled"}
OF_FIT = (
    ("workers", "mixed_float16"),
    ("workers", "steps_per_epoch"),
    ("class_weight", "sample_weight"),
    ("shuffled", "validation_data"),
    ("mixed_float16", "mixed_bfloat16"),
)
DATA = {"x_train": np.zeros((40, 8, 8, 1)), "y_train": np.arange(40) % 3}


def typed(name: str) -> str:
    """A word with its value, as somebody would type it."""
    return BARE.get(name) or f"{name}={VALUES[name]}"


def offers_after(line: str, name: str) -> bool:
    """Whether a word is offered at the end of a line, as a name or as a bare word."""
    return bool({name, f"{name}="} & set(complete(f"{line} ")))


def test_what_a_fit_line_refuses_together_is_not_offered_together() -> None:
    names = [*(name for name in VALUES if name not in (*OF_SWEEP, "on", "monitor")), *BARE]  # A `monitor` brings its `patience` along.
    alone = {name for name in names if find_line_faults(f"fit x_train y_train {typed(name)}", MODEL, DATA)}
    apart = set()
    alone |= {"validation_split"}  # `shuffled` brings it along.
    for one, other in combinations([name for name in names if name not in alone], 2):
        if find_line_faults(f"fit x_train y_train {typed(one)} {typed(other)}", MODEL, DATA):
            apart.add((one, other))
    assert set(map(frozenset, apart)) == set(map(frozenset, OF_FIT))
    for one, other in apart:
        for magic in ("%fit", "%dashboard"):
            assert not offers_after(f"{magic} digits x_train y_train {typed(one)}", other), (magic, one, other)
            assert not offers_after(f"{magic} digits x_train y_train {typed(other)}", one), (magic, other, one)


@pytest.mark.parametrize("magic", ["%fit digits", "%sweep family"])
def test_one_of_two_that_share_the_work_is_offered(magic: str) -> None:
    with pytest.raises(ArgumentError):
        check_place(2)
    line = f"{magic} x_train y_train"
    assert offers_after(line, "workers")
    assert offers_after(line, "on")
    for place in ("local", "class", "tcp://127.0.0.1:8786"):
        assert not offers_after(f"{line} on={place}", "workers")
    assert not offers_after(f"{line} workers=2", "on")


def test_a_value_without_a_name_is_offered_once() -> None:
    line = "%fit digits x_train y_train validation_split=0.2"
    assert {"shuffled", "stratified", "mixed_float16"} <= set(complete(f"{line} "))
    assert not {"shuffled", "stratified"} & set(complete(f"{line} shuffled "))
    assert not {"mixed_float16", "mixed_bfloat16"} & set(complete(f"{line} mixed_float16 "))
    assert not {"mixed_float16", "mixed_bfloat16"} & set(complete(f"{line} dtype_policy=mixed_float16 "))
    assert "mixed_bfloat16" in complete(f"{line} workers=2 ")


def test_folds_and_seeds_are_not_offered_together() -> None:
    assert marked("%sweep family x_train y_train folds=2 seeds=3") == ["seeds=3"]
    assert not offers_after("%sweep family x_train y_train folds=2", "seeds")
    assert not offers_after("%sweep family x_train y_train seeds=2", "folds")


@pytest.mark.parametrize("word", ["on=local", "workers=2", "mixed_float16", "dtype_policy=mixed_float16"])
def test_a_search_for_a_rate_is_not_offered_beside_what_it_has_not(word: str) -> None:
    assert "--find-rate" in complete("%fit digits x_train y_train --")
    assert "--find-rate" not in complete(f"%fit digits x_train y_train {word} --")


def test_all_words_that_are_kept_apart_are_words_of_a_line() -> None:
    for pair in APART:
        assert {*pair} <= {*VALUES, *BARE, "split"}


def test_the_same_holds_in_the_cell_of_a_network() -> None:
    line = f"{HEAD}input 8\ndense 3\ncompile adam mse\nfit x_train y_train "
    assert "sample_weight=" in offered(line)
    assert "sample_weight=" not in offered(f"{line}class_weight=balanced ")
    assert "workers=" not in offered(f"{line}mixed_float16 ")
