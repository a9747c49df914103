"""The call of fit: its data and options, checked against the model before the first step."""

from __future__ import annotations

from collections.abc import Mapping
from types import GeneratorType
from typing import Any

import keras

from seqmagic.data.arrays import as_data
from seqmagic.data.check import examine, examine_batch
from seqmagic.data.held_out import count_rows
from seqmagic.data.names import VALIDATION, DataName, data_name_of
from seqmagic.data.row_weights import check_weights_of_rows, like_labels
from seqmagic.data.streams import check_end, check_stream, check_validation_end, draw_first, first_batch, is_stream
from seqmagic.data.suggest import has_several_outputs, propose_line
from seqmagic.data.whole_batches import check_batch_size, check_parts
from seqmagic.describe.own_step import has_own_loss
from seqmagic.errors import CompileError, DataError
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.network.output_layer import ending_of
from seqmagic.options.fit_values import check_rates
from seqmagic.options.loss_checks import check_metrics, check_pairing
from seqmagic.options.monitors import check_metric_names, check_monitors
from seqmagic.translation import gettext


def prepare_validation(model: keras.Model, options: dict[str, Any]) -> dict[str, Any]:
    """The options with lists converted to arrays, after checking those that depend on the model."""
    check_metric_names(model)
    check_monitors(model, options)
    check_batch_size(model, options)
    check_rates(model, options)
    if options.get("sample_weight") is not None:
        options = {**options, "sample_weight": as_data(options["sample_weight"])}
    if isinstance(options.get("validation_freq"), (tuple, set)):
        options = {**options, "validation_freq": sorted(options["validation_freq"])}  # A fit line gives 1,4 as a tuple; Keras wants a list.
    data = options.get("validation_data")
    check_validation_end(data, options)
    if is_stream(data):
        batch = first_batch(data)
        check_stream(model, data, None, DataName(gettext("the data in validation_data"), "test_data", validates=True))
        if batch is not None:
            examine_batch(model, batch, data, DataName("validation_data"))
        return options
    if not isinstance(data, (list, tuple)) or not data:
        return options
    made = tuple(as_data(part) for part in data)
    examine(model, made[0], made[1], VALIDATION)
    if len(made) == 3 and made[2] is not None:
        made = (*made[:2], like_labels(model, made[1], made[2]))
    return {**options, "validation_data": made}


def check_data(model: keras.Model, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> None:
    """Check data against the model before the first step.

    Args:
        names: of the data and the labels, for messages.

    Raises:
        CompileError: If the model isn't compiled, or its loss does not fit its last layer.
        DataError: If the data doesn't fit. A generator is not read here; `look_ahead` reads its first batch.
    """
    if isinstance(model, keras.Sequential) and not model.layers:
        raise CompileError(gettext("{name!r} has no layers.", name=model.name), expected=gettext("a network made with %%sequential"))
    if not model.compiled:
        expected = (
            gettext("one more line at the end of its network") if not has_several_outputs(model) else gettext("a loss for each output")
        )
        raise CompileError(gettext("{name!r} is not compiled yet.", name=model.name), expected=expected, instead=propose_line(model, y))
    if not has_own_loss(model):
        check_pairing(ending_of(model), model.loss)
        check_metrics(ending_of(model), model.loss, compiled_with(model).get("metrics"))
    examine(model, x, y, (data_name_of(names[0], x), data_name_of(names[1], y)))


def look_ahead(model: keras.Model, x: Any, name: str) -> Any:
    """Check the first batch of a generator, and return data that still includes that batch.

    Raises:
        DataError: If there is no batch, or it doesn't fit.
    """
    if not isinstance(x, GeneratorType):
        return x
    first, whole = draw_first(x, data_name_of(name))
    examine_batch(model, first, x, data_name_of(name))
    return whole


def check_length(model: keras.Model, x: Any, y: Any, options: Mapping[str, Any], name: str = "x") -> None:
    """Refuse endless data without a limit, a validation_split that leaves no rows, and weights that aren't one per row.

    Raises:
        DataError: If it does not fit.
    """
    check_end(x, options, data_name_of(name))
    share, rows = options.get("validation_split"), count_rows(x)
    if not rows:
        return
    if share and int(rows * (1 - share)) in (0, rows):
        problem = gettext("validation_split={share} of {rows} rows leaves one side without rows.", share=share, rows=rows)
        raise DataError(problem, expected=gettext("a fraction that leaves rows on both sides, such as 0.2"))
    check_parts(model, rows, options)
    if options.get("sample_weight") is not None:
        check_weights_of_rows(model, y, options["sample_weight"], rows)
