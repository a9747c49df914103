"""Creating layers: converts a line to a Keras layer, value by value. Nothing in a text is evaluated here."""

from __future__ import annotations

import functools
import inspect
import numbers
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras

from seqmagic.errors import ArgumentError, LanguageError, Span, UnknownNameError
from seqmagic.language import Argument, Call, Chain, Expression, Layer, Literal, Sequence, Size, Value, Word, units_of
from seqmagic.network.adapt import data_to_adapt
from seqmagic.network.arguments import NOTEBOOK_PARAMETERS, Names, place
from seqmagic.network.catalogue import ACTIVATIONS, LAYERS, NOT_IN_A_SEQUENCE, RANK_LESS, normalize, parameters_of, registry_of_parameter
from seqmagic.network.expressions import look_up
from seqmagic.network.known_networks import explain_network
from seqmagic.network.notebook_layers import Given, GivenFunction, GivenPartial
from seqmagic.network.user_objects import is_value, own_thing
from seqmagic.network.value_ranges import check_range, check_text, check_truth
from seqmagic.translation import gettext, gettext_noop

STACK = re.compile(r"\x1b\[[0-9;]*m")
LAST_LINES = ("compile", "fit", "seed")
LISTS_OF_LAYERS = ("layers", "cells")
CELLS = ("cell", "cells")
TEXTS = {"name", "mode", "merge_mode", "data_format", "interpolation", "fill_mode", "output_mode", "equation", "monitor", "dtype"}
DATA_PARAMETERS = ("adapt", "weights")  # Their values are variables, never words of Keras.
FILE_PARAMETERS = ("vocabulary",)  # For these Keras takes a string as a file name.
SHAPES = ("target_shape", "dims")  # Keras takes tuples for these: a single number is a shape with one axis.


def find_layer(layer: Layer, names: Names) -> Callable[..., Any]:
    """What creates the layer of a line: a Keras class, or a class, layer, model or function of the notebook.

    Raises:
        UnknownNameError: At an unknown word.
        ArgumentError: At a layer that can't be part of a Sequential, with the reason.
    """
    if isinstance(layer.word, Expression):
        return _own_layer(look_up(layer.word, names), layer.word.span)
    word = layer.word.text.rpartition(".")[2]
    own = own_thing(word, "layer", names)
    found = LAYERS.find(word)
    # An existing layer takes no settings: a word with settings means Keras's layer.
    if own is not None and (found is None or inspect.isclass(own) or not _has_settings(layer)):
        return _own_layer(own, layer.word.span)
    if found is not None:
        return found
    if inspect.isfunction(names.get(word)) or isinstance(names.get(word), functools.partial):
        return _own_layer(names[word], layer.word.span)
    if word in LAST_LINES:
        problem = gettext("{word!r} is not a layer, so no arrow can lead to it.", word=word)
        raise LanguageError(problem, expected=gettext("a layer after ->, or no arrow before it"), span=layer.span)
    network = explain_network(layer.text, layer.span) or explain_network(layer.word.text, layer.word.span)
    if network is not None:
        raise network
    own_layers = [name for name in names if own_thing(name, "layer", names) is not None]
    raise LAYERS.unknown(layer.word.text, layer.word.span, [*RANK_LESS, *own_layers, "input", *LAST_LINES])


def _has_settings(layer: Layer) -> bool:
    return any(argument.name is None or argument.name.text != "trainable" for argument in layer.arguments)


def _own_layer(thing: Any, span: Span) -> Callable[..., Any]:
    if isinstance(thing, keras.layers.Layer):
        return Given(thing)
    if isinstance(thing, type) and issubclass(thing, keras.layers.Layer):
        return thing
    if inspect.isfunction(thing):
        return GivenFunction(thing)
    if isinstance(thing, functools.partial) and isinstance(thing.func, type) and issubclass(thing.func, keras.layers.Layer):
        return GivenPartial(thing)
    problem = gettext("A value of type {thing} is not a layer.", thing=type(thing).__name__)
    raise ArgumentError(problem, expected=gettext("a Keras layer, a model, a layer class or a function"), span=span)


