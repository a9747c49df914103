"""From a table to a network: numbers as they are, and for all else lines of pandas that train when they are typed."""

from __future__ import annotations

import re
import sys
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, DataError, SeqmagicError

RNG = np.random.default_rng(4)
ROWS = 120
Y = RNG.integers(0, 2, ROWS)
TABLE = pd.DataFrame({"age": RNG.integers(18, 90, ROWS), "income": RNG.normal(3, 1, ROWS), "member": RNG.random(ROWS) > 0.5})
COLUMNS: dict[str, Any] = {
    "text": ["ab"[i % 2] for i in range(ROWS)],
    "text, some missing": [["a", "b", None][i % 3] for i in range(ROWS)],
    "pandas' text": pd.array([["a", "b", None][i % 3] for i in range(ROWS)], dtype="string"),
    "categories": pd.Categorical([f"c{i % 4}" for i in range(ROWS)]),
    "many words": [f"n{i}" for i in range(ROWS)],
    "numbers as text": [f"{i / 2}" for i in range(ROWS)],
    "text and numbers": [[1, "a"][i % 2] for i in range(ROWS)],
    "days": pd.date_range("2020-01-01", periods=ROWS),
    "days, some missing": [None, *pd.date_range("2020-01-01", periods=ROWS - 1)],
    "missing": [np.nan, *range(ROWS - 1)],
    "nearly all missing": [*([np.nan] * (ROWS - 1)), 1.0],
    "missing, pandas' numbers": pd.array([None, 3, *range(ROWS - 2)], dtype="Int64"),
    "missing, as objects": pd.Series([None, *range(ROWS - 1)], dtype=object),
    "infinity": [np.inf, *range(ROWS - 1)],
    "infinity and missing": [np.inf, np.nan, *range(ROWS - 2)],
}
NET = "input {} -> dense 4 relu -> dense 1 sigmoid\ncompile sgd(0.001) binary_crossentropy"


def train(table: Any, width: int, y: Any = Y) -> seqmagic.Run:
    return seqmagic.Run(seqmagic.build(NET.format(width)), table, y, data_names=("table", "y"))


def typed(fix: str, table: Any, width: int) -> tuple[Any, Any, int]:
    """What a fix makes of the data, and how many columns the input line has then."""
    code, _, line = fix.partition(", and input ")
    things = {"table": table.copy(), "y": Y, "pd": pd, "np": np}
    exec(code, things)  # noqa: S102  # It is our own sentence.
    return things["table"], things["y"], int(line or width)


