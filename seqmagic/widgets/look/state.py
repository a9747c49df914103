"""The state of a look: the predictions that all tabs show, and what the reader has chosen in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqmagic.analysis.boundary import STEPS
from seqmagic.analysis.model_epochs import ModelEpochs
from seqmagic.analysis.predictions import Predictions


@dataclass
class LookState:
    """What the tabs of a view share. Whoever changes it in a tab's `press` has all tabs drawn anew.

    Attributes:
        predictions: what is looked at. Those of another model with the same samples may take their place.
        epochs: the model at the epochs of its last run whose weights were kept.
        order: the samples in the order in which they are shown: the worst mistakes of the first predictions first. It stays, so that
            the same samples are seen when the predictions are others.
        ranked: the predictions by which they were put in order.
        sample: the one that tabs about a single sample show.
        cell: the true and the predicted class whose samples are shown, with None for any; None for all samples.
        open: the name of the tab that is open.
        plane_steps: the places to a side of a plane that is drawn; fewer while a training is followed.
        chosen: whatever else a tab lets one choose, by a name of its own, such as a layer.
    """

    predictions: Predictions
    epochs: ModelEpochs | None = None
    order: np.ndarray = field(init=False)
    ranked: Predictions = field(init=False)
    sample: int = field(init=False)
    cell: tuple[int | None, int | None] | None = None
    open: str = ""
    plane_steps: int = STEPS
    chosen: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.order, self.ranked = self.predictions.ranking, self.predictions
        self.sample = int(self.order[0])

    def selected(self) -> np.ndarray:
        """The samples of the cell that is chosen, in their order."""
        predictions, order = self.predictions, self.order
        if self.cell is None or not predictions.chooses:
            return order
        keep = np.ones(len(order), dtype=bool)
        for classes, wanted in zip((predictions.truth, predictions.predicted), self.cell, strict=True):
            if wanted is not None and classes is not None:
                keep &= classes[order] == wanted
        return order[keep]
