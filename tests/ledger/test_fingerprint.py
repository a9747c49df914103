"""Equal data has an equal fingerprint, and other data another one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from seqmagic.ledger import data_hash as fingerprint
from seqmagic.ledger.data_hash import fingerprint_of, format_data

ROWS = np.random.default_rng(1).random((40, 3)).astype("float32")
LARGE = np.zeros((70_000, 100), "float32")
TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, None]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ROWS, ROWS.copy()),
        (ROWS, np.asfortranarray(ROWS)),
        (ROWS, np.repeat(ROWS, 2, axis=1)[:, ::2]),
        (ROWS, ROWS.astype(">f4")),
        (ROWS, tf.constant(ROWS)),
        (LARGE, LARGE.copy()),
        ([ROWS, ROWS], [ROWS.copy(), ROWS]),
        ({"a": ROWS}, {"a": ROWS.copy()}),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
        (TABLE, TABLE.copy().set_index(pd.Index([7, 8]))),
        (tf.data.Dataset.from_tensor_slices(ROWS).batch(8), tf.data.Dataset.from_tensor_slices(ROWS + 1).batch(8)),
    ],
)
def test_equal_data_has_an_equal_fingerprint(one: Any, other: Any) -> None:
    assert json.loads(json.dumps(fingerprint_of(one))) == fingerprint_of(other)


def changed(array: np.ndarray, index: tuple[int, ...]) -> np.ndarray:
    copy = array.copy()
    copy[index] += 1
    return copy


def test_other_data_has_another_fingerprint() -> None:
    others: list[Any] = [
        None,
        ROWS,
        changed(ROWS, (39, 2)),
        ROWS.reshape(3, 40),
        ROWS.astype("float64"),
        ROWS[:0],
        LARGE,
        changed(LARGE, (0, 0)),
        changed(LARGE, (69_999, 99)),
        LARGE[:-1],
        [ROWS, ROWS],
        (ROWS, ROWS),
        TABLE,
        TABLE.rename(columns={"a": "d"}),
        TABLE.assign(b=["x", "z"]),
        TABLE.assign(c=[0.5, 1.0]),
        TABLE["a"],
        tf.data.Dataset.from_tensor_slices(ROWS).batch(8),
        tf.data.Dataset.from_tensor_slices(ROWS).batch(4),
        (row for row in ROWS),
    ]
    values = [json.dumps(fingerprint_of(other)) for other in others]
    assert len(set(values)) == len(values)


def test_a_fingerprint_says_when_it_has_not_seen_all_rows() -> None:
    found = fingerprint_of(LARGE)
    assert 0 < found["sampled"] * 400 <= fingerprint.HASHED_BYTES < LARGE.nbytes
    assert "sampled" not in fingerprint_of(ROWS)
    wide = pd.DataFrame(np.zeros((700_000, 4)))
    assert 0 < fingerprint_of(wide)["sampled"] < 700_000


def test_a_generator_is_not_read() -> None:
    rows = iter([1, 2])
    assert fingerprint_of(item for item in rows) == {"kind": "generator"}
    assert next(rows) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "none"),
        (ROWS, "40 rows of 3, float32"),
        (TABLE, "2 rows of 3"),
        (np.arange(3), "3 rows, int64"),
        ((ROWS, np.arange(40)), "40 rows of 3, float32 and 40 rows, int64"),
        ((row for row in ROWS), "generator"),
    ],
)
def test_a_fingerprint_in_words(data: Any, words: str) -> None:
    assert format_data(fingerprint_of(data)) == words