@pytest.fixture(autouse=True)
def outside_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a script: a shell that another test has made leaves its names in `__main__`."""
    monkeypatch.delattr(sys.modules["__main__"], "get_ipython", raising=False)


def check_fixes(table: Any, width: int) -> tuple[str, ...]:
    with pytest.raises(DataError) as caught:
        train(table, width)
    assert caught.value.fixes
    for fix in caught.value.fixes:
        made, y, columns = typed(fix, table, width)
        assert np.isfinite(train(made, columns, y).start().wait().history["loss"]).all()
    return caught.value.fixes


@pytest.mark.parametrize("what", list(COLUMNS))
def test_each_way_that_is_offered_trains(what: str) -> None:
    fixes = check_fixes(TABLE.assign(**{"the column": COLUMNS[what]}), 4)
    if "text" in what or "words" in what or "categories" in what:
        assert "drop" not in fixes[0]  # To leave a column out is never all.


def test_several_columns_at_once() -> None:
    table = TABLE.assign(city=COLUMNS["text, some missing"], day=COLUMNS["days"], name=COLUMNS["many words"])
    (first, second) = check_fixes(table, 3)
    assert first == (
        "table['day'] = (table['day'] - table['day'].min()).dt.days; table['name'] = table['name'].astype('category').cat.codes; "
        "table = pd.get_dummies(table, dtype=float), and input 7"
    )
    assert second == "table = table.drop(columns=['city', 'day', 'name'])"
    check_fixes(TABLE.assign(city=COLUMNS["text"], age=COLUMNS["missing"]), 3)


def test_names_that_are_hard_to_type() -> None:
    for name in ("it's", "{}", "{=}", 'a "b"', "x; y", 7):
        table = TABLE.copy()
        table[name] = COLUMNS["many words"]
        with pytest.raises(DataError) as caught:
            train(table, 3)
        for fix in caught.value.fixes:
            made, y, columns = typed(fix, table, 3)
            train(made, columns, y).start().wait()


def test_numeric_tables_are_taken_as_they_are() -> None:
    plain = TABLE.astype("float32")
    structured, records = (
        plain.to_records(index=False),
        np.array([*plain.itertuples(index=False)], dtype=[("a", "f4"), ("b", "f4"), ("c", "f4")]),
    )
    losses = []
    for table in (plain, plain.to_numpy(), structured, records, TABLE, plain.to_numpy().tolist(), plain.convert_dtypes()):
        keras.utils.set_random_seed(1)
        losses.append(seqmagic.fit(seqmagic.build(NET.format(3)), table, Y, seed=1).wait().history["loss"])
    assert all(np.allclose(loss, losses[0], rtol=1e-5) for loss in losses)


def test_a_structured_array_with_other_things_says_so_as_a_table_does() -> None:
    array = TABLE.assign(city=COLUMNS["text"]).to_records(index=False)
    fixes = check_fixes(array, 4)
    assert fixes[0] == "table = pd.get_dummies(pd.DataFrame(table), dtype=float), and input 5"
    missing = TABLE.assign(age=COLUMNS["missing"]).to_records(index=False)
    assert check_fixes(missing, 3)[-1] == "table = pd.DataFrame(table).fillna(pd.DataFrame(table).median())"


def test_what_a_table_gave_as_objects_goes_back_into_one() -> None:
    check_fixes(TABLE.assign(city=COLUMNS["text"]).to_numpy(), 4)


def test_labels_as_words_in_a_table_become_numbers() -> None:
    labels = pd.DataFrame({"kind": COLUMNS["text"]})
    with pytest.raises(DataError) as caught:
        train(TABLE, 3, labels)
    assert caught.value.fixes == ("classes, y = np.unique(np.ravel(y), return_inverse=True)",)
    things = {"y": labels, "np": np}
    exec(caught.value.fixes[0], things)  # noqa: S102
    train(TABLE, 3, things["y"]).start().wait()


def test_a_validation_gets_no_columns_of_its_own() -> None:
    test = TABLE.assign(city=COLUMNS["text"])
    with pytest.raises(DataError, match="validation_data") as caught:
        seqmagic.Run(seqmagic.build(NET.format(3)), TABLE, Y, validation_data=(test, Y))
    assert not [fix for fix in caught.value.fixes if "get_dummies" in fix]


ADAPTED = "input {}\nnormalization adapt=table\ndense 1"
MEANS = TABLE.to_numpy(float).mean(axis=0)


@pytest.mark.parametrize(
    "table",
    [TABLE, TABLE.convert_dtypes(), TABLE.to_numpy(float), TABLE.to_numpy(float).tolist(), TABLE.astype(float).to_records(index=False)],
    ids=["table", "pandas' numbers", "array", "list", "records"],
)
def test_a_normalization_adapts_to_a_table(table: Any) -> None:
    layer = seqmagic.build(ADAPTED.format(3), {"table": table}).layers[0]
    assert np.allclose(layer.adapt_mean, MEANS, rtol=1e-5)
    own = keras.layers.Normalization()
    own.adapt(TABLE.to_numpy("float32"))
    assert np.allclose(layer(TABLE.to_numpy("float32")), own(TABLE.to_numpy("float32")), atol=1e-5)


def test_a_normalization_adapts_to_a_column() -> None:
    for column in (TABLE["age"], TABLE["age"].to_numpy(float), TABLE[["age"]]):
        assert np.allclose(seqmagic.build(ADAPTED.format(1), {"table": column}).layers[0].adapt_mean, MEANS[:1], rtol=1e-5)


@pytest.mark.parametrize("what", ["text", "missing", "missing, pandas' numbers", "infinity"])
def test_a_normalization_says_what_is_no_number_with_ways_that_build(what: str) -> None:
    table = TABLE.assign(extra=COLUMNS[what])
    with pytest.raises(ArgumentError, match="'extra'") as caught:
        seqmagic.build(ADAPTED.format(4), {"table": table})
    assert caught.value.fixes
    for fix in caught.value.fixes:
        made, _, _ = typed(fix, table, 4)
        assert np.isfinite(seqmagic.build(ADAPTED.format(made.shape[1]), {"table": made}).layers[0].adapt_mean).all()


def test_a_normalization_of_other_columns_than_come_in_is_refused_with_the_input_line() -> None:
    with pytest.raises(SeqmagicError, match="adapts to data with 3 columns, but its input has 4") as caught:
        seqmagic.build(ADAPTED.format(4), {"table": TABLE})
    assert caught.value.fixes == ("input 3",)
    with pytest.raises(SeqmagicError, match="adapts to data with 3 columns, but its input has 8"):
        seqmagic.build("input 3\ndense 8\nnormalization adapt=table\ndense 1", {"table": TABLE})


def test_words_are_looked_up_from_a_column() -> None:
    for column in (
        pd.Series(COLUMNS["text"]),
        pd.Series(COLUMNS["text"], dtype="string"),
        pd.Series(COLUMNS["text"], dtype="category"),
        COLUMNS["text"],
    ):
        layer = keras.layers.StringLookup()
        from seqmagic.errors import Span
        from seqmagic.network.adapt import data_to_adapt

        layer.adapt(data_to_adapt(layer, column, "table", Span(1, 1, 2)))
        assert set(layer.get_vocabulary()) == {"[UNK]", "a", "b"}


def test_a_notebook_without_pd_gets_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    table = TABLE.assign(city=COLUMNS["text"])
    monkeypatch.setattr(sys.modules["__main__"], "get_ipython", None, raising=False)
    assert check_fixes(table, 5)[0] == "import pandas as pd; table = pd.get_dummies(table, dtype=float)"
    monkeypatch.setattr(sys.modules["__main__"], "pd", pd, raising=False)
    assert check_fixes(table, 5)[0] == "table = pd.get_dummies(table, dtype=float)"


def test_without_pandas_a_structured_array_is_distinguished(monkeypatch: pytest.MonkeyPatch) -> None:
    array = TABLE.to_records(index=False)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(DataError, match=re.escape("table of shape (rows, 3)")):
        train(np.array(array.tolist(), dtype=array.dtype), 3)
