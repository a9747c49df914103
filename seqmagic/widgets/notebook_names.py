"""The names of the notebook: what its variables are called."""

from __future__ import annotations

from typing import Any

from IPython import get_ipython


def notebook_names() -> dict[str, Any]:
    """The variables of the notebook that runs this; none outside of one."""
    shell = get_ipython()
    return {name: thing for name, thing in shell.user_ns.items() if not name.startswith("_")} if shell is not None else {}
