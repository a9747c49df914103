"""Arguments: from the values as written to what Keras's signature asks for. A word that fits nowhere is refused."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError, Span, UnknownNameError
from seqmagic.language import Argument, Call, Literal, Sequence, Size, Value, Word
from seqmagic.model.catalogue import ACTIVATIONS, COMMON_LAYER_PARAMETERS, LAYERS, normalize, parameters_of, shelf_of_parameter

Names = Mapping[str, Any]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
PADDINGS = ("valid", "same", "causal")


def bind(arguments: tuple[Argument, ...], target: Callable[..., Any], word: Word, names: Names) -> dict[str, Any]:
    """Give each written value its place in a signature.

    `conv 32 3x3 relu same` binds filters, kernel_size, activation and padding; `lstm 64 return_sequences` turns the flag on.

    arguments: as written, positional ones first.
    target: the class or function they are for.
    word: how it was called, for messages.
    names: the notebook's own things.

    Raises UnknownNameError at a word that fits nowhere, ArgumentError when there are too many values or one is missing.
    """
    parameters = parameters_of(target)
    bound: dict[str, Any] = {}
    named_seen = False
    for argument in arguments:
        if argument.name is not None:
            named_seen = True
            name = parameter_name(argument.name, parameters, word)
        elif named_seen and not isinstance(argument.value, Word):
            raise LanguageError("A value without a name after one with a name.", expected="names from there on", span=argument.span)
        else:
            name = _place(argument, parameters, bound, word, names)
        if name in bound:
            raise ArgumentError(f"{word.text!r} is given {name!r} twice.", expected="one value", span=argument.span)
        is_flag = argument.name is None and isinstance(argument.value, Word) and _is_flag(argument.value, parameters, name)
        bound[name] = True if is_flag else convert(argument.value, name, names)
        _check_truth(bound[name], parameters[name], argument, word)
        if isinstance(parameters[name].default, float) and type(bound[name]) is int:
            bound[name] = float(bound[name])  # Some of Keras's classes refuse 1 where they take 1.0.
    _check_missing(parameters, bound, word)
    return bound


def parameter_name(name: Word, parameters: Mapping[str, inspect.Parameter], word: Word) -> str:
    """Keras's spelling of an argument's name; raises UnknownNameError with the nearest ones."""
    by_spelling = {normalize(known): known for known in parameters}
    if normalize(name.text) not in by_spelling:
        raise UnknownNameError("argument", name.text, parameters, owner=word.text, span=name.span)
    return by_spelling[normalize(name.text)]


def _place(argument: Argument, parameters: Mapping[str, inspect.Parameter], bound: Mapping[str, Any], word: Word, names: Names) -> str:
    """The parameter that a value without a name is for."""
    positional = [name for name, p in parameters.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    free = [name for name in positional if name not in bound]
    if isinstance(argument.value, Word):
        return _place_word(argument.value, parameters, free, word, names)
    if not free:
        count = f"at most {', '.join(positional)}" if positional else "no value without a name"
        raise ArgumentError(f"{word.text!r} has no place for one more value.", expected=count, span=argument.span)
    return free[0]


def _place_word(value: Word, parameters: Mapping[str, inspect.Parameter], free: list[str], word: Word, names: Names) -> str:
    text = value.text
    if "padding" in parameters and text.lower() in PADDINGS:
        return "padding"
    for name in parameters:
        if normalize(name) == normalize(text) and _is_flag(value, parameters, name):
            return name
    if "activation" in parameters and (ACTIVATIONS.find(text) or inspect.isfunction(names.get(text))):
        return "activation"
    if free and _takes_text(parameters[free[0]], text):
        return free[0]
    fitting, hint = _fitting_words(parameters), _misplaced(value, parameters)
    raise UnknownNameError("word", text, fitting, owner=word.text, hint=hint, span=value.span)


def _is_flag(value: Word, parameters: Mapping[str, inspect.Parameter], name: str) -> bool:
    return isinstance(parameters[name].default, bool) and normalize(value.text) == normalize(name)


def _takes_text(parameter: inspect.Parameter, text: str) -> bool:
    """Whether a bare word may be this parameter's value: it has a text as default, or names a thing of its kind."""
    shelf = shelf_of_parameter(parameter.name)
    if shelf is not None:
        return shelf.find(text) is not None
    return isinstance(parameter.default, str) or parameter.name in {"mode", "function", "operation"}


