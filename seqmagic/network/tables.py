"""Tables: what their non-numeric columns contain, and pandas code that converts them, each tried on the table itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqmagic.translation import gettext_noop

WORDS = (gettext_noop("text"), gettext_noop("strings as categories"))
MISSING = gettext_noop("numbers with None for missing values")
DATES = gettext_noop("dates")
MOST_NEW_COLUMNS = 50  # Columns with more distinct strings become category codes instead of one-hot columns.
MOST_LINES = 3  # Longer fixes would be too long to type.


@dataclass(frozen=True)
class Way:
    """A way to convert a table to numbers.

    Attributes:
        code: pandas statements, with {} for the table and {=} for its variable.
        table: the result.
    """

    code: str
    table: Any


def with_pandas(code: str) -> str:
    """Code with `import pandas as pd` in front, if the notebook it is typed in hasn't imported it under that name."""
    notebook = vars(sys.modules["__main__"])
    return f"import pandas as pd; {code}" if "pd." in code and "get_ipython" in notebook and "pd" not in notebook else code


def is_frame(data: Any) -> bool:
    """Whether data is a DataFrame."""
    return hasattr(data, "columns") and hasattr(data, "dtypes") and hasattr(data, "iloc")


def as_frame(data: np.ndarray) -> Any:
    """A structured array as a DataFrame; None without pandas, or if its fields aren't scalars."""
    try:
        import pandas as pd

        return pd.DataFrame(data)
    except Exception:  # noqa: BLE001  # For nested fields or subarrays pandas raises several types of exceptions.
        return None


def odd_columns(table: Any) -> list[tuple[Any, str]]:
    """The non-numeric columns, each with what it contains."""
    columns = ((column, kind, table.iloc[:, place]) for place, (column, kind) in enumerate(table.dtypes.items()))
    return [(column, what) for column, kind, values in columns if (what := kind_without_numbers(kind, values))]


def kind_without_numbers(dtype: Any, values: Any) -> str:
    """What the values are instead of numbers, or ""."""
    if str(dtype) == "category":
        kind = values.dtype.categories.dtype
        return gettext_noop("strings as categories") if getattr(kind, "kind", "O") in "OSU" else ""
    kind = getattr(dtype, "kind", "f")
    if kind in "USO":
        odd = first_odd(values)
        if kind in "US" or isinstance(odd, (str, bytes)):
            return "text"
        return MISSING if odd is None and has_none(values) else gettext_noop("mixed Python objects")
    return {"M": DATES, "m": gettext_noop("durations"), "c": gettext_noop("complex numbers")}.get(kind, "")


def first_odd(values: Any) -> Any:
    """The first value that is neither a number nor missing; None if there is none."""
    flat = np.asarray(values, dtype=object).ravel()
    odd = (value for value in flat if not isinstance(value, (int, float, np.number)))
    return next((value for value in odd if value is not None and not _is_missing(value)), None)


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType")


def has_none(data: Any) -> bool:
    """Whether an array of objects has missing values."""
    return any(value is None or _is_missing(value) for value in np.asarray(data, dtype=object).ravel())


def ways_to_numbers(table: Any, *, nullable: bool = False) -> Iterator[Way]:
    """Ways to convert a table to numbers without missing values, those that keep most of it first; each has been tried.

    Args:
        nullable: whether its columns have nullable dtypes in the notebook.
    """
    columns = [column for column, _ in odd_columns(table)]
    for steps in _begin(table):
        way = _tried(table, steps, nullable=nullable)
        if way is not None:
            yield way
            if steps == (_AS_NUMBERS,):
                break  # The columns are numbers stored as text.
    if columns and all(map(_can_be_typed, columns)):
        way = _tried(table, (f"{{=}} = {{}}.drop(columns={columns!r})",), nullable=nullable)
        if way is not None and way.table.shape[1]:
            yield way


_AS_NUMBERS = "{=} = {}.astype(float)"
_DUMMIES = "{=} = pd.get_dummies({}, dtype=float)"
_WITHOUT_INFINITY = "{=} = {}.replace([np.inf, -np.inf], np.nan)"
_FILLED = "{=} = {}.fillna({}.median())"


def _begin(table: Any) -> Iterator[tuple[str, ...]]:
    """Statements that convert all values that are not missing."""
    odd = odd_columns(table)
    if not odd:
        yield ()
        return
    yield (_AS_NUMBERS,)
    lines = [_line_of(table, column, what) for column, what in odd]
    single = [line for line in lines if line not in ("", _DUMMIES)]
    if "" not in lines:
        yield (*single, *([_DUMMIES] if _DUMMIES in lines else []))


def _can_be_typed(column: Any) -> bool:
    return isinstance(column, (str, int)) and "{" not in str(column)


def _line_of(table: Any, column: Any, what: str) -> str:
    """The statement that converts a column; "" if there is none."""
    if not _can_be_typed(column):
        return ""
    here = f"{{}}[{column!r}]"
    if what == DATES:
        return f"{{=}}[{column!r}] = ({here} - {here}.min()).dt.days"
    if what == MISSING:
        return f"{{=}}[{column!r}] = {here}.astype(float)"
    if what in WORDS:
        return _DUMMIES if table[column].nunique() <= MOST_NEW_COLUMNS else f"{{=}}[{column!r}] = {here}.astype('category').cat.codes"
    return ""


def _tried(table: Any, steps: tuple[str, ...], *, nullable: bool) -> Way | None:
    """Apply some steps to a table and fill its missing values; None if that fails, or needs too many statements."""
    try:
        made = table
        for step in steps:
            made = _step(made, step)
        values = _values_of(made)
        # A median that is not an integer can't be stored in a nullable integer column.
        filled = [*([_AS_NUMBERS] if nullable and _AS_NUMBERS not in steps else []), _FILLED]
        more = [*([_WITHOUT_INFINITY] if np.isinf(values).any() else []), *(filled if not np.isfinite(values).all() else [])]
        for step in more:
            made = _step(made, step)
        if not np.isfinite(_values_of(made)).all() or odd_columns(made):
            return None
    except Exception:  # noqa: BLE001  # If pandas raises any error, it is no fix.
        return None
    lines = [*steps, *more]
    return Way("; ".join(lines), made) if 0 < len(lines) <= MOST_LINES else None


def _values_of(table: Any) -> np.ndarray:
    if odd_columns(table):
        raise ValueError(gettext_noop("values that are not numbers yet"))
    return table.to_numpy(dtype="float64", na_value=np.nan)


def _step(table: Any, step: str) -> Any:
    """The result of a statement on a copy of the table."""
    if step == _DUMMIES:
        return sys.modules["pandas"].get_dummies(table, dtype=float)  # If the data is a DataFrame, pandas has been imported.
    if step == _WITHOUT_INFINITY:
        return table.replace([np.inf, -np.inf], np.nan)
    if step == _FILLED:
        return table.fillna(table.median())
    if step == _AS_NUMBERS:
        return table.astype(float)
    if ".drop(" in step:
        return table.drop(columns=[column for column, _ in odd_columns(table)])
    column = next(column for column in table.columns if step.startswith(f"{{=}}[{column!r}] = "))
    values = table[column]
    if step.endswith(".dt.days"):
        return _put(table, column, (values - values.min()).dt.days)
    return _put(table, column, values.astype(float) if step.endswith(".astype(float)") else values.astype("category").cat.codes)


def _put(table: Any, column: Any, values: Any) -> Any:
    made = table.copy()
    made[column] = values
    return made
