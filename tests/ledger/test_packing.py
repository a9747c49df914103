"""Arrays go into bytes and come back bit for bit, whatever their type."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from seqmagic.ledger.arrays import checksum, join_rows, pack_array, unpack

NUMBERS = np.arange(24).reshape(2, 3, 4)
ARRAYS = [
    *(
        NUMBERS.astype(dtype)
        for dtype in ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32", "complex64", ">f4", ">i8")
    ),
    *(NUMBERS.astype(dtype) for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2, ml_dtypes.int4)),
    NUMBERS % 2 == 0,
    np.array(3.5, "float32"),
    np.array(True),  # noqa: FBT003
    np.array(7, ml_dtypes.bfloat16),
    np.empty((0, 3), "float32"),
    np.empty((2, 0), ml_dtypes.bfloat16),
    np.array([np.nan, np.inf, -np.inf, -0.0]),
    np.asfortranarray(NUMBERS[0].astype("float32")),
    NUMBERS[:, ::2, ::-1],
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.name}{array.shape}")
def test_an_array_comes_back_bit_for_bit(array: np.ndarray) -> None:
    packed = pack_array(array)
    back = unpack(packed)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_an_array_in_one_piece_is_not_copied() -> None:
    array = np.zeros(8, "float32")
    packed = pack_array(array)
    array[0] = 1
    assert unpack(packed)[0] == 1


@pytest.mark.parametrize("array", [np.array([{}]), np.array(["a", None], object), np.zeros(2, [("a", "f4")])])
def test_what_could_only_be_pickled_is_refused(array: np.ndarray) -> None:
    with pytest.raises(TypeError, match="contains more than numbers"):
        pack_array(array)


def test_bytes_that_are_too_few_make_no_array() -> None:
    packed = pack_array(np.zeros(4, "float32"))
    with pytest.raises(ValueError, match="16 bytes don't fit <f4"):
        unpack(type(packed)(packed.dtype, "[5]", packed.content))


def test_the_checksum_sees_every_part() -> None:
    def of(facts: str, *arrays: np.ndarray) -> str:
        return checksum(facts, [pack_array(array) for array in arrays])

    zeros = np.zeros((2, 3), "float32")
    changed = zeros.copy()
    changed[1, 2] = 1e-30
    different = [
        of("{}", zeros),
        of("[]", zeros),
        of("{}", changed),
        of("{}", zeros.reshape(3, 2)),
        of("{}", zeros.view("int32")),
        of("{}"),
        of("{}", zeros, zeros),
    ]
    assert len(set(different)) == len(different)


def test_tables_with_different_columns_are_joined() -> None:
    names, rows = join_rows(
        [(["loss"], np.array([[1.0, 5.0]])), (["val_loss", "loss"], np.array([[2.0, 6.0, 7.0]])), (["loss"], np.empty((0, 2)))]
    )
    assert names == ["loss", "val_loss"]
    np.testing.assert_array_equal(rows, [[1, 5, np.nan], [2, 7, 6]])
    assert join_rows([])[1].shape == (0, 1)