def _fitting_words(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    words = [name for name, p in parameters.items() if isinstance(p.default, bool)]
    words += PADDINGS if "padding" in parameters else ()
    words += ACTIVATIONS.words() if "activation" in parameters else ()
    return words or [name for name in parameters if name not in COMMON_LAYER_PARAMETERS]


def _misplaced(value: Word, parameters: Mapping[str, inspect.Parameter]) -> str:
    """The hint for a right word in the wrong place."""
    if normalize(value.text) in {normalize(name) for name in parameters}:
        return f"It needs a value: {value.text}=..."
    if ACTIVATIONS.find(value.text):
        return f"This layer takes no activation. Write one after it: -> activation {value.text}"
    if LAYERS.find(value.text):
        return f"{value.text!r} is a layer: put it on a line of its own, or write -> before it."
    return ""


def _check_truth(value: Any, parameter: inspect.Parameter, argument: Argument, word: Word) -> None:
    """Keep yes-or-no apart from numbers and words: Keras takes 'no' for yes, and true for 1."""
    takes_truth = isinstance(parameter.default, bool)
    if takes_truth and not isinstance(value, bool):
        problem = f"{parameter.name!r} of {word.text!r} is either on or off."
        raise ArgumentError(problem, expected=f"{parameter.name}=true or {parameter.name}=false", span=argument.span)
    if isinstance(value, bool) and not takes_truth and parameter.default is not None and not isinstance(parameter.default, str):
        raise ArgumentError(f"{parameter.name!r} of {word.text!r} can't be {str(value).lower()}.", expected="a value", span=argument.span)


def _check_missing(parameters: Mapping[str, inspect.Parameter], bound: Mapping[str, Any], word: Word) -> None:
    missing = [n for n, p in parameters.items() if p.default is inspect.Parameter.empty and n not in bound]
    if missing:
        example = f"{word.text} {EXAMPLES.get(missing[0], missing[0] + '=...')}"
        raise ArgumentError(f"{word.text!r} needs a value for {missing[0]!r}.", instead=example, span=word.span)


EXAMPLES = {"units": "32", "filters": "32 3x3", "kernel_size": "3x3", "rate": "0.3", "input_dim": "1000 64", "output_dim": "64"}


def convert(value: Value, name: str, names: Names) -> Any:
    """A written value as Python, for the parameter of that name."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Size):
        return value.dims
    if isinstance(value, Sequence):
        return tuple(convert(item, name, names) for item in value.items)
    if isinstance(value, Call):
        return _convert_call(value, name, names)
    return _convert_word(value, name, names)


def _convert_word(value: Word, name: str, names: Names) -> Any:
    shelf = shelf_of_parameter(name)
    if shelf is None:
        return names[value.text] if name == "function" and value.text in names else value.text
    found = shelf.find(value.text)
    if found is None:
        if value.text in names:
            return names[value.text]
        raise shelf.unknown(value.text, value.span)
    if inspect.isclass(found):
        return construct(found, bind((), found, value, names), value.span)
    # Keras stores an activation by its name; the string keeps a model's config what hand-written code gives.
    return found.__name__ if shelf is ACTIVATIONS else found


def _convert_call(value: Call, name: str, names: Names) -> Any:
    shelf = shelf_of_parameter(name)
    if shelf is None:
        raise ArgumentError(f"{name!r} takes no call.", expected="a number, size or word", span=value.span)
    found = shelf.find(value.word.text)
    if found is None:
        raise shelf.unknown(value.word.text, value.word.span)
    return construct(found, bind(value.arguments, found, value.word, names), value.span)


def construct(target: Callable[..., Any], bound: Mapping[str, Any], span: Span) -> Any:
    """Call Keras, and say in its own words, at the right place, what it refuses.

    A Keras class may fail with nearly any exception on a wrong value, so that every one is translated.
    """
    try:
        return target(**bound)
    except Exception as error:
        raise ArgumentError(first_sentence(error), span=span) from error


def first_sentence(error: BaseException) -> str:
    """What an exception of Keras says, without the stack it sometimes carries: its first paragraph, 240 characters at most."""
    paragraphs = [part for part in ESCAPES.sub("", str(error)).strip().split("\n\n") if not part.startswith("Exception encountered when")]
    text = (paragraphs or [""])[0].replace("\n", " ") or type(error).__name__
    return text if len(text) <= 240 else f"{text[:237]}..."
