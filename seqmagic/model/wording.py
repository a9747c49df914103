"""The wording: a model that is there already, told in the fewest words of the language."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence as Several
from typing import Any

import keras

from seqmagic.errors import Span
from seqmagic.language import (
    Argument,
    Call,
    Chain,
    Expression,
    Layer,
    Literal,
    Program,
    Repeat,
    Sequence,
    Size,
    Step,
    Unit,
    Value,
    Word,
    parse,
    print_layer,
    print_program,
)
from seqmagic.model.arguments import LAYER_PARAMETERS, PADDINGS, Names
from seqmagic.model.catalogue import ACTIVATIONS, COMMON_LAYER_PARAMETERS, SHORT_LOSSES, parameters_of, short_word, snake
from seqmagic.model.construction import find_layer, make_layer
from seqmagic.model.description import Describer, Gap, Made, Named, config_of, fingerprint, gaps_in, is_automatic, things_in
from seqmagic.model.isolation import work_apart

NOWHERE = Span(0, 0, 0)
WORD = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
CONSTANTS = ("true", "false", "none")
# A window that is the same along each axis is told as one number; a kernel as people write it, 3x3.
SAME_ALONG_AXES = {"strides", "pool_size", "size", "dilation_rate", "padding", "cropping", "output_size"}
TOLD_FIRST = {"pool_size", "size", "padding", "cropping", "learning_rate", "l1", "l2", "value"}  # Not required, and told without a name.
LONGEST_REPEAT = 64  # Layers; longer pieces are not looked for.


def to_text(model: keras.Sequential, names: Names | None = None) -> str:
    """A model as text in seqmagic's language: what is Keras's default is left out, and repetition is found.

    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((784,)), layers.Dense(64, "relu"), layers.Dense(64, "relu"), layers.Dense(10, "softmax")])
    >>> print(to_text(model), end="")
    input 784
    dense 64 relu * 2
    dense 10 softmax
    >>> print(to_text(keras.Sequential([layers.Dense(3, activation=lambda x: x * x)])), end="")
    # Gap in layer 1, Dense: a Python function without a name (lambda)
    dense 3 activation={...}

    model: any Sequential, built or not, from wherever; a compiled one is told with its compile line.
    names: the notebook's own layers and functions, by the names that a text would use for them.

    What can't be said stands as {...} in the text, with the reason above it. Names that Keras gave to layers are left out.
    """
    program, gaps = to_program(model, names)
    return "".join(f"# {gap}\n" for gap in gaps) + print_program(program)


def to_program(model: keras.Sequential, names: Names | None = None) -> tuple[Program, list[str]]:
    """A model as a parsed program, and a sentence for each gap in it."""
    if not isinstance(model, keras.Sequential):
        raise TypeError(f"{type(model).__name__} is no keras.Sequential.")
    return work_apart(lambda: _tell(model, Describer(names)))


def _tell(model: keras.Sequential, describer: Describer) -> tuple[Program, list[str]]:
    inputs = input_of(model)
    telling = Telling(ranked=inputs is None)
    described = [describer.layer(layer) for layer in model.layers]
    lines = [telling.layer(part) for part in described]
    gaps = [
        f"Gap in layer {number}, {type(layer).__name__}: {gap.reason}"
        for number, (layer, part) in enumerate(zip(model.layers, described, strict=True), 1)
        for gap in gaps_in(part)
    ]
    gaps += [
        f"Gap in layer {number}, {part.target.__name__}: these words come to other settings"
        for number, part in enumerate(described, 1)
        if isinstance(part, Made) and not gaps_in(part) and not _reads_the_same(part)
    ]
    compiled, more = _compile_step(model, describer, telling)
    first = [_input_line(inputs)] if inputs else []
    return Program((*first, *_fold(lines)), compiled), gaps + more


def input_of(model: keras.Sequential) -> dict[str, Any] | None:
    """The settings of a model's input layer, or None when it has none."""
    # A Sequential's own `layers` leave its input layer out; those of any model have it.
    first = next(iter(keras.Model.layers.fget(model)), None)
    return first.get_config() if isinstance(first, keras.layers.InputLayer) else None


def _input_line(config: dict[str, Any]) -> Layer:
    batch, *shape = config["batch_shape"]
    arguments = [_positional(_size(tuple(shape)))]
    if batch is not None:
        arguments.append(_named("batch", Literal(batch, NOWHERE)))
    if config["dtype"] != keras.config.floatx():
        arguments.append(_named("dtype", _word(config["dtype"])))
    if config.get("sparse"):
        arguments.append(_named("sparse", Literal(True, NOWHERE)))  # noqa: FBT003
    return _line(_word("input"), arguments, None if is_automatic(config["name"], keras.layers.InputLayer) else config["name"])


def _reads_the_same(part: Made) -> bool:
    """Whether a layer's line, read again, makes the same layer."""
    # With its rank told, for nothing flows in here.
    written = print_layer(Telling(ranked=True).layer(Made(part.target, part.arguments)))
    try:
        (line,) = parse(written).layers
        made = make_layer(line, find_layer(line, things := things_in(part)), things)
        return fingerprint(config_of(made)) == fingerprint(config_of(part.make()))
    except Exception:  # noqa: BLE001  # Whatever it is, the words don't do.
        return False


