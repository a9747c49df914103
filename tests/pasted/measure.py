"""What becomes of pasted models: `python -m tests.pasted.measure` prints the counts, and each model that did not come out equal.

Every piece of `models.txt` is run as Python, and pasted behind `%%sequential` in a notebook's shell; the two models are then compared.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import matplotlib as mpl
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tests.pasted import notebook

MODELS = Path(__file__).with_name("models.txt")
PYTHON = "This is Python code"


@dataclass(frozen=True)
class Piece:
    """Code that makes a model.

    title: what kind of source it is like, and what it is.
    code: as it is pasted.
    today: the same for today's Keras, where it is another.
    only_python: why it can't be said as a chain of layers; empty where it can.
    """

    title: str
    code: str
    today: str
    only_python: str


def pieces() -> list[Piece]:
    """The whole collection."""
    found = []
    for part in MODELS.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        blocks: dict[str, str] = dict(re.findall(r"```(python|today)\n(.*?)```", body, re.DOTALL))
        why = re.search(r"^Only Python: (.*)$", body, re.MULTILINE)
        found.append(Piece(title, blocks["python"], blocks.get("today", blocks["python"]), why.group(1) if why else ""))
    return found


def names() -> dict[str, Any]:
    """What earlier cells have made."""
    return {name: value for name, value in vars(notebook).items() if not name.startswith("__")}


def newest(space: dict[str, Any], before: dict[str, Any]) -> Any:
    """The model that some code made: the one bound last, or what its only function gives."""
    new = {name: value for name, value in space.items() if before.get(name) is not value}
    models = [value for value in new.values() if isinstance(value, keras.Model)]
    if models:
        return models[-1]
    makers = [value for value in new.values() if isinstance(value, Callable) and not isinstance(value, type)]  # type: ignore[arg-type]
    return makers[-1]() if makers else None


@contextlib.contextmanager
def silence() -> Iterator[io.StringIO]:
    """What is printed is kept."""
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
        yield printed


def as_python(code: str) -> Any:
    """The model of some code, run by Python alone; the error where it can't be run."""
    space = names()
    before = dict(space)
    mpl.use("agg")
    with silence():
        try:
            exec(code, space)  # noqa: S102  # It is our own collection.
            return newest(space, before)
        except Exception as error:
            return error


class Notebook:
    """A shell in which earlier cells have run, and in which cells are pasted."""

    def __init__(self) -> None:
        self.shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
        self.shell.run_line_magic("load_ext", "seqmagic")
        self.shell.run_line_magic("config", "SeqMagics.ledger=''")
        self.fresh = dict(self.shell.user_ns)

    def paste(self, code: str) -> Any:
        """The model that a pasted cell makes; the error where it is refused."""
        self.shell.user_ns.clear()
        self.shell.user_ns.update(self.fresh | names())
        before = dict(self.shell.user_ns)
        with silence():
            result = self.shell.run_cell(f"%%sequential --quiet\n{code}")
        return result.error_in_exec or result.error_before_exec or newest(self.shell.user_ns, before)


def difference(one: Any, other: Any) -> str:
    """What differs between two models; nothing where they are equal in layers, numbers and the compile line."""
    ours, theirs = (list(chain_of(model)) for model in (one, other))
    if [type(layer) for layer in ours] != [type(layer) for layer in theirs]:
        return f"layers {[layer.name for layer in ours]} for {[layer.name for layer in theirs]}"
    for a, b in zip(ours, theirs, strict=True):
        if found(a) != found(b):
            return f"{a.name}: {found(a)} for {found(b)}"
    return of_shapes(one, other) or of_compiling(one, other)


def chain_of(model: Any) -> Iterator[Any]:
    """The layers of a model, one after the other, without what only says the input."""
    yield from (layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer))


