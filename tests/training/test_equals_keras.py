"""A run equals Keras's own `fit`: every case of `tests.training.equals_keras`, and the list of those that are meant to differ."""

from __future__ import annotations

import pytest

from tests.training.equals_keras import fit_cases, model_cases
from tests.training.equals_keras.case import Case, compare
from tests.training.equals_keras.differences import MEANT

CASES = {case.name: case for case in (*fit_cases.cases(), *model_cases.cases())}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_run_equals_fit(case: Case) -> None:
    outcome = compare(case)
    if case.name in MEANT:
        assert outcome.kind == "differs", f"it is meant to differ, and does not any more: {outcome}"
    else:
        assert outcome.kind in ("bits", "close", "refused"), outcome.detail


def test_there_are_enough_cases_and_no_stale_reasons() -> None:
    assert len(CASES) >= 150
    assert set(MEANT) <= set(CASES)
