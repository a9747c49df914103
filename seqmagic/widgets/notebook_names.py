"""The names of the notebook: the names of its variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IPython import get_ipython

from seqmagic.describe.source import call_model, name_of_model
from seqmagic.forms.user_words import variable_holding


def notebook_names() -> dict[str, Any]:
    """The variables of the notebook that runs this code; none outside of IPython."""
    shell = get_ipython()
    return {name: thing for name, thing in shell.user_ns.items() if not name.startswith("_")} if shell is not None else {}


def call_by_variable(model: Any, names: Mapping[str, Any]) -> None:
    """Name a model without a chosen name after its variable: Keras's default names, such as sequential_1, hardly tell panels apart."""
    variable = variable_holding(model, names)
    if variable is not None and name_of_model(model) == model.name:
        call_model(model, variable)
