"""Everything in seqmagic that takes an argument: magics and public functions, each with one place where any object can be passed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

import seqmagic
from seqmagic.options.fit_line import fit_parameters

X, Y = np.arange(12.0).reshape(4, 3) / 12, np.array([[0.0], [1], [0], [1]])
TEXT = "input 3\ndense 1 sigmoid\ncompile adam binary_crossentropy accuracy"
# `thing` stands for the object; the first word of a line magic's line is the model `net`, the data is `x` and `y`.
CELLS = (
    "dense {thing}",
    "dense thing",
    "dense 3 thing",
    "{thing}",
    "thing",
    "thing 3",
    "dense 3 activation=thing",
    "dense 3 activation={thing}",
    "dense 3 kernel_initializer=thing",
    "dense 3 kernel_regularizer={thing}",
    "dense 3 use_bias={thing}",
    "dense 3 name={thing}",
    "dense 3 dtype={thing}",
    "Dense(3, weights=[thing])",
    "Dense(3, weights=thing)",
    "dropout {thing}",
    "normalization adapt=thing",
    "normalization mean={thing} variance=1",
    "reshape {thing}",
    "lambda thing",
    "bidirectional {thing}",
    "timedistributed thing",
    "rescaling {thing}",
    "conv1d 3 {thing}",
    "embedding 10 4 embeddings_initializer={thing}",
    "textvectorization vocabulary=thing",
    "dense 3 * thing",
)
LAST_LINES = (
    "compile {thing} mse",
    "compile thing mse",
    "compile adam thing",
    "compile adam {thing}",
    "compile adam mse thing",
    "compile adam mse metrics={thing}",
    "compile adam({thing}) mse",
    "compile adam(weight_decay={thing}) mse",
    "compile adam mse loss_weights={thing}",
    "compile adam mse run_eagerly={thing}",
    "compile adam mse weighted_metrics=thing",
    "compile adam mse\nfit thing",
    "compile adam mse\nfit thing y",
    "compile adam mse\nfit x thing",
    "compile adam mse\nfit x y epochs={thing}",
    "compile adam mse\nfit x y validation_data={thing}",
)
LINES = (
    "%fit net thing",
    "%fit net thing y",
    "%fit net x thing",
    "%fit thing x y",
    "%dashboard net thing y",
    "%dashboard thing",
    "%sequential thing",
)
Place = Callable[[Any], object]


def places(shell: InteractiveShell, folder: Path) -> dict[str, Place]:
    """All places, by name."""
    found: dict[str, Place] = {}
    for cell in CELLS:
        found[cell] = _cell(shell, f"%%sequential made --quiet\ninput 3\n{cell}")
    for cell in LAST_LINES:
        found[cell.splitlines()[-1]] = _cell(shell, f"%%sequential made --quiet\ninput 3\ndense 1 sigmoid\n{cell}")
    for line in LINES:
        found[line] = _cell(shell, line)
    options = [name for name in fit_parameters() if name not in ("self", "x", "y")]
    for name in options:
        found[f"%fit net x y {name}=thing"] = _cell(shell, f"%fit net x y {name}=thing")
    found["%dashboard net x y callbacks=thing"] = _cell(shell, "%dashboard net x y callbacks=thing")
    return {**found, **_calls(folder, options)}


def _cell(shell: InteractiveShell, text: str) -> Place:
    def run(thing: Any) -> object:
        model = seqmagic.build(TEXT)
        shell.user_ns.update(thing=thing, x=X, y=Y, net=model)
        with redirect_stdout(StringIO()):
            if text.startswith("%%"):
                line, _, cell = text[2:].partition("\n")
                return shell.run_cell_magic("sequential", line.removeprefix("sequential "), cell)
            magic, _, line = text[1:].partition(" ")
            return shell.run_line_magic(magic, line)

    return run


def _calls(folder: Path, options: list[str]) -> dict[str, Place]:
    def net() -> keras.Sequential:
        return seqmagic.build(TEXT)

    def run(**more: Any) -> Any:
        return seqmagic.Run(net(), X, Y, **more)

    def panel(*data: Any, **more: Any) -> object:
        made = seqmagic.Dashboard(*data, **more)
        try:
            repr(made)
            return made._repr_mimebundle_()
        finally:
            made.close()

    def set_rate(thing: Any) -> None:
        run().learning_rate = thing

    calls: dict[str, Place] = {
        "build(thing)": seqmagic.build,
        "build(text, thing)": lambda thing: seqmagic.build(TEXT, thing),
        "build(text, {name: thing})": lambda thing: seqmagic.build("input 3\ndense 3 own\nown", {"own": thing}),
        "fit(thing)": lambda thing: seqmagic.fit(thing, X, Y),
        "fit(model, thing)": lambda thing: seqmagic.fit(net(), thing).wait(),
        "fit(model, thing, y)": lambda thing: seqmagic.fit(net(), thing, Y).wait(),
        "fit(model, x, thing)": lambda thing: seqmagic.fit(net(), X, thing).wait(),
        "fit(history=thing)": lambda thing: seqmagic.fit(net(), X, Y, history=thing),
        "fit(resume=thing)": lambda thing: seqmagic.fit(net(), X, Y, resume=thing),
        "fit(**thing)": lambda thing: seqmagic.fit(net(), X, Y, epochs=thing, steps=thing),
        "Run(data_names=thing)": lambda thing: run(data_names=thing),
        "Run(seed=thing)": lambda thing: run(seed=thing),
        "Run(fit_line=thing)": lambda thing: run(fit_line=thing),
        "Run(cut=thing)": lambda thing: run(cut=thing),
        "run.learning_rate": set_rate,
        "run.restore(thing)": lambda thing: run().restore(thing),
        "run.more(thing)": lambda thing: run().more(thing),
        "run.more(x=thing)": lambda thing: run().more(1, thing).wait(),
        "run.wait(thing)": lambda thing: run().start().wait(thing),
        "load(thing)": seqmagic.load,
        "save(thing, path)": lambda thing: seqmagic.save(thing, folder / "it.seq"),
        "save(model, thing)": lambda thing: seqmagic.save(net(), folder / thing if isinstance(thing, str) else thing),
        "save(model, path, thing)": lambda thing: seqmagic.save(net(), folder / "it.seq", thing),
        "to_text(thing)": seqmagic.to_text,
        "to_text(model, thing)": lambda thing: seqmagic.to_text(net(), thing),
        "to_text(model, {name: thing})": lambda thing: seqmagic.to_text(net(), {"own": thing}),
        "to_python(thing)": seqmagic.to_python,
        "to_python(model, thing)": lambda thing: seqmagic.to_python(net(), thing),
        "to_python(seed=thing)": lambda thing: seqmagic.to_python(net(), seed=thing),
        "to_python(fit=thing)": lambda thing: seqmagic.to_python(net(), fit=thing),
        "words(thing)": seqmagic.words,
        "plot(thing)": seqmagic.plot,
        "keep_runs(most_bytes=thing)": lambda thing: seqmagic.keep_runs(folder / "runs.sqlite", thing),
        "Dashboard(thing)": panel,
        "Dashboard(model, thing, y)": lambda thing: panel(net(), thing, Y),
        "Dashboard(model, x, thing)": lambda thing: panel(net(), X, thing),
        "Dashboard(names=thing)": lambda thing: panel(net(), X, Y, names=thing),
        "Dashboard(names={name: thing})": lambda thing: panel(net(), X, Y, names={"own": thing}),
        "Dashboard(advice=thing)": lambda thing: panel(net(), X, Y, advice=thing),
        "Dashboard(epochs=thing)": lambda thing: panel(net(), X, Y, epochs=thing),
        "Dashboard(validation_data=thing)": lambda thing: panel(net(), X, Y, validation_data=thing),
    }
    for name in options:
        calls[f"Run({name}=thing)"] = lambda thing, name=name: run(**{name: thing})
    return calls