class Telling:
    """Turns parts of a description into words.

    ranked: whether words must tell their rank, because nothing that flows in does.
    """

    def __init__(self, *, ranked: bool) -> None:
        self.ranked = ranked

    def layer(self, part: Made | Named | Gap) -> Layer:
        """A layer as a line."""
        if isinstance(part, Gap):
            return _line(Expression("{...}", NOWHERE), ())
        if isinstance(part, Named):
            return _line(_word(part.name), ())
        if part.target is keras.Sequential:
            return _line(_word("sequential"), self._nested(part), part.name)
        inner = next((part.arguments[name] for name in LAYER_PARAMETERS if name in part.arguments), None)
        if isinstance(inner, Made) and _is_alone(part, inner):
            line = self.layer(inner)
            return _line(self._layer_word(part.target), (_positional(line.word), *line.arguments), part.name)
        return _line(self._layer_word(part.target), self._arguments(part), part.name)

    def _layer_word(self, target: Any) -> Word:
        own = not target.__module__.startswith("keras.")
        return _word(target.__name__ if own else short_word(target.__name__, ranked=self.ranked))

    def _nested(self, part: Made) -> list[Argument]:
        # Inside brackets the rank that flows in is not followed from layer to layer.
        inside = Telling(ranked=True)
        lines = [inside.layer(layer) for layer in part.arguments["layers"]]
        units = _fold(lines)
        more = [_named("trainable", Literal(False, NOWHERE))] if "trainable" in part.arguments else []  # noqa: FBT003
        if len(units) > 1 or (units and (isinstance(units[0], Repeat) or units[0].arguments)):
            return [_positional(Chain(units, NOWHERE)), *more]
        return [_positional(Sequence(tuple(line.word for line in lines), NOWHERE, listed=True)), *more]

    def _arguments(self, part: Made, *, beside: bool = True) -> list[Argument]:
        """A thing's arguments: the first ones by their place, then words that need no name, then the others by name.

        beside: whether they stand side by side; in the brackets of a call only the first ones go without a name.
        """
        parameters = parameters_of(part.target)
        left = dict(part.arguments)
        told: list[Argument] = []
        for name, parameter in parameters.items():
            first = parameter.default is inspect.Parameter.empty or name in TOLD_FIRST
            if name not in left or not first or parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                break
            told.append(_positional(self.value(left.pop(name), name)))
        bare = {name: self._bare(name, left[name], parameters[name]) for name in left} if beside else {}
        words = [word for name in sorted(bare, key=lambda name: name != "activation") if (word := bare[name]) is not None]
        named = [_named(name, self.value(value, name)) for name, value in left.items() if bare.get(name) is None]
        return [*told, *words, *named]

    def _bare(self, name: str, value: Any, parameter: inspect.Parameter) -> Argument | None:
        """The one word that says an argument without its name, if there is one."""
        if value is True and parameter.default is False and name not in COMMON_LAYER_PARAMETERS:
            return _positional(_word(name))
        if name == "padding" and value in PADDINGS:
            return _positional(_word(value))
        if name == "activation" and isinstance(value, str) and ACTIVATIONS.find(value):
            return _positional(_word(value))
        return _positional(_word(value.name)) if name == "activation" and isinstance(value, Named) else None

    def value(self, part: Any, name: str) -> Value:
        """A value as it is written for the parameter of that name."""
        if isinstance(part, Gap):
            return Expression("{...}", NOWHERE)
        if isinstance(part, Named):
            return _word(part.name)
        if isinstance(part, Made):
            return self._made(part)
        if isinstance(part, (list, tuple)):
            return self._several(part, name)
        if isinstance(part, str) and WORD.fullmatch(part) and part.lower() not in CONSTANTS:
            return _word(part)
        return Expression(repr(part), NOWHERE) if isinstance(part, dict) else Literal(part, NOWHERE)

    def _made(self, part: Made) -> Value:
        if part.target is keras.layers.StackedRNNCells:
            return self._several(part.arguments["cells"], "cells")
        if issubclass(part.target, keras.layers.Layer):
            line = self.layer(part)
            if part.target is keras.Sequential or not isinstance(line.word, Word):
                return Call(_word("sequential"), line.arguments, NOWHERE)
            return Call(line.word, tuple(self._arguments(part)), NOWHERE) if line.arguments else line.word
        word = _word(snake(part.target.__name__) if part.target.__module__.startswith("keras.") else part.target.__name__)
        arguments = tuple(self._arguments(part, beside=False))
        return Call(word, arguments, NOWHERE) if arguments else word

    def _several(self, part: Several[Any], name: str) -> Value:
        if name in SAME_ALONG_AXES and _alike(part) is not None:
            return Literal(_alike(part), NOWHERE)
        if name == "kernel_size" and len(part) == 1:
            return Literal(part[0], NOWHERE)
        is_size = len(part) > 1 and all(item is None or (type(item) is int and item >= 0) for item in part) and isinstance(part, tuple)
        if is_size:
            return _size(tuple(part))
        return Sequence(tuple(self.value(item, name) for item in part), NOWHERE, listed=isinstance(part, list))


