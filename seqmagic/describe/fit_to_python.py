"""The fit line as plain Keras code, which trains on exactly the same rows."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from seqmagic.describe.python_parts import INDENT, WIDEST, path_of, text_to_python
from seqmagic.language import Argument, Call, Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.language.fit_words import BALANCED, STRATIFIED, name_arguments
from seqmagic.measure import is_small_good, judged_in, measure_of
from seqmagic.network.arguments import Names, place
from seqmagic.network.catalogue import CALLBACKS
from seqmagic.network.user_objects import is_value

LEARNED, HELD_OUT = "~held_out", "held_out"
OF_ROWS = ("x", "y", "sample_weight")


def fit_code(step: Step, names: Names, words: Mapping[str, str]) -> tuple[list[str], str]:
    """The call of Keras's `fit` for a fit line, and the lines before it, which need NumPy.

    Args:
        names: the notebook's variables; the form of the labels determines the code for their classes.
        words: that tell in which direction the model's metrics are better; see `judged_in`.
    """
    named = dict(name_arguments(step))
    left_out = ("split", "validation_split") if "split" in named else ()
    before, changed = list(_lines_before(named, names)), _changed(named, names)
    for name in ("keep_weights", "workers"):  # They don't affect the result of training.
        named.pop(name, None)
    goal = {name: named.pop(name) for name in ("until", "patience", "monitor") if name in named}
    arguments = []
    for name, argument in named.items():
        text = changed.pop(name, None) or _option(argument, names)
        arguments += [] if name in left_out else [text if argument.name is None else f"{argument.name.text}={text}"]
    arguments += [f"{name}={text}" for name, text in changed.items()]
    if "patience" in goal and "callbacks" not in named:
        monitor = measure_of(validates=bool({"validation_data", "validation_split"} & set(named)))
        patience = _option(goal.pop("patience"), names)
        mode = ""
        if "monitor" in goal:
            monitor = _option(goal.pop("monitor"), {}).strip("\"'")
            mode = f', mode="{"min" if is_small_good(judged_in(words, monitor)) else "max"}"'  # Keras can't infer it for every metric.
        arguments.append(f'callbacks=[keras.callbacks.EarlyStopping("{monitor}", patience={patience}{mode})]')
    gaps = [f"# Gap: Keras's fit has no option {name}={_option(argument, names)}\n" for name, argument in goal.items()]
    call = f"model.fit({', '.join(arguments)})"
    if before and len(call) > WIDEST:
        call = "model.fit(\n" + "".join(f"{INDENT}{argument},\n" for argument in arguments) + ")"
    return before, "".join(gaps) + call


def _changed(named: Mapping[str, Argument], names: Names) -> dict[str, str]:
    """The arguments that differ from the fit line."""
    changed = {"class_weight": "class_weight"} if is_balanced(named.get("class_weight"), names) else {}
    if "split" not in named:
        return changed
    parts = {name: named[name].value for name in OF_ROWS if name in named}
    rows = {chosen: {name: _rows_of(value, chosen, names) for name, value in parts.items()} for chosen in (LEARNED, HELD_OUT)}
    held_out = ", ".join(rows[HELD_OUT].values())
    return {**rows[LEARNED], "validation_data": f"({held_out}{',' if len(parts) == 1 else ''})", **changed}


def is_balanced(argument: Argument | None, names: Names) -> bool:
    """Whether an argument is the word "balanced", and not a variable of the notebook."""
    value = argument.value if argument is not None else None
    if isinstance(value, Literal):
        return bool(value.value == BALANCED)
    return isinstance(value, Word) and value.text == BALANCED and not isinstance(names.get(BALANCED), Mapping)


def _lines_before(named: Mapping[str, Argument], names: Names) -> Iterator[str]:
    """The code that selects the held-out rows, and computes the class weights."""
    balanced, split = is_balanced(named.get("class_weight"), names), named.get("split")
    way = getattr(split.value, "text", None) or getattr(split.value, "value", None) if split is not None else None
    classes = f"classes = {_classes_in(named['y'].value, names)}" if "y" in named else ""
    share = _option(named["validation_split"], names) if "validation_split" in named else ""
    if way is not None:
        yield from _draw(way, share, _count_rows(named.get("y", named["x"]).value, names), classes)
    if balanced:
        rows = f"classes[{LEARNED}]" if way is not None else f"classes[: int(len(classes) * (1 - {share}))]" if share else "classes"
        yield "# Each class has the same total weight."
        if way != STRATIFIED:
            yield classes
        yield f"numbers, counts = np.unique({rows}, return_counts=True)"
        yield "class_weight = {int(number): counts.sum() / (len(counts) * count) for number, count in zip(numbers, counts)}"
        yield ""
    elif way is not None:
        yield ""


def _draw(way: str, share: str, count: str, classes: str) -> Iterator[str]:
    """The code that draws the held-out rows: the same ones as `draw_held_out`."""
    each = ", in the same proportion from each class" if way == STRATIFIED else ""
    yield f"# The rows held out for validation are drawn at random{each}, the same ones every time."
    yield f"order = np.random.RandomState(0).permutation({count})"
    if way == STRATIFIED:
        yield classes
        yield 'order = order[np.argsort(classes[order], kind="stable")]'
        yield "places = np.concatenate([np.arange(count) / count for count in np.unique(classes, return_counts=True)[1]])"
        yield 'order = order[np.argsort(places, kind="stable")]'
    yield "held_out = np.zeros(len(order), dtype=bool)"
    yield f"held_out[order[: len(order) - int(len(order) * (1 - {share}))]] = True"


def _classes_in(value: Value, names: Names) -> str:
    """Code for the class of each row."""
    text, known = _in_brackets(_written(value, names)), _known(value, names)
    shape = np.shape(known) if known is not None else None
    if shape is None:
        return f"np.argmax({text}, axis=1) if np.ndim({text}) == 2 and np.shape({text})[1] > 1 else np.ravel({text})"
    return f"np.argmax({text}, axis=1)" if len(shape) == 2 and shape[1] > 1 else f"np.ravel({text})"


def _rows_of(value: Value, chosen: str, names: Names) -> str:
    """Code for the selected rows of data; of several arrays, the rows of each."""
    if isinstance(value, Sequence):
        return f"[{', '.join(_rows_of(item, chosen, names) for item in value.items)}]"
    text, known = _in_brackets(_written(value, names)), _known(value, names)
    if isinstance(known, Mapping):
        return f"{{name: part[{chosen}] for name, part in {text}.items()}}"
    if isinstance(known, (list, tuple)):
        are_parts = any(getattr(part, "shape", ()) for part in known)
        return f"[part[{chosen}] for part in {text}]" if are_parts else f"np.array({text})[{chosen}]"
    return f"{text}[{chosen}]"


def _count_rows(value: Value, names: Names) -> str:
    """Code for the number of rows of data."""
    if isinstance(value, Sequence):
        return _count_rows(value.items[0], names)
    text, known = _in_brackets(_written(value, names)), _known(value, names)
    if isinstance(known, Mapping):
        return f"len(next(iter({text}.values())))"
    if isinstance(known, (list, tuple)) and any(getattr(part, "shape", ()) for part in known):
        return f"len({text}[0])"
    return f"len({text})"


def _known(value: Value, names: Names) -> Any:
    return names.get(value.text) if isinstance(value, Word) else None


def _in_brackets(text: str) -> str:
    """Code in brackets, if it needs them in front of an attribute or index."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text
    return text if isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) else f"({text})"


