"""The description of a run before it starts: what resuming it needs, and its entry in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import keras

from seqmagic.describe.source import cell_text_of
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import describe_run, optimizer_facts
from seqmagic.ledger.entry import RunEntry
from seqmagic.options.compile_line import loss_of
from seqmagic.training.continuity import data_facts, read_options
from seqmagic.training.request import Request
from seqmagic.training.start_point import FitConfig


@dataclass(frozen=True)
class Description:
    """What is known of a run before it starts.

    Attributes:
        config: most of it must be unchanged when the run is resumed.
        entry: in the ledger; None if there is no ledger.
    """

    config: FitConfig = field(default_factory=FitConfig)
    entry: RunEntry | None = None

    @property
    def told(self) -> dict[str, Any]:
        """The model's facts as stored in the ledger: another process must find the same."""
        stored = {} if self.entry is None else {"network": self.entry.network, "compile": self.entry.compile}
        return {**stored, "optimizer": self.config.optimizer}


def describe(model: keras.Model, request: Request, epochs: int, *, loss_since: float, settings: dict[str, Any]) -> Description:
    """Describe a run.

    Call it before the run's thread starts: describing a model recreates its layers, and Keras draws their seeds from Python's global
    generator. Drawn while a cell builds a network, they would change its weights, even if it is seeded.

    Args:
        epochs: their total number, including those before an interruption.
        loss_since: the position in the history from which the current loss was used.
        settings: those of the run's placement, for its entry.
    """
    config = FitConfig(
        seed=request.seed,
        epochs=epochs,
        fit_line=request.fit_line,
        options=read_options(request.kept),
        optimizer=optimizer_facts(model),
        loss=loss_of(model),
    )
    if current_ledger() is None:
        return Description(replace(config, data=data_facts(request.x, request.y, request.options)))
    entry = describe_run(
        model,
        request.x,
        request.y,
        options=request.options | request.of_run,
        seed=request.seed,
        data_names=request.names,
        cell=cell_text_of(model),
        fit=request.fit_line,
    )
    entry = replace(entry, loss_since=loss_since, settings={**entry.settings, **settings})
    return Description(replace(config, data=entry.data, compile_line=entry.compile), entry)