def make_layer(layer: Layer, target: Callable[..., Any], names: Names, *, trial: bool = False) -> Any:
    """Create the Keras layer of a line, not yet built; each call creates a new one.

    Args:
        trial: only for trying: copy a layer of the notebook, and adapt to data only if the output shape depends on it.
    """
    word = layer.word if isinstance(layer.word, Word) else Word(layer.word.text, layer.word.span)
    bound = bind(layer.arguments, target, word, names)
    if layer.label is not None:
        if "name" in bound:
            raise ArgumentError(
                gettext("{word!r} is given two names.", word=word.text), expected=gettext("one name"), span=layer.label.span
            )
        bound["name"] = layer.label.text
    data = bound.pop("adapt", None)
    if target is keras.layers.Bidirectional and not hasattr(bound.get("layer"), "go_backwards"):
        problem = gettext(
            "{word!r} reads a sequence in both directions, which {bound} can't do.", word=word.text, bound=type(bound["layer"]).__name__
        )
        raise ArgumentError(problem, expected=gettext("a recurrent layer inside, such as lstm 32"), span=layer.span)
    if target is keras.Sequential and not bound.get("layers"):
        problem = gettext("{word!r} has no layers.", word=word.text)
        raise ArgumentError(problem, expected=gettext("layers in brackets, such as sequential(dense 8 -> dense 4)"), span=layer.span)
    made = construct(target.copy if trial and isinstance(target, Given) else target, bound, layer.span)
    # With output modes such as one_hot the output is as wide as the vocabulary.
    if data is not None and not (trial and getattr(made, "output_mode", "int") == "int"):
        named = next((argument.value for argument in layer.arguments if argument.name is not None and argument.name.text == "adapt"), None)
        name = named.text if isinstance(named, Word) else ""
        construct(made.adapt, {"data": data_to_adapt(made, data, name, layer.span)}, layer.span)
    return made


def bind(arguments: tuple[Argument, ...], target: Callable[..., Any], word: Word, names: Names) -> dict[str, Any]:
    """The written values as Python values, keyed by the parameter of `target` they are for.

    Raises:
        UnknownNameError, ArgumentError: As `place` does, and at an invalid value.
    """
    parameters = parameters_of(target)
    bound: dict[str, Any] = {}
    placed = place(arguments, target, word, names)
    # In Keras's order, because creating an initializer draws a seed: then exported code creates the same weights.
    for name in sorted(placed, key=list(parameters).index):
        argument = placed[name]
        value = convert(argument.value, name, names)
        check_text(value, parameters[name], argument, word, target=target, names=names)
        check_truth(value, parameters[name], argument, word)
        if not (name == "initial_learning_rate" and "warmup_target" in placed and value == 0):  # A warmup may start at 0.
            check_range(value, name, argument, word, target)
        if isinstance(parameters[name].default, float) and type(value) is int:
            value = float(value)  # Some Keras classes refuse 1 where they accept 1.0.
        if name in SHAPES and type(value) is int:
            value = (value,)
        bound[name] = value
    return bound


def convert(value: Value, name: str, names: Names) -> Any:
    """A written value as a Python value, for the parameter of that name."""
    registry = registry_of_parameter(name)
    if isinstance(value, Literal):
        if isinstance(value.value, str) and name in FILE_PARAMETERS:
            problem = gettext("{name!r} would be read from a file, which this language doesn't allow.", name=name)
            raise ArgumentError(problem, expected=gettext("a list of words, or a variable of the notebook"), span=value.span)
        if isinstance(value.value, str) and registry is not None:
            # A quoted string means Keras's object, as in Python.
            return _convert_word(Word(value.value, value.span), name, {} if registry.find(value.value) else names)
        return value.value
    if isinstance(value, Size):
        return value.dims
    if isinstance(value, Expression):
        return look_up(value, names)
    if name in LISTS_OF_LAYERS:
        return [_convert_layer(unit, name, names) for unit in units_of(value) if isinstance(unit, Layer)]
    if isinstance(value, Sequence):
        inner = "" if name in FILE_PARAMETERS else name
        items = [convert(item, inner, names) for item in value.items]
        return items if value.listed else tuple(items)
    if isinstance(value, Chain):
        layers = [_convert_layer(unit, name, names) for unit in value.units if isinstance(unit, Layer)]
        return layers[0] if len(layers) == 1 else construct(keras.Sequential, {"layers": layers}, value.span)
    if isinstance(value, Call):
        return _convert_call(value, name, names)
    return _convert_word(value, name, names)


