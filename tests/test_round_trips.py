"""All of Keras that a compile line can hold, and every seventh case of its layers, there and back; `python -m tests.round_trips` tells all."""

from __future__ import annotations

from tests.round_trips import Trip, trips

# Keras's own: what is not there to be told.
GAPS: dict[str, str] = {}


def test_what_is_told_does_the_same_read_again_and_as_code_in_a_plain_process() -> None:
    found = trips(step=7)
    assert len([trip for trip in found if trip.kind != "layer"]) > 250
    assert len(found) > 350
    assert [told(trip) for trip in found if trip.outcome == "different"] == []
    assert {trip.called for trip in found if trip.outcome == "gap"} <= set(GAPS)


def told(trip: Trip) -> str:
    return f"{trip.called}: {trip.text}{trip.code}"
