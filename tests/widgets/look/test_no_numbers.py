"""A model that outputs NaN is not given any number, nor said to make no mistakes."""

from __future__ import annotations

import re

import numpy as np

import seqmagic
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.widgets.look.confusion_tab import ConfusionTab
from seqmagic.widgets.look.health_tab import HealthTab
from seqmagic.widgets.look.state import LookState


def test_a_model_that_outputs_no_numbers_is_not_given_any() -> None:
    model = seqmagic.build("input 4 -> dense 3 relu -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy")
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    state = LookState(predict(model, gather(model, np.random.RandomState(0).rand(9, 4), np.arange(9) % 3)))
    assert ConfusionTab(state).sentence() == "The model outputs NaN or infinity for every sample, so there is nothing to count."
    for line in HealthTab(state).lines()[1:]:
        assert line.endswith("the gradient is NaN or infinite")
        assert re.search(r"no number +– ", line)