def _option(argument: Argument, names: Names) -> str:
    text = _written(argument.value, names)
    alone = argument.name is not None and argument.name.text == "callbacks" and not isinstance(argument.value, (Sequence, Expression))
    return f"[{text}]" if alone else text


def _written(value: Value, names: Names) -> str:
    """A value of a fit line as Python; words are variables of the notebook, or callbacks of Keras."""
    if isinstance(value, Word):
        found = _callback(value, names)
        return f"{path_of(found)}()" if found is not None and (value.text not in names or inspect.isclass(found)) else value.text
    if isinstance(value, Literal):
        return text_to_python(value.value) if isinstance(value.value, str) else repr(value.value)
    if isinstance(value, Size):
        return repr(value.dims)
    if isinstance(value, Expression):
        return value.code if _is_expression(value.code) else value.text
    if isinstance(value, Call):
        found = _callback(value.word, names)
        if found is None:
            inner = [f"{a.name.text}={_setting(a.value, names)}" if a.name else _setting(a.value, names) for a in value.arguments]
            return f"{value.word.text}({', '.join(inner)})"
        placed = place(value.arguments, found, value.word, names)
        return f"{path_of(found)}({', '.join(f'{name}={_setting(a.value, names)}' for name, a in placed.items())})"
    items = [_written(item, names) for item in value.items] if isinstance(value, Sequence) else []
    listed = isinstance(value, Sequence) and value.listed
    return f"[{', '.join(items)}]" if listed else f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _callback(word: Word, names: Names) -> Any:
    """The class of a callback, from the notebook or from Keras; None for any other word."""
    own = names.get(word.text)
    return own if inspect.isclass(own) else None if word.text in names else CALLBACKS.find(word.text)


def _setting(value: Value, names: Names) -> str:
    """An argument of a callback; a word is a string unless the notebook has a value of that name."""
    if isinstance(value, Word):
        return value.text if inspect.isroutine(names.get(value.text)) or is_value(names.get(value.text)) else text_to_python(value.text)
    return _written(value, names)


def _is_expression(text: str) -> bool:
    """Whether a text is a Python expression on its own."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