def check_alone(layer: Layer, target: Callable[..., Any]) -> None:
    """Refuse a layer that can't be part of a Sequential, with the reason."""
    if target in NOT_IN_A_SEQUENCE:
        raise ArgumentError(gettext("{word!r} {reason}", word=layer.word.text, reason=gettext(NOT_IN_A_SEQUENCE[target])), span=layer.span)


def _convert_layer(layer: Layer, name: str, names: Names) -> Any:
    if is_input(layer):
        return construct(keras.Input, bind_input(layer, names), layer.span)
    target = find_layer(layer, names)
    if name not in CELLS:
        check_alone(layer, target)
    return make_layer(layer, target, names)


def _convert_word(value: Word, name: str, names: Names) -> Any:
    registry = registry_of_parameter(name)
    if registry is None:
        if value.text in names and (name in NOTEBOOK_PARAMETERS or name.startswith("on_")):
            return names[value.text]
        if name not in TEXTS and is_value(names.get(value.text)):
            return names[value.text]
        if name in (*FILE_PARAMETERS, *DATA_PARAMETERS):
            raise UnknownNameError(gettext_noop("variable"), value.text, names, span=value.span)
        return value.text.rpartition(".")[2] if name == "dtype" else value.text
    if registry is LAYERS:
        return _convert_layer(Layer(value, (), value.text, value.span), name, names)
    own = own_thing(value.text, registry.kind, names)
    if own is not None:
        return construct(own, {}, value.span) if inspect.isclass(own) else own
    found = registry.find(value.text)
    if found is None:
        if value.text in names:
            return names[value.text]
        raise registry.unknown(value.text, value.span)
    if inspect.isclass(found):
        return construct(found, bind((), found, value, names), value.span)
    # Keras serializes an activation by name; the string keeps a model's config the same as with hand-written code.
    return found.__name__ if registry is ACTIVATIONS else found


def _convert_call(value: Call, name: str, names: Names) -> Any:
    registry = registry_of_parameter(name)
    if registry is None:
        raise ArgumentError(gettext("{name!r} can't be a call.", name=name), expected=gettext("a number, size or word"), span=value.span)
    if registry is LAYERS:
        return _convert_layer(Layer(value.word, value.arguments, value.word.text, value.span), name, names)
    own = own_thing(value.word.text, registry.kind, names)
    found = own if inspect.isclass(own) else registry.find(value.word.text)
    if registry is ACTIVATIONS and not inspect.isclass(found) and LAYERS.find(value.word.text):
        found = LAYERS.find(value.word.text)  # An activation with settings is a layer: leaky_relu(0.1).
    if found is None:
        raise registry.unknown(value.word.text, value.word.span)
    return construct(found, bind(value.arguments, found, value.word, names), value.span)


INPUT_WORDS = {"input", "inputlayer"}


def is_input(layer: Layer) -> bool:
    """Whether a line is an input line."""
    return isinstance(layer.word, Word) and normalize(layer.word.text.rpartition(".")[2]) in INPUT_WORDS


