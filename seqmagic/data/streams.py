"""Streams of data: datasets, generators and PyDatasets, whose first batch is checked before the first step."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.data.shapes import wanted_shape
from seqmagic.describe.own_step import has_own_step, takes_labels
from seqmagic.errors import DataError
from seqmagic.errors.user_code import blame
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext, gettext_noop

ENDLESS = -1  # The cardinality of an infinite tf.data.Dataset.


def is_stream(data: Any) -> bool:
    """Whether data comes in batches that include the labels."""
    return (hasattr(data, "element_spec") and hasattr(data, "cardinality")) or isinstance(data, (keras.utils.PyDataset, GeneratorType))


def batches_in(dataset: Any) -> int:
    """The number of batches that a dataset reports; negative if it is unknown or infinite."""
    cardinality = dataset.cardinality  # It is a property of a distributed dataset, and a method of others.
    return int(cardinality() if callable(cardinality) else cardinality)


def stream_kind(data: Any) -> str:
    """The kind of stream, as a word for messages."""
    return (
        gettext_noop("dataset")
        if hasattr(data, "element_spec")
        else gettext_noop("generator")
        if isinstance(data, GeneratorType)
        else "PyDataset"
    )


def first_batch(data: Any) -> Any:
    """The first batch of a dataset that can be read again from its start; None for anything else, or if reading fails.

    An error here also occurs in training, and is reported there.
    """
    try:
        if hasattr(data, "element_spec"):
            return next(iter(data.take(1)))
        return data[0] if isinstance(data, keras.utils.PyDataset) else None
    except Exception:  # noqa: BLE001  # Reading a batch runs the user's code.
        return None


def draw_first(data: GeneratorType, name: DataName) -> tuple[Any, Iterator[Any]]:  # type: ignore[type-arg]
    """The first batch of a generator, and a generator that yields it again.

    Raises:
        DataError: If there is no batch.
    """
    try:
        first = next(data)
    except StopIteration:
        raise DataError(
            gettext("The generator {name} yields nothing.", name=name.said),
            expected=gettext("a new generator: each one yields its batches only once"),
        ) from None
    except Exception as error:
        sentence, span = blame(error)
        raise DataError(
            gettext("The generator {name} fails at its first batch. {sentence}", name=name.said, sentence=sentence), span=span
        ) from error
    return first, _replay(first, data)


def _replay(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def check_stream(model: keras.Model, data: Any, y: Any, name: DataName) -> None:
    """Refuse a stream given together with labels, an empty stream, and a dataset that is not batched or has no labels.

    Raises:
        DataError: If it does not fit.
    """
    kind = _describe_stream(data, name)
    if y is not None:
        raise DataError(
            gettext("{kind} already contains labels, but labels are given separately too.", kind=kind), expected=gettext("only one of them")
        )
    if not hasattr(data, "element_spec"):
        return
    if batches_in(data) == 0:
        raise DataError(gettext("{kind} is empty.", kind=kind), expected=gettext("at least one batch"))
    if has_own_step(model):
        return  # A custom train_step decides itself what a batch contains.
    spec = data.element_spec
    if isinstance(spec, dict) and takes_labels(model):
        raise DataError(gettext("{kind} yields a dictionary.", kind=kind), expected=PAIRS)
    check_batches(model, data, name)
    if takes_labels(model) and not isinstance(spec, tuple):
        raise DataError(gettext("{kind} has no labels.", kind=kind), expected=gettext("pairs of data and labels"))


def check_batches(model: keras.Model, data: Any, name: DataName) -> None:
    """Refuse a dataset that is not batched, or whose rows differ in length.

    Raises:
        DataError: If it does not fit.
    """
    spec = data.element_spec
    first = spec[0] if isinstance(spec, tuple) else spec
    kind, wanted, given = _describe_stream(data, name), wanted_shape(model), getattr(first, "shape", None)
    if type(first).__name__ == "RaggedTensorSpec":
        raise _ragged(data, kind, wanted, name)
    if wanted is not None and getattr(given, "rank", None) == len(wanted) and _is_row(tuple(given), wanted):  # type: ignore[arg-type]
        raise DataError(gettext("{kind} is not batched.", kind=kind), expected=gettext("batches"), instead=name.typed("{}.batch(32)"))


def _ragged(data: Any, kind: str, wanted: Shape | None, name: DataName) -> DataError:
    """The error for rows of different lengths, with the padding that makes them equal, if the result fits."""
    error = DataError(gettext("{kind} yields rows of different lengths (ragged).", kind=kind), expected=gettext("rows of the same length"))
    shape = (None, *(wanted or ()))
    try:
        padded = data.map(lambda x, y: (x.to_tensor(shape=shape), y)).element_spec[0].shape
    except Exception:  # noqa: BLE001  # Whatever error TensorFlow raises, padding is not a fix.
        return error
    if wanted is not None and tuple(padded)[1:] == wanted:
        error.fixes = (name.typed(f"{{}}.map(lambda x, y: (x.to_tensor(shape={shape}), y))"),)
    return error


def _describe_stream(data: Any, name: DataName) -> str:
    """The stream's name at the start of a sentence."""
    return name.start if name.is_phrase else gettext("The {stream_kind} {name}", stream_kind=gettext(stream_kind(data)), name=name.said)


