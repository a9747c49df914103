"""How much of Keras comes back the same from text and from code: `python -m tests.round_trips` prints the counts, `... loss metric` those of some.

Each optimizer, schedule, loss, metric and layer is taken with each of its arguments that is not the default. A model with it is told as text and read
again, and told as code that a plain Python process runs: both must do the same with numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras

import seqmagic
from seqmagic.language import parse_step
from seqmagic.network.catalogue import COMMON_LAYER_PARAMETERS, parameters_of, snake
from seqmagic.options.compile_line import read_compile
from tests.support.compile_cases import KINDS, cases_of, compiled_behaviour, made, network_behaviour
from tests.support.networks import BUILDABLE, CHOICES, builds, choices_of

SHAPES = ("8x8x3", "6x4", "4x6x6x2", "7", "5 dtype=int32", "3x4x6x6x2")


@dataclass
class Trip:
    """One thing on its way: what was told of it; what it, the model read again, and the code's model do."""

    kind: str
    called: str
    text: str
    code: str
    before: Any
    after: Any = None
    again: str = ""
    elsewhere: Any = None

    @property
    def outcome(self) -> str:
        """In a word."""
        if "{...}" in self.text:
            return "gap"
        return "same" if self.after == self.before and self.elsewhere == self.before and self.again == self.text else "different"


def take(kind: str, called: str, model: keras.Sequential, behaviour: Any) -> Trip:
    """Send a model to text and back."""
    trip = Trip(kind, called, seqmagic.to_text(model), seqmagic.to_python(model), behaviour(model))
    if trip.outcome != "gap":
        keras.utils.set_random_seed(7)
        again = read(trip.text)
        trip.after, trip.again = behaviour(again), seqmagic.to_text(again)
    return trip


def read(text: str) -> keras.Sequential:
    """The model of a text; whether its loss goes with its last layer is not asked."""
    network, compiles, line = text.partition("\ncompile ")
    model = seqmagic.build(network)
    if compiles:
        read_compile(parse_step(f"compile {line}"), {}).apply(model)
    return model


def compile_trips(kind: str, step: int = 1) -> Iterator[Trip]:
    """The trips of all optimizers, schedules, losses or metrics, in a small model.

    step: to take every so many of them only.
    """
    for called, target, arguments in list(cases_of(kind))[::step]:
        thing = made(target, arguments)
        if thing is not None:
            model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
            optimizer = thing if kind == "optimizer" else keras.optimizers.SGD(thing) if kind == "schedule" else "sgd"
            model.compile(optimizer, thing if kind == "loss" else "mse", metrics=[thing] if kind == "metric" else None)
            yield take(kind, called, model, compiled_behaviour)


def layer_lines() -> Iterator[tuple[str, str]]:
    """For each layer a line with the required arguments, then one with each other argument: what it is called, and the line."""
    for target in BUILDABLE:
        parameters = parameters_of(target).values()
        required = [f"{p.name}={(choices_of(p) or ['1'])[-1]}" for p in parameters if p.default is p.empty]
        optional = [p for p in parameters if p.default is not p.empty and p.name not in COMMON_LAYER_PARAMETERS and choices_of(p)]
        common = [("dtype", "float16"), ("trainable", "false"), ("name", CHOICES["name"][0])]
        extras = ["", *(f"{p.name}={choice}" for p in optional for choice in choices_of(p)), *(f"{name}={value}" for name, value in common)]
        for extra in extras:
            yield f"{target.__name__}({extra})", f"{snake(target.__name__)}({', '.join([*required, *([extra] if extra else [])])})"


def layer_trips(step: int = 1) -> Iterator[Trip]:
    """The trips of all layers on the first input that they can work on.

    step: to take every so many of them only.
    """
    for called, line in list(layer_lines())[::step]:
        text = next((text for shape in SHAPES if builds(text := f"input {shape}\n{line}")), None)
        if text is not None:
            keras.utils.set_random_seed(7)
            yield take("layer", called, seqmagic.build(text), network_behaviour)


def trips(kinds: Sequence[str], step: int = 1) -> list[Trip]:
    """Every round trip of some kinds, and what the code's model does elsewhere."""
    found = [trip for kind in kinds for trip in (layer_trips(step) if kind == "layer" else compile_trips(kind, step))]
    asked = [(trip.code, "network" if trip.kind == "layer" else "compiled") for trip in found]
    for trip, elsewhere in zip(found, run_elsewhere(asked), strict=True):
        trip.elsewhere = elsewhere
    return found


def run_elsewhere(programs: list[tuple[str, str]]) -> list[Any]:
    """What the models of some programs do in one plain Python process that knows nothing of seqmagic."""
    command = [sys.executable, "-m", "tests.support.compile_cases"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, input=json.dumps(programs), capture_output=True, text=True, check=True, env=environment)
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the counts, and each trip that did not come back the same."""
    kinds = sys.argv[1:] or [*KINDS, "layer"]
    found = trips(kinds)
    for kind in kinds:
        counts = Counter(trip.outcome for trip in found if trip.kind == kind)
        message = "  ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
        sys.stdout.write(f"{kind:<10} {sum(counts.values()):4}  {message}\n")
    for trip in found:
        if trip.outcome != "same":
            sys.stdout.write(f"{trip.outcome}: {trip.called}: {trip.text.splitlines()[-1]}\n")


if __name__ == "__main__":
    main()
