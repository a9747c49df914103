"""Text and model say the same: there and back again, for networks out of the whole catalogue."""

from __future__ import annotations

import os
import re
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import seqmagic
from seqmagic.describe.configs import fingerprint
from seqmagic.language import parse, parse_step, print_program
from seqmagic.options.compile_line import read_compile
from tests.support.compile_lines import lines as compile_lines
from tests.support.networks import network, wishes

FACTOR = float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1"))
SLOW = settings(max_examples=max(1, round(9 * FACTOR)), deadline=None, suppress_health_check=list(HealthCheck))

pytestmark = pytest.mark.timeout(540 + 60 * FACTOR)


def layers_of(model: keras.Sequential) -> str:
    """What a model's layers are, without the names that Keras counts up."""
    return fingerprint(model.get_config()["layers"])


def run(code: str) -> keras.Sequential:
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102  # It is our own, and it is what the test is about.
    return space["model"]


def prediction(model: keras.Sequential, data: Any) -> Any:
    """What a model makes of data. Some of Keras's layers build on what they can't work with: then there is none."""
    try:
        return np.asarray(model(data), dtype="float32")
    except Exception as error:
        return type(error).__name__


@SLOW
@given(wishes)
def test_text_to_model_to_text_to_model_is_the_same_network(wish: Any) -> None:
    text = network(wish)
    model = seqmagic.build(text)
    message = seqmagic.to_text(model)
    assert "{...}" not in message
    again = seqmagic.build(message)
    assert layers_of(again) == layers_of(model)
    assert seqmagic.to_text(again) == message
    program = parse(message)
    assert parse(print_program(program)) == program


@SLOW
@given(wishes)
def test_the_python_code_makes_the_same_network_with_the_same_weights_and_predictions(wish: Any) -> None:
    text = network(wish)
    keras.utils.set_random_seed(7)
    model = seqmagic.build(text)
    code = seqmagic.to_python(model)
    keras.utils.set_random_seed(7)
    twin = run(code)
    assert layers_of(twin) == layers_of(model)
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    shape = [2, *(dim or 3 for dim in model.input_shape[1:])]
    data = np.random.default_rng(0).integers(0, 5, shape).astype(model.inputs[0].dtype)
    expected = prediction(twin, data)
    # Some of Keras's layers read memory that nobody wrote when a picture is too small for them.
    assume(np.array_equal(expected, prediction(twin, data), equal_nan=True) if isinstance(expected, np.ndarray) else True)
    np.testing.assert_array_equal(prediction(model, data), expected)


def one_step(model: keras.Sequential) -> Any:
    """The loss, the metrics and the weights after one step; the name of the error where they don't go together."""
    model.set_weights([np.linspace(-1, 1, weight.size).reshape(weight.shape) for weight in model.get_weights()])
    model.run_eagerly = True
    x, labels = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]]), np.array([0, 2, 1])
    for y in (np.eye(3)[labels], labels):
        try:
            found = model.train_on_batch(x, y, return_dict=True)
        except Exception as error:
            failed = type(error).__name__
        else:
            return {name: np.asarray(value).tolist() for name, value in found.items()}, [weight.tolist() for weight in model.get_weights()]
    return failed


@SLOW
@given(compile_lines)
def test_a_compile_line_comes_back_and_so_does_its_code_in_all_that_they_do(line: str) -> None:
    model = seqmagic.build("input 2\ndense 3 softmax")
    read_compile(parse_step(line), {}).apply(model)
    text = seqmagic.to_text(model)
    assert "{...}" not in text, line
    again = seqmagic.build("input 2\ndense 3 softmax")
    read_compile(parse_step(text.splitlines()[-1]), {}).apply(again)
    assert seqmagic.to_text(again) == text
    twin = run(seqmagic.to_python(model))
    expected = repr(one_step(model))  # With NaN, which equals nothing, told as text.
    assert repr(one_step(again)) == expected
    # In this process Keras counts on from name to name: auc_7.
    uncounted = [re.sub(r"_\d+(?=')", "", text) for text in (repr(one_step(twin)), expected)]
    assert uncounted[0] == uncounted[1]
