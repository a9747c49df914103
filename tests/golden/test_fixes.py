"""Every fix on the pages about data and settings is typed and trained with: none is offered that does not work."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqmagic
from tests.support.golden_pages import CASES, data, run_cell
from tests.support.renewed import renewed
from tests.support.run_end import end_of

TRAINED = [case for page, case in CASES if case["kind"] == "python" and "train(" in case["cause"] and page.stem != "notes"]
OFFERED = [case for case in TRAINED if "Type instead" in case["message"]]


@dataclass
class Call:
    """What a case trains with."""

    network: str
    loss: str
    x: Any
    y: Any
    optimizer: str = "adam"
    options: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)  # Names that a fix made.

    @property
    def compiled(self) -> str:
        return f"compile {self.optimizer} {self.loss}"

    def train(self, compiled: str = "") -> seqmagic.Run:
        model = renewed(seqmagic.build(f"{self.network}\n{compiled or self.compiled}"))
        model.name = "digits"
        return seqmagic.Run(model, self.x, self.y, **self.options)


def calls_of(code: str) -> Call:
    """The call that a case makes of `train`, which is not run."""
    calls: list[Call] = []
    things = data()

    def record(network: str, loss: str, x: Any, y: Any, *, optimizer: str = "adam", **options: Any) -> None:
        calls.append(Call(network, loss, x, y, optimizer, options))

    run_cell(code, things | {"train": record})
    return calls[0]


def apply(fix: str, call: Call) -> seqmagic.Run:
    """Type a fix, piece by piece, and train with it."""
    compiled = ""
    for piece in fix.split(", and "):
        word = piece.split()[0]
        if word == "compile":
            compiled = piece
        elif word in ("input", "dense", "flatten", "embedding"):
            layers = call.network.split(" -> ")
            at = {"input": 0, "embedding": 1}.get(word, -1)
            layers[at] = piece
            call.network = " -> ".join(layers)
        elif word.startswith("conv"):  # A line that goes on where it ended.
            layers = call.network.split(" -> ")
            call.network = " -> ".join(piece if piece.startswith(layer) else layer for layer in layers)
        elif word.startswith(("adam(", "sgd(")):
            call.optimizer = piece
        elif word == "fit":
            call.x, call.y = call.y, call.x
        else:
            type_code(piece, call)
    return call.train(compiled)


def type_code(code: str, call: Call) -> None:
    """Run a line that changes an option, the data or the labels."""
    names = {"x": call.x, "y": call.y, "np": np, "pd": pd, "tf": tf, "keras": keras, "report": print}
    given = call.options.get("validation_data")
    names |= {"weights": call.options.get("class_weight"), "test_data": given}
    names["x_test"], names["y_test"] = given if isinstance(given, tuple) and len(given) == 2 else (given, call.y)
    names |= call.typed
    option = re.match(r"(\w+)=(?!=)", code)
    if option and option[1] == "monitor":
        call.options["callbacks"] = [keras.callbacks.EarlyStopping(monitor=eval(code[option.end() :]))]  # noqa: S307
    elif option and option[1] == "validation_split":
        call.options.pop("validation_data", None)
        call.options |= eval(f"dict({code})", names)  # noqa: S307  # The pages are our own; it may say how the share is drawn, too.
    elif option:
        if option[1] == "sample_weight":
            call.options.pop("class_weight", None)
        call.options[option[1]] = eval(code[option.end() :], names)  # noqa: S307  # The pages are our own.
    elif code.startswith("keras.callbacks"):
        call.options["callbacks"] = [eval(code, names)]  # noqa: S307
    else:
        exec(code, names)  # noqa: S102
        call.typed = {"weights": names["weights"]}
        call.x, call.y = names.get("x_train", names["x"]), names.get("y_train", names["y"])
        if given is not None:
            call.options["validation_data"] = names["test_data"] if "test_data" in code else (names["x_test"], names["y_test"])


@pytest.mark.parametrize("case", OFFERED, ids=[str(number) for number in range(len(OFFERED))])
def test_every_fix_trains(case: re.Match[str]) -> None:
    with pytest.raises(seqmagic.SeqmagicError) as caught:
        calls_of(case["cause"]).train()
    assert caught.value.fixes
    for fix in caught.value.fixes:
        call = calls_of(case["cause"])
        run = apply(fix, call).start()
        try:
            end_of(run)
        finally:
            run.stop()
        assert run.state == "done", fix
        assert np.isfinite(run.history["loss"]).all()


def test_fixes_are_offered() -> None:
    assert len(OFFERED) > 50
