"""Python code: a model that is there already, as the plain Keras that a good course would print."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, count
from types import ModuleType
from typing import Any

import keras

from seqmagic.language import Argument, Call, Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.measure import measure_of
from seqmagic.model.arguments import Names, place
from seqmagic.model.boundary import NAMES, WHOLE, instance_of, raises_ours
from seqmagic.model.catalogue import CALLBACKS, parameters_of, snake
from seqmagic.model.compiled import compile_parts
from seqmagic.model.configs import is_automatic
from seqmagic.model.description import Describer, Gap, Made, Named, gaps_in, things_in
from seqmagic.model.graph import layers_in_line
from seqmagic.model.graph_names import graph_name, is_graph_name
from seqmagic.model.isolation import work_apart
from seqmagic.model.ownership import is_value
from seqmagic.model.wording import SEQUENTIAL, input_of, remarks_on

WIDEST = 100
INDENT = "    "
# Where Keras keeps what a model is made of, and how code calls those places.
MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("layers", keras.layers),
    ("keras.optimizers", keras.optimizers),
    ("keras.optimizers.schedules", keras.optimizers.schedules),
    ("keras.losses", keras.losses),
    ("keras.metrics", keras.metrics),
    ("keras.initializers", keras.initializers),
    ("keras.regularizers", keras.regularizers),
    ("keras.constraints", keras.constraints),
    ("keras.callbacks", keras.callbacks),
    ("keras", keras),
)


@raises_ours(model=SEQUENTIAL, names=NAMES, fit=instance_of("a fit line that was read", Step), seed=WHOLE)
def to_python(model: keras.Sequential, names: Names | None = None, *, fit: Step | None = None, seed: int | None = None) -> str:
    """A model as Python code that makes it again with plain Keras.

    >>> print(to_python(keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax")], name="digits")), end="")
    import keras
    from keras import layers
    <BLANKLINE>
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )

    model: any Sequential; a compiled one with its compile call.
    names: the notebook's own layers and functions, by their names; the code uses them and says so.
    fit: a parsed fit line, for a fit call at the end.
    seed: makes the code set this seed first.

    What can't be said is `...` in the code, with the reason in a comment: such code does not run before the gap is filled.
    """
    parts, compiled = work_apart(lambda: _describe(model, Describer(names)))
    renamed = {model.name: graph_name(model.name)}
    parts = _with_graph_names(parts, renamed)
    lines = ["import keras", "from keras import layers", ""]
    own = things_in([*parts, *(compiled or {}).values()])
    lines += [f"# {', '.join(sorted(own))}: your own, from the notebook"] if own else []
    lines += [f"# Gap: {gap.reason}" for gap in gaps_in([*parts, *(compiled or {}).values()])]
    lines += [f"# {sentence}" for sentence in remarks_on(model, parts)]
    told = ", ".join(f"{name} is {other}" for name, other in renamed.items() if name != other)
    lines += [f"# {told}: plain Keras can't train what has other names than letters a to z, digits, - and _"] if told else []
    lines += [f"keras.utils.set_random_seed({seed})", ""] if seed is not None else []
    lines += [f"{name}.trainable = False" for name, thing in own.items() if isinstance(thing, keras.Layer) and not thing.trainable]
    lines += [f"model = {_sequential(input_of(model), [_unadapted(part) for part in parts], model)}"]
    lines += [f"model.layers[{index}].adapt(...)" for index, part in enumerate(parts) if part is not _unadapted(part)]
    if compiled is not None:
        lines += ["", _compile(compiled)]
    if fit is not None:
        lines += ["", _fit(fit, names or {})]
    return "\n".join([*lines, ""])


def _with_graph_names(part: Any, renamed: dict[str, str]) -> Any:
    """A part of a description in which every name is one that plain Keras can train.

    renamed: gets each name with what it became.
    """
    if isinstance(part, (list, tuple)):
        return type(part)(_with_graph_names(item, renamed) for item in part)
    if not isinstance(part, Made):
        return part
    arguments = {key: _with_graph_names(value, renamed) for key, value in part.arguments.items()}
    name = part.name
    if name is None and not is_graph_name(part.target.__name__):
        # Keras would make one of its class's, and count them.
        kind = snake(part.target.__name__)
        name = next(one for one in chain([kind], (f"{kind}_{number}" for number in count(1))) if one not in renamed)
    if name is not None and name not in renamed:
        other, taken = graph_name(name), set(renamed.values())
        renamed[name] = next(one for one in chain([other], (f"{other}_{number}" for number in count(1))) if one not in taken)
    return replace(part, arguments=arguments, name=name and renamed[name])


def _describe(model: keras.Sequential, describer: Describer) -> tuple[list[Any], dict[str, Any] | None]:
    return [describer.layer(layer) for layer in layers_in_line(model) or []], compile_parts(model, describer)


def _unadapted(part: Any) -> Any:
    """A layer without the data that it looks at first: Keras's classes take none, their method `adapt` does."""
    if not isinstance(part, Made) or "adapt" not in part.arguments:
        return part
    return Made(part.target, {name: value for name, value in part.arguments.items() if name != "adapt"}, part.name)


def _sequential(inputs: dict[str, Any] | None, parts: list[Any], model: keras.Sequential) -> str:
    layers = [*([_input(inputs)] if inputs else []), *(code(part, 2) for part in parts)]
    body = "".join(f"{INDENT * 2}{layer},\n" for layer in layers)
    name = "" if is_automatic(model.name, keras.Sequential) else f"{INDENT}name={_text(graph_name(model.name))},\n"
    listed = f"[\n{body}{INDENT}]" if layers else "[]"
    return f"keras.Sequential(\n{INDENT}{listed},\n{name})"


def _input(config: dict[str, Any]) -> str:
    batch, *shape = config["batch_shape"]
    more = [f"batch_size={batch}"] if batch is not None else []
    more += [f"dtype={_text(config['dtype'])}"] if config["dtype"] != keras.config.floatx() else []
    more += [f"{kind}=True" for kind in ("sparse", "ragged") if config.get(kind)]
    more += [] if is_automatic(config["name"], keras.layers.InputLayer) else [f"name={_text(config['name'])}"]
    return f"keras.Input({', '.join([repr(tuple(shape)), *more])})"


def _compile(parts: dict[str, Any]) -> str:
    told = {name: code(part, 1) for name, part in parts.items() if part is not None and part != []}
    optimizer = parts["optimizer"]
    if isinstance(optimizer, Made) and not optimizer.arguments and _is_found_as(optimizer.target.__name__.lower(), optimizer.target):
        told["optimizer"] = _text(optimizer.target.__name__.lower())  # As one writes it where there is nothing to set.
    return "model.compile(\n" + "".join(f"{INDENT}{name}={text},\n" for name, text in told.items()) + ")"


def _is_found_as(word: str, target: Any) -> bool:
    """Whether Keras finds an optimizer by a string: not all of them."""
    try:
        return type(keras.optimizers.get(word)) is target
    except ValueError:
        return False


def _fit(step: Step, names: Names) -> str:
    named = {a.name.text: a for a in step.arguments if a.name}
    goal = {name: named.pop(name) for name in ("until", "patience") if name in named}
    if "patience" in goal and "callbacks" not in named:
        monitor = measure_of(validates=bool({"validation_data", "validation_split"} & set(named)))
        stopping = f'keras.callbacks.EarlyStopping("{monitor}", patience={_option(goal.pop("patience"), names)})'
    else:
        stopping = ""
    kept = [a for a in step.arguments if not a.name or a.name.text in named]
    arguments = [(f"{a.name.text}=" if a.name else "") + _option(a, names) for a in kept]
    arguments += [f"callbacks=[{stopping}]"] if stopping else []
    gaps = [f"# Gap: Keras's fit has no option {name}={_option(argument, names)}\n" for name, argument in goal.items()]
    return "".join(gaps) + f"model.fit({', '.join(arguments)})"


def _option(argument: Argument, names: Names) -> str:
    text = _written(argument.value, names)
    alone = argument.name is not None and argument.name.text == "callbacks" and not isinstance(argument.value, (Sequence, Expression))
    return f"[{text}]" if alone else text


def _written(value: Value, names: Names) -> str:
    """A value of a fit line as Python; the words are the notebook's variables, or callbacks of Keras."""
    if isinstance(value, Word):
        found = _callback(value, names)
        return f"{_path(found)}()" if found is not None and (value.text not in names or inspect.isclass(found)) else value.text
    if isinstance(value, Literal):
        return _text(value.value) if isinstance(value.value, str) else repr(value.value)
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
        return f"{_path(found)}({', '.join(f'{name}={_setting(a.value, names)}' for name, a in placed.items())})"
    items = [_written(item, names) for item in value.items] if isinstance(value, Sequence) else []
    listed = isinstance(value, Sequence) and value.listed
    return f"[{', '.join(items)}]" if listed else f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _callback(word: Word, names: Names) -> Any:
    """The class of a callback, the notebook's own or Keras's; None for a word that is neither."""
    own = names.get(word.text)
    return own if inspect.isclass(own) else None if word.text in names else CALLBACKS.find(word.text)


def _setting(value: Value, names: Names) -> str:
    """A value in the brackets of a callback, where a word is a text unless the notebook has a value of that name."""
    if isinstance(value, Word):
        return value.text if inspect.isroutine(names.get(value.text)) or is_value(names.get(value.text)) else _text(value.text)
    return _written(value, names)


def _is_expression(text: str) -> bool:
    """Whether a text is a Python expression by itself; {0: 1.0} is one only with its brackets."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def code(part: Any, depth: int = 0) -> str:
    """A part of a description as a Python expression.

    depth: how deep its line is indented, for one that needs several lines.
    """
    if isinstance(part, Gap):
        return "..."
    if isinstance(part, Named):
        return part.name if part.thing is None or not inspect.isroutine(part.thing) else _path(part.thing)
    if isinstance(part, Made):
        return _made(part, depth)
    if isinstance(part, (list, tuple)):
        items = ", ".join(code(item, depth) for item in part)
        return f"[{items}]" if isinstance(part, list) else f"({items}{',' if len(part) == 1 else ''})"
    return _text(part) if isinstance(part, str) else _number(part)


def _made(part: Made, depth: int) -> str:
    if part.target is keras.Sequential:
        inner = INDENT * (depth + 1)
        layers = "".join(f"{inner}{INDENT}{code(layer, depth + 2)},\n" for layer in part.arguments["layers"])
        more = "".join(f"{inner}{text},\n" for text in _settings(part))
        return f"keras.Sequential(\n{inner}[\n{layers}{inner}],\n{more}{INDENT * depth})"
    arguments = list(_arguments(part, depth))
    whole = f"{_path(part.target)}({', '.join(arguments)})"
    if len(whole) + len(INDENT) * depth <= WIDEST:
        return whole
    inner = INDENT * (depth + 1)
    return f"{_path(part.target)}(\n" + "".join(f"{inner}{argument},\n" for argument in arguments) + f"{INDENT * depth})"


def _settings(part: Made) -> list[str]:
    more = [f"{name}={code(value)}" for name, value in part.arguments.items() if name != "layers"]
    return [*more, f"name={_text(part.name)}"] if part.name is not None else more


def _arguments(part: Made, depth: int) -> Iterator[str]:
    """The required arguments by their place as long as none is left out, the others by name."""
    by_place = True
    for name, parameter in parameters_of(part.target).items():
        required = parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        by_place = by_place and required and name in part.arguments
        if name in part.arguments:
            yield ("" if by_place else f"{name}=") + code(part.arguments[name], depth + 1)
    if part.name is not None:
        yield f"name={_text(part.name)}"


def _path(target: Callable[..., Any]) -> str:
    """How code reaches a class: layers.Dense, keras.optimizers.Adam, or the bare name of the notebook's own."""
    if target.__module__.startswith("keras."):
        for place_name, module in MODULES:
            if getattr(module, target.__name__, None) is target:
                return f"{place_name}.{target.__name__}"
            alias = next((name for name in dir(module) if getattr(module, name) is target), None)
            if alias:
                return f"{place_name}.{alias}"
        for place_name, module in vars(keras).items():
            if isinstance(module, ModuleType) and getattr(module, target.__name__, None) is target:
                return f"keras.{place_name}.{target.__name__}"
    return target.__name__


def _number(value: Any) -> str:
    text = repr(value)
    return f"float({text!r})" if text in ("inf", "-inf", "nan") else text


def _text(value: str) -> str:
    return f'"{value}"' if value.isprintable() and not set('"\\') & set(value) else repr(value)
