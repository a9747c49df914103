"""Every option of the form has a line that explains it, and a list where its values are one."""

from __future__ import annotations

from typing import Any

import keras
import pytest

import seqmagic
from seqmagic.forms.choices import VALUES, ChoiceOption, options_of
from seqmagic.forms.explanations import EXPLANATIONS, LONGEST, explain
from seqmagic.network.catalogue import LOSSES, METRICS, OPTIMIZERS, SCHEDULES
from seqmagic.widgets.compile_panel import CompilePanel
from tests.support.small_network import SMALL, data

CLASSES = {registry.find(word) for registry in (OPTIMIZERS, LOSSES, METRICS, SCHEDULES) for word in registry.words()}
OPTIONS = [(target, option) for target in CLASSES for option in options_of(target)]


class Mine(keras.losses.Loss):
    """A loss.

    Args:
        steepness: How fast it grows. More is told
            elsewhere.
        reduction (str): As always; or not.
    """

    def __init__(self, steepness: float = 2, reduction: str = "sum", other: int = 1) -> None:
        super().__init__(reduction=reduction)


def test_every_option_of_keras_is_explained_in_one_line() -> None:
    assert len(OPTIONS) > 300
    facts = {explain(target, option.name) for target, option in OPTIONS}
    assert [line for line in facts if not 10 <= len(line) <= LONGEST or "\n" in line or line.endswith(".")] == []
    assert {option.name for _, option in OPTIONS} - {name.rpartition(".")[2] for name in EXPLANATIONS} == set(), "new in Keras"


def test_no_explanation_is_of_an_option_that_is_not_there() -> None:
    names = {option.name for _, option in OPTIONS}
    classes = {target.__name__ for target, _ in OPTIONS}
    assert {name.rpartition(".")[2] for name in EXPLANATIONS} <= names
    assert {name.rpartition(".")[0] for name in EXPLANATIONS} - {""} <= classes


def test_an_option_of_ones_own_is_explained_by_its_docstring() -> None:
    assert explain(Mine, "steepness") == "How fast it grows"
    assert explain(Mine, "reduction") == "As always"
    assert explain(Mine, "other") == "The other of Mine"


def test_the_lists_are_what_keras_takes() -> None:
    listed = [(target, option) for target, option in OPTIONS if option.kind == "choice"]
    assert {option.name for _, option in listed} == set(VALUES)
    assert {option.default for _, option in listed} <= {value for values in VALUES.values() for value in values}
    seen: dict[str, tuple[Any, ChoiceOption]] = {option.name: (target, option) for target, option in listed}
    for target, option in seen.values():
        needed: dict[str, Any] = {"delta": 1.0} if target is keras.losses.Huber else {}
        for value in option.values:
            target(**needed, **{option.name: None if value == "none" else value})
        with pytest.raises(ValueError, match=r"(?i)invalid|received|expected"):
            target(**needed, **{option.name: "no_such_word"})


def test_the_form_has_a_line_for_each_of_its_fields() -> None:
    made = CompilePanel(seqmagic.build(SMALL), data()[1])
    made.set("schedule", "cosine_decay")
    made.set("metrics.add", "auc")
    made.set("loss.reduction", "mean")
    form = made.form
    sections = (form["optimizer"], form["schedule"], form["loss"], *form["metrics"])
    fields = [*form["fit"], *(option for section in sections for option in section["options"])]
    assert [field["control"] for field in fields if not field["about"]] == []
    words = {field["control"]: [word for word, _ in field["words"]] for field in fields if field["kind"] == "choice"}
    assert words["metrics.1.curve"] == ["ROC", "PR"]
    assert made.compile_line.endswith("sparse_categorical_crossentropy(reduction=mean) accuracy auc")
    made.set("loss.reduction", "sum_over_batch_size")
    assert "reduction" not in made.compile_line