def check_rows(model: keras.Model, shape: tuple[int, ...], data: Any, name: DataName) -> None:
    """Refuse a stream that yields single samples instead of batches.

    Raises:
        DataError: If it does.
    """
    wanted = wanted_shape(model)
    if wanted and len(shape) == len(wanted) and _is_row(shape, wanted):
        problem = gettext(
            "{stream} yields single samples of shape {shape}.", stream=_describe_stream(data, name), shape=format_shape(shape)
        )
        raise DataError(problem, expected=gettext("batches of several samples in one array"))


def _is_row(given: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    return given[0] is not None and all(w in (None, g) or g is None for g, w in zip(given, wanted, strict=True))


PAIRS = gettext_noop("pairs of data and labels, as in yield x, y")


def parts_of_batch(model: keras.Model, batch: Any, stream: Any, name: DataName) -> tuple[Any, Any] | None:
    """The data and labels of a batch; None if only Keras can check them: several inputs or outputs, sparse ones, a custom train_step.

    Raises:
        DataError: If they are not a pair of arrays.
    """
    kind = _describe_stream(stream, name)
    if has_own_step(model):
        return None
    if isinstance(stream, keras.utils.PyDataset):
        # As in Keras: a list counts as a tuple, and anything else is the data without labels.
        batch = tuple(batch) if isinstance(batch, list) else batch if isinstance(batch, tuple) else (batch,)
    if not isinstance(batch, tuple) and takes_labels(model):
        what = (
            gettext("a dictionary")
            if isinstance(batch, Mapping)
            else gettext("a list")
            if isinstance(batch, list)
            else gettext("only its data")
        )
        raise DataError(gettext("{kind} yields {what}.", kind=kind, what=what), expected=PAIRS)
    if isinstance(batch, tuple) and len(batch) == 1 and takes_labels(model):
        raise DataError(gettext("{kind} has no labels.", kind=kind), expected=PAIRS)
    batch = batch if isinstance(batch, tuple) else (batch,)
    x, y = batch[0], batch[1] if len(batch) > 1 else None
    if wanted_shape(model) is None:
        return None
    for part, part_name in ((x, gettext("data")), (y, gettext("labels"))):
        if isinstance(part, (dict, list)):
            what = gettext("dictionaries") if isinstance(part, dict) else gettext("Python lists")
            expected = gettext("arrays") if isinstance(part, dict) else gettext("np.array around them")
            raise DataError(
                gettext(
                    "{kind} yields {part_name} as {what}, but {name!r} takes arrays.",
                    kind=kind,
                    part_name=part_name,
                    what=what,
                    name=model.name,
                ),
                expected=expected,
            )
    return (x, y) if hasattr(x, "shape") and not hasattr(x, "dense_shape") else None


def known_batches(data: Any) -> int | None:
    """The number of batches of a dataset, if it reports one."""
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches
    return max(0, batches_in(data)) or None if hasattr(data, "element_spec") and hasattr(data, "cardinality") else None


def check_end(data: Any, options: Mapping[str, Any], name: DataName) -> None:
    """Refuse an endless stream without a limit, and validation_split with a stream.

    Raises:
        DataError: If it does not fit.
    """
    if not is_stream(data):
        return
    kind = stream_kind(data)
    if options.get("validation_split"):
        problem = (
            gettext("validation_split can't split a {kind} such as {name}.", kind=gettext(kind), name=name.said)
            if kind != "PyDataset"
            else gettext("validation_split can't split a PyDataset such as {name}.", name=name.said)
        )
        raise DataError(problem, expected=gettext("a second {kind} for validation_data", kind=gettext(kind)))
    if not options.get("steps_per_epoch") and _is_endless(data):
        problem = gettext("The {kind} {name} is infinite.", kind=gettext(kind), name=name.said)
        raise DataError(problem, expected=gettext("a number of steps per epoch"), instead="steps_per_epoch=100")


def check_validation_end(data: Any, options: Mapping[str, Any]) -> None:
    """Refuse endless validation data without validation_steps."""
    if is_stream(data) and not options.get("validation_steps") and _is_endless(data):
        problem = gettext("The {stream_kind} in validation_data is infinite.", stream_kind=gettext(stream_kind(data)))
        raise DataError(problem, expected=gettext("a number of validation steps"), instead="validation_steps=10")


def _is_endless(data: Any) -> bool:
    if hasattr(data, "element_spec"):
        return batches_in(data) == ENDLESS
    return isinstance(data, GeneratorType) and _loops_for_ever(data)


def _loops_for_ever(generator: GeneratorType) -> bool:  # type: ignore[type-arg]
    """Whether a generator's source has a `while True` without a way out."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(generator.gi_code)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    ways_out = (ast.Break, ast.Return, ast.Raise)
    for node in ast.walk(tree):
        always = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        # A call of `next` inside may raise StopIteration and end it.
        calls = {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
        if always and "next" not in calls and not any(isinstance(part, ways_out) for part in ast.walk(node)):
            return True
    return False


def as_text_array(part: Any) -> Any:
    """Convert a part of a batch that contains text to an array, whose dtype shows it; anything else stays as it is."""
    dtype = getattr(part, "dtype", None)
    return np.asarray(part) if str(getattr(dtype, "name", dtype)) in ("string", "str") else part
