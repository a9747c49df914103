"""The line of %sweep while it is typed: its data, its settings and all that its choices stand for, with the words of the magic itself."""

from __future__ import annotations

from typing import Any

import pytest

from seqmagic.editor.answers import line_problems
from seqmagic.errors import SeqmagicError
from seqmagic.language.fit_words import NOT_OF_SEARCHES
from seqmagic.options.fit_line import read_fit
from seqmagic.options.sweep_line import as_typed, know_settings, read_sweep
from tests.editor.test_completion import offered
from tests.editor.test_line_magics import NAMES, complete

WRONG = {
    "%sweep family x_train y_trian epochs=3": "y_trian",
    "%sweep family nowhere": "nowhere",
    "%sweep family x_train y_train epchs=3": "epchs",
    "%sweep family x_train y_train trils=3": "trils",
    "%sweep family x_train y_train epochs=-3 trials=2": "epochs=-3",
    "%sweep family x_train y_train trials=0": "trials=0",
    "%sweep family x_train y_train trials=many": "trials=many",
    "%sweep family x_train y_train folds=2 seeds=3": "seeds=3",
    "%sweep family x_train y_train seed=1 seed=2": "seed=2",
    "%sweep family x_train y_train prune=perhaps": "prune=perhaps",
    "%sweep family trials=0": "trials=0",
    "%sweep family batch_size=sixteen": "sixteen",
    "%sweep family x_train y_train batch_size=choice(16, sixteen)": "sixteen",
    "%sweep family x_train y_train batch_size=choice(16, 32, -8)": "batch_size=choice(16, 32, -8)",
    "%sweep family x_train y_train epochs=between(3)": "between(3)",
    "%sweep --resume family x_train y_trian": "y_trian",
    "%sweep family x_train y_trian on=tcp://127.0.0.1:8786": "y_trian",
}
RIGHT = (
    "%sweep family",
    "%sweep family trials=3",
    "%sweep family --resume trials=40",
    "%sweep family x_train y_train validation_split=0.2 shuffled trials=20 best=val_accuracy prune=false",
    "%sweep family x_train y_train mixed_float16 trials=2",
    "%sweep family x_train y_train choice(mixed_float16, float32) batch_size=choice(16, 32) epochs=between(1, 3)",
    "%sweep family validation_split=choice(0.1, 0.2) workers=2",
    "%sweep family {some} y_train trials={n}",
    "%sweep family x_train y_train callbacks=early_stopping(patience=3)",
    "%sweep family x_train y_train on=local:2 epochs=3",
)


def marked(line: str) -> list[str]:
    return [line[problem["start"] : problem["end"]] for problem in line_problems(line, NAMES)]


@pytest.mark.parametrize(("line", "word"), WRONG.items())
def test_what_would_be_refused_is_marked(line: str, word: str) -> None:
    assert marked(line) == [word]


@pytest.mark.parametrize("line", RIGHT)
def test_what_is_right_is_not_marked(line: str) -> None:
    assert marked(line) == []


def _refused(line: str) -> Any:
    """What the magic says of a line."""
    try:
        request = read_sweep(line.removeprefix("%sweep "))
        assert request.step is not None
        try:
            read_fit(request.step, NAMES)
        except SeqmagicError as error:
            know_settings(error)
            as_typed(error, request.name)
            raise
    except SeqmagicError as error:
        return error
    raise AssertionError(line)


# Those for which no network is needed.
ALONE = [line for line in WRONG if not any(word in line for word in ("choice", "between", "=sixteen", "on=", "--"))]


@pytest.mark.parametrize("line", ALONE)
def test_the_magic_says_the_same_of_the_same_word(line: str) -> None:
    (problem,) = line_problems(line, NAMES)
    refused = _refused(line)
    assert (problem["message"], line[problem["start"] : problem["end"]]) == (
        refused.reason,
        line[refused.span.column - 1 : refused.span.end - 1],
    )


@pytest.mark.parametrize("name", ["epochs", "batch_size", "validation_batch_size", "validation_split", "steps_per_epoch"])
def test_a_range_is_offered_for_a_number_and_taken(name: str) -> None:
    line = f"%sweep family x_train y_train {name}="
    assert {"choice(", "between(", "log("} <= set(complete(line))
    low, high = (0.1, 0.3) if name == "validation_split" else (1, 4)
    assert marked(f"{line}between({low}, {high})") == []
    assert marked(f"{line}log({low}, {high})") == []


def test_a_range_is_offered_for_what_an_optimizer_takes() -> None:
    assert {"between(", "log("} <= set(offered("input 8\ndense 3\ncompile adamw(weight_decay="))
    assert {"between(", "log("} <= set(offered("input 8\ndense 3\ncompile adam(clipnorm="))
    assert not {"between(", "log("} & set(offered("input 8\ndense 3 activation="))


def test_a_setting_of_the_sweep_is_known_among_the_nearest() -> None:
    (problem,) = line_problems("%sweep family x_train y_train trils=3", NAMES)
    assert problem["message"].startswith("'%sweep' has no argument 'trils'.\nClosest matches: trials")


# A value for each argument that is offered, such as somebody would type.
VALUES = {"epochs": "3", "batch_size": "8", "validation_data": "x_train,y_train", "validation_split": "0.2", "patience": "3", "class_weight": "balanced",
          "until": '"loss < 1"', "callbacks": "[]", "shuffle": "true", "initial_epoch": "0", "steps_per_epoch": "2", "validation_steps": "1",
          "validation_batch_size": "8", "validation_freq": "1", "sample_weight": "y_train", "keep_weights": "9", "workers": "2", "verbose": "0",
          "monitor": "loss patience=3", "on": "local", "trials": "2", "seed": "1", "best": "loss", "folds": "2", "seeds": "2", "prune": "false"}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "%fit digits x_train y_train ",
        "%fit --find-rate digits x_train y_train ",
        "%sweep family x_train y_train ",
        "%dashboard digits x_train y_train ",
    ],
)
def test_whatever_is_offered_behind_the_data_is_taken(line: str) -> None:
    offers = [offer for offer in complete(line) if not offer.endswith("(")]
    assert {"epochs=", "batch_size="} <= set(offers)
    for offer in offers:
        name, is_named, _ = offer.partition("=")
        assert marked(f"{line}{name}={VALUES[name]}" if is_named else f"{line}{offer}") == [], offer


def test_while_learning_rates_are_tried_nothing_is_offered_that_is_refused_then() -> None:
    line = "%fit --find-rate digits x_train y_train "
    refused = {*(f"{name}=" for name in NOT_OF_SEARCHES), "on=", "mixed_float16"}
    assert not refused & set(complete(line))
    assert {"workers=", "on=", "mixed_float16"} <= set(complete(line.replace("--find-rate ", "")))
    assert marked(f"{line}workers=2") == ["workers=2"]
    assert marked(f"{line}mixed_float16") == ["mixed_float16"]
