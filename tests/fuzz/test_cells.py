"""Whatever stands in a cell: it is a network or it is refused in words, nothing else comes of it and nothing is run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, given, settings

from seqmagic.errors import SeqmagicError
from seqmagic.language import parse, print_program
from tests.fuzz import cells
from tests.fuzz.properties import check_build, check_description, check_plan, is_small, nothing_happens, read, warm_up, write_out

FACTOR = float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1"))
WRONG = ["dense @", "dense 'a", "dense 3 ->", "dense 1 + 1", "f(", "f(a b)", ")", "seed 1\nseed 2", "dense 3relu", "（"]

# A cell that hangs is broken off in the test; this is for what can't be.
pytestmark = pytest.mark.timeout(540 + 60 * FACTOR)


def tried(examples: int) -> Callable[[Any], Any]:
    """Settings for so many cells, times SEQMAGIC_FUZZ_FACTOR."""
    slow_is_fine = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=max(1, round(examples * FACTOR)), deadline=None, suppress_health_check=slow_is_fine)


def halve(x: Any) -> Any:
    return x / 2


class Own(keras.layers.Dense):
    """A layer of the notebook."""


NAMES = {"halve": halve, "Own": Own}


@pytest.fixture(scope="module", autouse=True)
def grammar() -> None:
    warm_up([*cells.SEEDS, *WRONG])


@pytest.mark.parametrize("text", cells.SEEDS)
def test_every_seed_but_the_ones_with_python_in_it_is_read(text: str) -> None:
    has_lines = any(line.partition("#")[0].strip() for line in text.splitlines())
    if has_lines and "1/255" not in text and "{width}x3" not in text:
        assert read(text) is not None


@given(cells.cells)
@tried(400)
def test_any_cell_is_read_or_refused_in_words(text: str) -> None:
    program = read(text)
    if program is not None:
        write_out(program, text)


@given(cells.cells)
@tried(350)
def test_what_is_read_is_printed_so_that_it_reads_the_same(text: str) -> None:
    program = read(text)
    if program is not None:
        check_description(program)


@given(cells.cells)
@tried(400)
def test_reading_and_printing_open_import_and_run_nothing(text: str) -> None:
    with nothing_happens():
        try:
            print_program(parse(text))
        except SeqmagicError as error:
            str(error)


@given(cells.networks | cells.cells)
@tried(75)
def test_any_network_is_planned_or_refused_and_leaves_no_trace(text: str) -> None:
    program = read(text)
    if program is not None and is_small(program, text):
        check_plan(program, text, dict(NAMES))
        check_plan(program, text, {})


@given(cells.networks | cells.cells)
@tried(75)
def test_any_small_network_is_built_or_refused(text: str) -> None:
    program = read(text)
    if program is not None and is_small(program, text):
        check_build(program, text, dict(NAMES))


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 100_000,
        "\n".join(f"block b{n}(x): b{n + 1} ({', '.join('x' * 10)})" for n in range(18)) + "\nb0 1",
        "dense " + "{" * 300_000,
        "dense " + "a." * 150_000,
        "dense " + " \t" * 150_000 + "x",
        "dense " + "1x" * 150_000 + "1",
        "(" + "\n" * 300_000 + "dense 3)",
        "->\n" * 100_000,
        "a=" * 150_000,
        "dense x=" + "a," * 20_000 + "a",
        "dense '" + "\\" * 300_000,
        "f(" + "[] " * 100_000,
        "[" * 15 + "(" * 300_000,
        "(((((" + "dense 3 * 20000) * 20000" + ") * 20000" * 4,
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_monsters_are_read_or_refused_before_long(text: str) -> None:
    program = read(text)
    if program is not None:
        write_out(program, text)