def found(layer: Any) -> Any:
    """A layer's config without what Keras makes up."""
    if isinstance(layer, keras.Model):
        return [found(part) for part in chain_of(layer)]
    try:
        config = dict(layer.get_config())
    except OSError:
        return type(layer)  # With a lambda of no file, which Keras would like to quote; the numbers are compared anyway.
    if re.fullmatch(re.escape(auto_name(layer)) + r"(_\d+)?", config.pop("name")):
        config["name"] = "made up"
    if isinstance(layer, keras.layers.Lambda):
        config.pop("function")
    shown = re.sub(r"'(?:name|registered_name)': '[a-z_0-9]+_?\d*'|<[^>]*0x[^>]*>", "", repr(config))
    shown = re.sub(r"\{'module': 'builtins', 'class_name': 'function', 'config': '(\w+?)(?:_v2)?'[^}]*\}", r"'\1'", shown)  # tf.nn.softmax
    return re.sub(r"(\d)\.0\b", r"\1", shown)  # 1 and 1.0 are the same number.


def auto_name(layer: Any) -> str:
    return str(keras.src.utils.naming.to_snake_case(type(layer).__name__))


def of_shapes(one: Any, other: Any) -> str:
    """What differs in the shapes and the numbers of two models."""
    if one.built != other.built or not one.built:
        return "" if one.built == other.built else f"built: {one.built} for {other.built}"
    if one.input_shape != other.input_shape or [w.shape for w in one.weights] != [w.shape for w in other.weights]:
        return f"shapes {one.input_shape} for {other.input_shape}"
    if one.inputs[0].dtype == "string":
        return ""
    weights = [np.random.default_rng(i).random(w.shape).astype(w.dtype) if "seed" not in w.path else w for i, w in enumerate(one.weights)]
    one.set_weights(weights)
    other.set_weights(weights)
    shape = [dim or (4 if i else 2) for i, dim in enumerate(one.input_shape)]
    data = np.random.default_rng(0).integers(0, 3, shape).astype(one.inputs[0].dtype)
    same = np.array_equal(one(data, training=False), other(data, training=False), equal_nan=True)
    return "" if same else "numbers"


def of_compiling(one: Any, other: Any) -> str:
    """What differs in what two models were compiled with."""
    if one.compiled != other.compiled or not one.compiled:
        return "" if one.compiled == other.compiled else f"compiled: {one.compiled} for {other.compiled}"
    parts = [
        [type(model.optimizer), {**model.optimizer.get_config(), "name": ""}, named(model.loss), metric_names(model)]
        for model in (one, other)
    ]
    return "" if repr(parts[0]) == repr(parts[1]) else f"compile {parts[0]} for {parts[1]}"


def named(thing: Any) -> Any:
    """A loss by its settings, or the name of a function or word."""
    if hasattr(thing, "get_config"):
        return type(thing).__name__, thing.get_config()
    return getattr(thing, "__name__", thing) if not isinstance(thing, str) else keras.losses.get(thing).__name__


def metric_names(model: Any) -> Any:
    """The metrics as they were given to `compile`."""
    given = model._compile_config.config  # noqa: SLF001  # Public lists of them are filled by training only.
    return [[getattr(m, "name", getattr(m, "__name__", m)) for m in given[kind] or []] for kind in ("metrics", "weighted_metrics")]


def outcome_of(piece: Piece, paste: Callable[[str], Any]) -> tuple[str, str]:
    """What became of a piece, in a word, and what is to be said of it."""
    expected, found = as_python(piece.today), paste(piece.code)
    if isinstance(expected, Exception):
        return "not run by Keras", repr(expected)
    if isinstance(found, Exception):
        refused_rightly = bool(piece.only_python) and PYTHON in str(found)
        return "refused rightly" if refused_rightly else "useless", str(found)
    if found is None:
        return "useless", "no model is bound"
    differs = difference(found, expected)
    return "different" if differs else "equal", differs


def main() -> None:
    """Print the counts, and what did not come out equal."""
    notebook_, outcomes = Notebook(), {}
    for piece in pieces():
        if len(sys.argv) < 2 or sys.argv[1] in piece.title:
            outcomes[piece.title] = outcome_of(piece, notebook_.paste)
    for title, (outcome, message) in outcomes.items():
        if outcome != "equal":
            sys.stdout.write(f"--- {outcome}: {title}\n{message}\n")
    sys.stdout.write(f"{dict(Counter(outcome for outcome, _ in outcomes.values()))} of {len(outcomes)}\n")


if __name__ == "__main__":
    main()
