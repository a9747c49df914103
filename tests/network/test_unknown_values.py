"""A bare word where Keras computes with a number is a variable of the notebook, or unknown; Keras itself would keep it as a text."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, SeqmagicError, Span, UnknownNameError
from seqmagic.language import Argument, Literal, Word
from seqmagic.network.catalogue import (
    CALLBACKS,
    CONSTRAINTS,
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    REGULARIZERS,
    SCHEDULES,
    parameters_of,
    registry_of_parameter,
)
from seqmagic.network.layers import bind

REGISTRIES = (LAYERS, OPTIMIZERS, SCHEDULES, LOSSES, METRICS, INITIALIZERS, REGULARIZERS, CONSTRAINTS, CALLBACKS)
FOUND = {thing for registry in REGISTRIES for word in registry.words() if inspect.isclass(thing := registry.find(word))}
CLASSES = sorted(FOUND, key=lambda target: (target.__module__, target.__name__))
LINES = (
    ("compile adam huber(delta=gama)", 2.0),
    ("compile sgd(momentum=gama) mse", 0.5),
    ("compile sgd(clipnorm=gama) mse", 0.5),
    ("compile sgd(exponential_decay(0.1, decay_steps=gama, decay_rate=0.9)) mse", 10),
    ("compile sgd mse top_k_categorical_accuracy(k=gama)", 2),
    ("compile sgd mse auc(thresholds=[0.1, gama])", 0.5),
    ("compile sgd mse steps_per_execution=gama", 2),
    ("batchnorm momentum=gama", 0.5),
    ("dropout rate=gama", 0.5),
    ("rescaling scale=gama", 0.5),
    ("dense units=gama", 2),
    ("dense 2 kernel_regularizer=l2(l2=gama)", 0.5),
    ("dense 2 kernel_initializer=random_normal(stddev=gama)", 0.5),
    ("dense 2 kernel_constraint=max_norm(max_value=gama)", 0.5),
    ("random_flip seed=gama", 3),
)


def build(line: str, names: dict[str, Any]) -> keras.Sequential:
    return seqmagic.build(f"input 4x4x2\nflatten\ndense 3\n{line}" if line.startswith("compile") else f"input 4x4x2\n{line}", names)


@pytest.mark.parametrize(("line", "value"), LINES)
def test_a_word_that_no_variable_has_is_unknown(line: str, value: float) -> None:
    with pytest.raises(UnknownNameError, match="There is no variable called 'gama'") as caught:
        build(line, {"gamma": value})
    assert caught.value.candidates == ("gamma",)
    assert caught.value.span is not None
    assert caught.value.span.source[caught.value.span.column - 1 : caught.value.span.end - 1] == "gama"
    build(line, {"gama": value})


def test_a_text_is_no_number_however_it_is_given() -> None:
    for line, names in (
        ("compile adam huber(delta='much')", {}),
        ("compile adam huber(delta=word)", {"word": "much"}),
        ("compile adam huber(much)", {"much": "much"}),
    ):
        with pytest.raises(ArgumentError, match=r"'delta' of 'huber' can't be the text 'much'\."):
            build(line, names)
    with pytest.raises(ArgumentError, match=r"'delta' of 'huber' can't be a builtin_function_or_method\."):
        build("compile adam huber(delta=much)", {"much": len})


def test_every_class_of_keras_looks_at_every_number() -> None:
    kept, looked_at = [], 0
    for target in CLASSES:
        for name, parameter in parameters_of(target).items():
            default = parameter.default
            if isinstance(default, bool) or not isinstance(default, (int, float)) or registry_of_parameter(name) is not None:
                continue
            looked_at += 1
            try:
                kept.append(f"{target.__name__}({name}={bound_to_a_word(target, name)!r})")
            except UnknownNameError as error:
                if error.kind != "variable":
                    kept.append(f"{target.__name__}({name}): {error}")
    assert looked_at > 200
    assert {line for line in kept if "profile_batch" not in line and "oov_token" not in line and "padding" not in line} == set()


def bound_to_a_word(target: Any, name: str) -> Any:
    """What a class would be given for a bare word that nothing is called by, with 1 for all that it asks for."""
    here = Span(1, 1, 8, "nothere")
    required = [known for known, p in parameters_of(target).items() if p.default is p.empty]
    ones = [Argument(Literal(1, here), Word(known, here), here) for known in required]
    return bind((*ones, Argument(Word("nothere", here), Word(name, here), here)), target, Word("it", here), {})[name]


@pytest.mark.parametrize("line", ["run_eagerly=perhaps", "auto_scale_loss=perhaps", "steps_per_execution=true"])
def test_a_compile_line_takes_yes_or_no_only_where_keras_does(line: str) -> None:
    with pytest.raises(ArgumentError, match=r"of 'compile' (must be on or off|can't be true)"):
        build(f"compile adam mse {line}", {})


def test_what_may_be_a_text_stays_one() -> None:
    for line in ("compile adam mse f1_score(average=macro)", "compile adam mse auc(name=mine, dtype=float64)", "dense 3 name=stem"):
        build(line, {})
    with pytest.raises(SeqmagicError):
        build("compile adam mse f1_score(average=makro)", {})
