"""Compile lines from all of Keras, for properties that must hold for each of them."""

from __future__ import annotations

import inspect
from typing import Any

from hypothesis import strategies as st

from seqmagic.network.catalogue import LOSSES, METRICS, snake
from tests.support.compile_cases import classes_of, made, other_value, parameters


def format_value(value: Any) -> str:
    """A value as written in the language."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(format_value, value))}]" if isinstance(value, list) else str(value)


@st.composite
def calls(draw: Any, kind: str) -> str:
    """An object of a kind with some of its arguments."""
    target = draw(st.sampled_from(classes_of(kind)))
    known = parameters(target)
    required = {name: other_value(p) for name, p in known.items() if p.default is p.empty}
    others = {name: other_value(p) for name, p in known.items() if name not in (*required, "name")}
    usable = [name for name, value in others.items() if value is not None]
    chosen = draw(st.lists(st.sampled_from(usable), max_size=3, unique=True)) if usable else []
    arguments = {**required, **{name: others[name] for name in chosen}}
    if kind == "optimizer" and draw(st.booleans()):
        return f"{snake(target.__name__)}({draw(calls('schedule'))})"
    if made(target, arguments) is None:
        arguments = required
    return f"{snake(target.__name__)}({', '.join(f'{name}={format_value(value)}' for name, value in arguments.items())})"


def functions(registry: Any) -> list[str]:
    """The words of a registry that name a function."""
    return sorted(word for word in registry.words() if registry.function_name(word) is not None and not inspect.isclass(word))


losses = calls("loss") | st.sampled_from(functions(LOSSES))
metrics = calls("metric") | st.sampled_from([*functions(METRICS), "mse", "accuracy"])
lines = st.builds(
    lambda optimizer, loss, several: " ".join(["compile", optimizer, loss, *several]),
    calls("optimizer"),
    losses,
    st.lists(metrics, max_size=2, unique=True),
)
