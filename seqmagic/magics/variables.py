"""Variables: what the notebook's user has made, and a model bound to a name among it."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell


def variables_of(shell: InteractiveShell) -> dict[str, Any]:
    """The user's own variables: without those that IPython puts there, such as `exit`, which no text may reach."""
    hidden = shell.user_ns_hidden
    return {name: value for name, value in shell.user_ns.items() if name not in hidden and not name.startswith("_")}


def bind_model(shell: InteractiveShell, name: str, model: Any) -> None:
    """Bind a model to its name; the training of another one that had it is ended."""
    from seqmagic.training.run import run_of

    before = shell.user_ns.get(name)
    replaced = run_of(before) if before is not model else None
    if replaced is not None:
        replaced.stop().wait_quietly()
        print(f"The training of {name} was stopped: this cell makes it anew.")
    shell.user_ns[name] = model
