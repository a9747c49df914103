"""Some of all that Keras has for a compile line and for a network, there and back; `python -m tests.round_trips` takes all of it."""

from __future__ import annotations

import os

from tests.round_trips import Trip, trips
from tests.support.compile_cases import KINDS

STEP = max(1, round(29 / float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1"))))


def test_a_description_does_the_same_read_again_and_as_code_in_a_plain_process() -> None:
    found = trips([*KINDS, "layer"], step=STEP)
    assert len(found) > 40
    assert [describe(trip) for trip in found if trip.outcome != "same"] == []


def describe(trip: Trip) -> str:
    return f"{trip.called} is {trip.outcome}: {trip.text}{trip.code}"
