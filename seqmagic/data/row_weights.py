"""The weights of rows: one array, or one for each of several outputs, in a list or by the outputs' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from seqmagic.data.arrays import as_data
from seqmagic.data.suggest import has_several_outputs, output_names
from seqmagic.describe.own_step import has_own_step
from seqmagic.errors import DataError, UnknownNameError
from seqmagic.network.endpoints import outputs_of
from seqmagic.options.weights import check_row_weights
from seqmagic.translation import gettext, gettext_noop, ngettext


def like_labels(model: keras.Model, y: Any, weights: Any) -> Any:
    """The weights of rows in the structure of the labels: Keras takes those of several outputs in no other.

    An output without weights has None. One array, which counts for all outputs, stays as it is.

    Args:
        weights: an array; or one for each output, in a list, or in a dict by the outputs' names.

    Raises:
        DataError, UnknownNameError: If they aren't those of the labels' outputs.
    """
    if not _are_several(y):
        return weights[0] if isinstance(weights, (list, tuple)) and len(weights) == 1 and _is_array(weights[0]) else weights
    names, count = _names_of(model, y), len(y)
    if isinstance(weights, Mapping):
        by_name = _by_name(model, weights, names, count)
    elif isinstance(weights, (list, tuple)) and all(part is None or _is_array(part) or isinstance(part, (list, tuple)) for part in weights):
        if len(weights) != count:
            problem = ngettext(
                "sample_weight has {arrays} array, for {count} outputs.",
                "sample_weight has {arrays} arrays, for {count} outputs.",
                len(weights),
                arrays=len(weights),
                count=count,
            )
            raise DataError(problem, expected=_each_of(names))
        by_name = dict(enumerate(weights)) if names is None else dict(zip(names, weights, strict=True))
    else:
        return weights
    if isinstance(y, Mapping):
        return {name: by_name.get(name) for name in y}
    return type(y)(by_name.get(place if names is None else names[place]) for place in range(count))


def check_weights_of_rows(model: keras.Model, y: Any, weights: Any, rows: int) -> None:
    """Refuse weights that aren't one number for each row, of each output that has some.

    Args:
        y: the labels. weights: as `like_labels` returns them.

    Raises:
        DataError: If they aren't.
    """
    if not _are_several(y) or not isinstance(weights, (Mapping, list, tuple)):
        check_row_weights(model, as_data(weights), rows)
        return
    names = list(weights) if isinstance(weights, Mapping) else _names_of(model, y) or range(len(weights))
    for name, part in zip(names, weights.values() if isinstance(weights, Mapping) else weights, strict=True):
        if part is not None:
            said = gettext("sample_weight for output {name!r}", name=name)
            check_row_weights(None, as_data(part) if _is_array(part) else part, rows, said)


def like_outputs(model: keras.Model, y: Any, weights: Any) -> tuple[Any, Any]:
    """Labels and their weights in the structure of a model's outputs, where Keras looks for the weights of each."""
    are_like = _are_several(y) and isinstance(weights, type(y)) and has_several_outputs(model) and len(y) == len(outputs_of(model))
    if not are_like or has_own_step(model):
        return y, weights
    names, keyed = output_names(model), isinstance(model.output, dict)
    if isinstance(y, Mapping):
        return (y, weights) if keyed or set(names) != set(y) else ([y[name] for name in names], [weights[name] for name in names])
    return (dict(zip(names, y, strict=True)), dict(zip(names, weights, strict=True))) if keyed else (y, weights)


def _are_several(data: Any) -> bool:
    """Whether data is one array for each of several outputs."""
    parts = list(data.values()) if isinstance(data, Mapping) else data if isinstance(data, (list, tuple)) else []
    return any(map(_is_array, parts))


def _is_array(part: Any) -> bool:
    return bool(getattr(part, "shape", ()))


def _names_of(model: keras.Model, y: Any) -> list[Any] | None:
    """The names of the labels' outputs, in the order of the outputs; None if they have none, or two have one name."""
    known = output_names(model) if has_several_outputs(model) else None
    if isinstance(y, Mapping):
        return known if known is not None and set(known) == set(y) else list(y)
    return known if known is not None and len(set(known)) == len(y) else None


def _by_name(model: keras.Model, weights: Mapping[Any, Any], names: Sequence[Any] | None, count: int) -> dict[Any, Any]:
    if names is None:
        problem = gettext("sample_weight is a dict, but the outputs have no names of their own.")
        raise DataError(problem, expected=gettext("a list with an array for each of the {count} outputs", count=count))
    for name in weights:
        if name not in names:
            raise UnknownNameError(gettext_noop("output"), str(name), list(map(str, names)), owner=str(model.name))
    return dict(weights)


def _each_of(names: Sequence[Any] | None) -> str:
    if names is None:
        return gettext("an array for each output")
    return gettext("an array for each of {names}", names=", ".join(map(str, names)))
