"""A reshape that doesn't fit: shapes and layers that do are offered, and what only goes away is said so."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import Instruction, ShapeError
from tests.support.typed_fixes import type_fix


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        ("input 8x8x1\nreshape 5x5\nflatten", ["reshape 8x8"]),
        ("input 8x8x1 -> reshape (5, 5, 1) -> conv 4 3x3", ["input 8x8x1 -> reshape 8x8x1 -> conv 4 3x3"]),
        ("input 8x8x3 -> reshape 8x8", ["input 8x8x3 -> reshape 8x8x3", "input 8x8x3 -> reshape 8x24"]),
        ("input 8\ndense 12 relu  # small\n\nreshape 5x5", ["dense 25 relu  # small   (in line 2)", "reshape 3x4"]),
        ("input 8 -> dense 12 relu\nreshape 5x5", ["input 8 -> dense 25 relu   (in line 1)", "reshape 3x4"]),
        ("input 8 -> dense 12 -> reshape 5x5", ["input 8 -> dense 25 -> reshape 5x5", "input 8 -> dense 12 -> reshape 3x4"]),
        ("input 8 -> dense 12 -> dropout 0.1 -> reshape 12x2", ["input 8 -> dense 12 -> dropout 0.1 -> reshape 6x2"]),
        ("input 8\ndense 12\nreshape (-1, 7)", ["dense 14   (in line 2)", "reshape 2x6"]),
        ("input 7\nreshape 2x2\nflatten", ["delete line 2"]),
    ],
)
def test_what_fits_is_offered_and_builds(text: str, fixes: list[str]) -> None:
    with pytest.raises(ShapeError) as caught:
        seqmagic.build(text)
    error = caught.value
    assert list(error.fixes[: len(fixes)]) == fixes
    for fix in error.fixes:
        [cell] = type_fix(f"%%sequential net\n{text}", error.span, fix)
        seqmagic.build(cell.partition("\n")[2])


def test_an_axis_that_takes_the_rest_needs_a_multiple() -> None:
    with pytest.raises(ShapeError, match=r"12, the input, has 12 values; \?x7 needs a multiple of 7\."):
        seqmagic.build("input 12 -> reshape (-1, 7)")


def test_a_fix_that_deletes_a_line_is_not_to_be_typed() -> None:
    with pytest.raises(ShapeError) as caught:
        seqmagic.build("input 7\nreshape 2x2\nflatten")
    assert isinstance(caught.value.fixes[0], Instruction)
    assert str(caught.value).endswith("\nInstead: delete line 2")
    assert "Type instead" not in str(caught.value)


def test_a_single_number_is_a_shape_with_one_axis() -> None:
    model = seqmagic.build("input 4x3 -> reshape 12")
    assert model.output_shape == (None, 12)
    assert seqmagic.build(seqmagic.to_text(model)).output_shape == (None, 12)
