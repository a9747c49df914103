"""How much of Keras comes back the same from text and from code: `python -m tests.round_trips` prints the counts.

Each optimizer, schedule, loss and metric is taken with each of its arguments that is not the default, in a compiled model. The model is told as text
and read again, and told as code that a plain Python process runs: both must do the same with numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

import keras

import seqmagic
from tests.support.compile_cases import KINDS, cases_of, compiled_behaviour, made


@dataclass
class Trip:
    """One thing on its way: what was told of it, and what it, the model read again, and the code's model do."""

    kind: str
    called: str
    text: str
    code: str
    before: Any
    after: Any
    again: str = ""
    elsewhere: Any = None

    @property
    def outcome(self) -> str:
        """In a word."""
        if "{...}" in self.text:
            return "gap"
        same = self.after == self.before and self.elsewhere == self.before and self.again == self.text
        return "same" if same else "different"


def compiled(kind: str, thing: Any) -> keras.Sequential:
    """A small model with that thing."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    optimizer = thing if kind == "optimizer" else keras.optimizers.SGD(thing) if kind == "schedule" else "sgd"
    model.compile(optimizer, thing if kind == "loss" else "mse", metrics=[thing] if kind == "metric" else None)
    return model


def trips(kinds: tuple[str, ...] = tuple(KINDS)) -> list[Trip]:
    """Every round trip, and what Keras's own objects did before."""
    found = []
    for kind in kinds:
        for called, target, arguments in cases_of(kind):
            thing = made(target, arguments)
            if thing is None:
                continue
            model = compiled(kind, thing)
            text, code = seqmagic.to_text(model), seqmagic.to_python(model)
            again = seqmagic.build(text) if "{...}" not in text else None
            after = compiled_behaviour(again) if again is not None else None
            told = seqmagic.to_text(again) if again is not None else ""
            found.append(Trip(kind, called, text, code, compiled_behaviour(model), after, told))
    for trip, elsewhere in zip(found, run_elsewhere([trip.code for trip in found]), strict=True):
        trip.elsewhere = elsewhere
    return found


def run_elsewhere(codes: list[str]) -> list[Any]:
    """What the models of some programs do in a plain Python process that knows nothing of seqmagic."""
    command = [sys.executable, "-m", "tests.support.compile_cases"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, input=json.dumps(codes), capture_output=True, text=True, check=True, env=environment)
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the counts, and each trip that did not come back the same."""
    found = trips()
    for kind in KINDS:
        counts = Counter(trip.outcome for trip in found if trip.kind == kind)
        told = "  ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
        sys.stdout.write(f"{kind:<10} {sum(counts.values()):4}  {told}\n")
    for trip in found:
        if trip.outcome != "same":
            sys.stdout.write(f"{trip.outcome}: {trip.called}: {trip.text.splitlines()[-1]}\n")


if __name__ == "__main__":
    main()
