"""The card of a model that is no Sequential says what takes what from where."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.describe.plan_of_model import survey
from seqmagic.widgets.network_card import NetworkCard
from tests.support.graph_models import Own, chain, joined


def card(model: Any) -> str:
    plan = survey(model)
    return repr(NetworkCard("net", plan, plan.layer_names))


def test_only_what_is_no_chain_says_where_an_input_comes_from() -> None:
    assert "from" not in card(chain())
    assert "from left, right" in card(joined())
    assert card(joined()).count("Input") == 2


def test_code_of_ones_own_is_said_to_have_its_own_connections() -> None:
    model = Own()
    model(np.zeros((1, 2)))
    assert "its connections are custom code" in card(model)
