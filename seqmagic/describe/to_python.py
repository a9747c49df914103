"""Python code: an existing model as plain Keras code, in the style of a good course."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count
from typing import Any

import keras

from seqmagic.describe.compiled import compile_parts
from seqmagic.describe.configs import is_automatic
from seqmagic.describe.fit_to_python import fit_code
from seqmagic.describe.graph import layers_in_line
from seqmagic.describe.inspection import Construct, Describer, gaps_in, things_in
from seqmagic.describe.python_parts import INDENT, code, text_to_python
from seqmagic.describe.to_text import SEQUENTIAL, input_of, remarks_on
from seqmagic.errors.boundary import NAMES, WHOLE, instance_of, raises_ours
from seqmagic.language import Step
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import snake
from seqmagic.network.graph_names import graph_name, is_graph_name
from seqmagic.network.metric_direction import words_of
from seqmagic.network.own_thread import work_apart


@raises_ours(model=SEQUENTIAL, names=NAMES, fit=instance_of("a fit line that was read", Step), seed=WHOLE)
def to_python(model: keras.Sequential, names: Names | None = None, *, fit: Step | None = None, seed: int | None = None) -> str:
    """Return Python code that recreates a model with plain Keras.

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

    Parts that can't be expressed appear as `...`, with the reason in a comment; such code does not run until you fill them in.

    Args:
        model: any Sequential model; if it is compiled, the code includes the compile call.
        names: the notebook's own layers and functions, keyed by their names; the code uses them and says so.
        fit: a parsed fit line, to add a fit call at the end.
        seed: a seed that the code sets first.

    Returns:
        The code, which assigns the model to `model`.

    Raises:
        ArgumentError: If the model is not a plain stack of layers.
    """
    parts, compiled = work_apart(lambda: _describe(model, Describer(names)))
    renamed = {model.name: graph_name(model.name)}
    parts = _with_graph_names(parts, renamed)
    lines = ["import keras", "from keras import layers", ""]
    own = things_in([*parts, *(compiled or {}).values()])
    lines += [f"# {', '.join(sorted(own))}: your own, from the notebook"] if own else []
    lines += [f"# Gap: {gap.reason}" for gap in gaps_in([*parts, *(compiled or {}).values()])]
    lines += [f"# {sentence}" for sentence in remarks_on(model, parts)]
    changed = ", ".join(f"{name} is {other}" for name, other in renamed.items() if name != other)
    lines += [f"# {changed}: plain Keras can't train what has other names than letters a to z, digits, - and _"] if changed else []
    lines += [f"keras.utils.set_random_seed({seed})", ""] if seed is not None else []
    lines += [f"{name}.trainable = False" for name, thing in own.items() if isinstance(thing, keras.Layer) and not thing.trainable]
    lines += [f"model = {_sequential(input_of(model), [_unadapted(part) for part in parts], model)}"]
    lines += [f"model.layers[{index}].adapt(...)" for index, part in enumerate(parts) if part is not _unadapted(part)]
    if compiled is not None:
        lines += ["", _compile(compiled)]
    if fit is not None:
        before, call = fit_code(fit, names or {}, words_of(model))
        lines[1:1] = ["import numpy as np"] if before else []
        lines += ["", *before, call]
    return "\n".join([*lines, ""])


def _with_graph_names(part: Any, renamed: dict[str, str]) -> Any:
    """A part of a description with all names replaced by ones that plain Keras can train.

    Args:
        renamed: filled with the new name for each name.
    """
    if isinstance(part, (list, tuple)):
        return type(part)(_with_graph_names(item, renamed) for item in part)
    if not isinstance(part, Construct):
        return part
    arguments = {key: _with_graph_names(value, renamed) for key, value in part.arguments.items()}
    name = part.name
    if name is None and not is_graph_name(part.target.__name__):
        # Keras would derive the name from the class name, which is not allowed in the graph either.
        kind = snake(part.target.__name__)
        name = next(one for one in chain([kind], (f"{kind}_{number}" for number in count(1))) if one not in renamed)
    if name is not None and name not in renamed:
        other, taken = graph_name(name), set(renamed.values())
        renamed[name] = next(one for one in chain([other], (f"{other}_{number}" for number in count(1))) if one not in taken)
    return replace(part, arguments=arguments, name=name and renamed[name])


def _describe(model: keras.Sequential, describer: Describer) -> tuple[list[Any], dict[str, Any] | None]:
    return [describer.layer(layer) for layer in layers_in_line(model) or []], compile_parts(model, describer)


def _unadapted(part: Any) -> Any:
    """A layer without the data for `adapt`: Keras's classes don't take it; the code calls their method `adapt`."""
    if not isinstance(part, Construct) or "adapt" not in part.arguments:
        return part
    return Construct(part.target, {name: value for name, value in part.arguments.items() if name != "adapt"}, part.name)


def _sequential(inputs: dict[str, Any] | None, parts: list[Any], model: keras.Sequential) -> str:
    layers = [*([_input(inputs)] if inputs else []), *(code(part, 2) for part in parts)]
    body = "".join(f"{INDENT * 2}{layer},\n" for layer in layers)
    name = "" if is_automatic(model.name, keras.Sequential) else f"{INDENT}name={text_to_python(graph_name(model.name))},\n"
    listed = f"[\n{body}{INDENT}]" if layers else "[]"
    return f"keras.Sequential(\n{INDENT}{listed},\n{name})"


def _input(config: dict[str, Any]) -> str:
    batch, *shape = config["batch_shape"]
    more = [f"batch_size={batch}"] if batch is not None else []
    more += [f"dtype={text_to_python(config['dtype'])}"] if config["dtype"] != keras.config.floatx() else []
    more += [f"{kind}=True" for kind in ("sparse", "ragged") if config.get(kind)]
    more += [] if is_automatic(config["name"], keras.layers.InputLayer) else [f"name={text_to_python(config['name'])}"]
    return f"keras.Input({', '.join([repr(tuple(shape)), *more])})"


def _compile(parts: dict[str, Any]) -> str:
    arguments = {name: code(part, 1) for name, part in parts.items() if part is not None and part != []}
    optimizer = parts["optimizer"]
    if isinstance(optimizer, Construct) and not optimizer.arguments and _is_found_as(optimizer.target.__name__.lower(), optimizer.target):
        arguments["optimizer"] = text_to_python(optimizer.target.__name__.lower())  # The usual form without arguments.
    return "model.compile(\n" + "".join(f"{INDENT}{name}={text},\n" for name, text in arguments.items()) + ")"


def _is_found_as(word: str, target: Any) -> bool:
    """Whether Keras finds an optimizer by its string; some are missing."""
    try:
        return type(keras.optimizers.get(word)) is target
    except ValueError:
        return False