def _alike(part: Any) -> int | None:
    """The one number that every item is, also inside pairs: ((1, 1), (1, 1)) is 1."""
    items = {_alike(item) if isinstance(item, (list, tuple)) else item for item in part}
    only = items.pop() if len(items) == 1 else None
    return only if type(only) is int else None


def _is_alone(wrapper: Made, inner: Made) -> bool:
    """Whether all that is said in a wrapper's line is meant for the layer inside: `bidirectional lstm 32 return_sequences`."""
    plain = not set(inner.arguments) & set(COMMON_LAYER_PARAMETERS) and inner.target is not keras.Sequential
    return (
        plain
        and len(wrapper.arguments) == 1
        and not any(isinstance(value, Made) and issubclass(value.target, keras.layers.Layer) for value in inner.arguments.values())
    )


def _fold(lines: Several[Layer]) -> tuple[Unit, ...]:
    """Find what comes several times in a row: where most is saved first, and within that again."""
    units: list[Unit] = []
    at = 0
    while at < len(lines):
        size, count = _longest_repeat(lines, at)
        if count > 1:
            piece = lines[at : at + size]
            units.append(Repeat(tuple(piece) if size == 1 else _fold(piece), Literal(count, NOWHERE), NOWHERE))
        else:
            units.append(lines[at])
        at += size * count
    return tuple(units)


def _longest_repeat(lines: Several[Layer], at: int) -> tuple[int, int]:
    best = (1, 1)
    for size in range(1, min(LONGEST_REPEAT, (len(lines) - at) // 2) + 1):
        count = 1
        while lines[at : at + size] == lines[at + size * count : at + size * (count + 1)]:
            count += 1
        if size * (count - 1) > best[0] * (best[1] - 1):
            best = (size, count)
    return best


def compile_step(model: keras.Model) -> Step | None:
    """The compile line of a model, or None where it has none, or not all of it can be said."""
    step, gaps = work_apart(lambda: _compile_step(model, Describer(), Telling(ranked=True)))
    return None if gaps else step


def _compile_step(model: keras.Model, describer: Describer, telling: Telling) -> tuple[Step | None, list[str]]:
    """The compile line of a compiled model."""
    parts = compile_parts(model, describer)
    if parts is None:
        return None, []
    told = [_spoken(metric, telling) for metric in parts.pop("metrics")]
    gaps = [f"Gap in the compile line: {gap.reason}" for gap in gaps_in(list(parts.values()))]
    arguments = [_positional(telling.value(parts.pop("optimizer"), "optimizer"))]
    loss = parts.pop("loss")
    if loss is not None:
        arguments += [_positional(_spoken(loss, telling)), *map(_positional, told)]
    elif told:
        arguments.append(_named("metrics", Sequence(tuple(told), NOWHERE)))
    arguments += [_named(name, telling.value(value, name)) for name, value in parts.items()]
    return Step(_word("compile"), tuple(arguments), "", NOWHERE), gaps


def _spoken(part: Any, telling: Telling) -> Value:
    """A loss or metric: an object without arguments keeps its brackets, for the bare word is the function of that name."""
    if isinstance(part, str):
        part = next((short for short, name in SHORT_LOSSES.items() if name == part), part)
    value = telling.value(part, "")
    return Call(value, (), NOWHERE) if isinstance(part, Made) and isinstance(value, Word) else value


def compile_parts(model: keras.Model, describer: Describer) -> dict[str, Any] | None:
    """What a model was compiled with, as parts of a description; None when it wasn't."""
    config = model.get_compile_config() if model.compiled else None
    if not config:
        return None
    parts = {"optimizer": describer.object(model.optimizer), "loss": describer.value(config.get("loss"), model.loss)}
    parts["metrics"] = describer.value(config.get("metrics") or [])
    for name, default in (("loss_weights", None), ("weighted_metrics", None), ("run_eagerly", False), ("steps_per_execution", 1)):
        if config.get(name, default) != default:
            parts[name] = describer.value(config[name])
    return parts


def _word(text: str) -> Word:
    return Word(text, NOWHERE)


def _size(shape: tuple[int | None, ...]) -> Value:
    return (
        Literal(shape[0], NOWHERE) if len(shape) == 1 and shape[0] is not None else Size(shape, NOWHERE) if shape else Sequence((), NOWHERE)
    )


def _positional(value: Value) -> Argument:
    return Argument(value, None, NOWHERE)


def _named(name: str, value: Value) -> Argument:
    return Argument(value, _word(name), NOWHERE)


def _line(word: Word | Expression, arguments: Several[Argument], name: str | None = None) -> Layer:
    """A line; a name that is a word becomes its label."""
    labelled = name is not None and WORD.fullmatch(name) and "." not in name
    more = (_named("name", Literal(name, NOWHERE)),) if name is not None and not labelled else ()
    label = _word(name) if labelled and name is not None else None
    return Layer(word, (*arguments, *more), "", NOWHERE, label)