def bind_input(layer: Layer, names: Names) -> dict[str, Any]:
    """The arguments of an input line for `keras.Input`.

    Raises:
        ArgumentError: At an invalid shape or batch size.
    """
    if not layer.arguments or not isinstance(layer.word, Word):
        raise _no_shape(layer)
    bound = bind(_with_sizes(layer.arguments, names), _input, layer.word, names)
    batch_shape = bound.pop("batch_shape", None)
    if bound.get("input_shape") is not None:
        bound["shape"] = bound["input_shape"]
    bound.pop("input_shape", None)
    if batch_shape is not None and isinstance(batch_shape, (tuple, list)) and batch_shape:
        bound["batch"], *bound["shape"] = batch_shape
    if "shape" not in bound:
        raise _no_shape(layer)
    if "name" not in bound and layer.label is not None:
        bound["name"] = layer.label.text
    return checked_input(bound, layer.span)


def _with_sizes(arguments: tuple[Argument, ...], names: Names) -> tuple[Argument, ...]:
    """The arguments of an input line, with a variable replaced by its shape of one row: input x_train, input x_train.shape."""
    first = arguments[0].value
    if arguments[0].name is not None or not isinstance(first, Word):
        return arguments
    root, _, part = first.text.partition(".")
    dims = _dims(getattr(names.get(root), "shape", None)) if part in ("", "shape") else ()
    if not dims:
        return arguments
    size = Size(dims[1:] or (1,), first.span)
    return (replace(arguments[0], value=size), *arguments[1:])


def _dims(shape: Any) -> tuple[int | None, ...]:
    """The shape of data, from NumPy, pandas or TensorFlow; () for anything else."""
    try:
        dims = tuple(shape)
    except TypeError:
        return ()
    known = all(dim is None or (isinstance(dim, numbers.Integral) and not isinstance(dim, bool)) for dim in dims)
    return tuple(None if dim is None else int(dim) for dim in dims) if known else ()


def _no_shape(layer: Layer) -> ArgumentError:
    return ArgumentError(gettext("The input line needs the shape of one sample."), instead="input 28x28x1", span=layer.span)


def checked_input(bound: dict[str, Any], span: Span) -> dict[str, Any]:
    """The arguments of an input in the form that `keras.Input` takes, after checking the shape and the batch size."""
    shape = bound["shape"]
    bound["shape"] = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    for dim in bound["shape"]:
        if dim is not None and not _counts(dim):
            shown = "x".join(map(str, bound["shape"]))[:60]
            raise ArgumentError(
                gettext("A sample can't have the shape {shown}.", shown=shown),
                expected=gettext("whole numbers of at least 1, such as 28x28x1"),
                span=span,
            )
    batch = bound.pop("batch", None)
    bound["batch_size"] = bound.get("batch_size") if batch is None else batch
    if bound["batch_size"] is not None and not _counts(bound["batch_size"]):
        raise ArgumentError(
            gettext("The batch size can't be {bound!r}.", bound=bound["batch_size"]),
            expected=gettext("a whole number of at least 1"),
            span=span,
        )
    return bound


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _input(
    shape: Any = None,
    *,
    input_shape: Any = None,
    batch: Any = None,
    batch_size: Any = None,
    batch_shape: Any = None,
    dtype: Any = None,
    sparse: bool = False,
    ragged: bool = False,
    name: Any = None,
) -> None:
    """The arguments of an input line: Keras's own, and `batch` for short."""


def input_parameters() -> dict[str, inspect.Parameter]:
    """The parameters of an input line."""
    return parameters_of(_input)


def construct(target: Callable[..., Any], bound: Mapping[str, Any], span: Span) -> Any:
    """Call Keras, and report its error at the given span.

    A Keras class may raise nearly any exception for a wrong value, so all of them are converted.
    """
    try:
        return target(**bound)
    except Exception as error:
        raise ArgumentError(first_sentence(error), span=span) from error


def first_sentence(error: BaseException) -> str:
    """The first paragraph of a Keras exception's message, without the traceback that it may contain; at most 240 characters."""
    paragraphs = [part for part in STACK.sub("", str(error)).strip().split("\n\n") if not part.startswith("Exception encountered when")]
    text = (paragraphs or [""])[0].replace("\n", " ") or type(error).__name__
    return text if len(text) <= 240 else f"{text[:237]}..."
