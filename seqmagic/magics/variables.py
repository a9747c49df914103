"""Variables: what the notebook's user has made, and a model bound to a name among it."""

from __future__ import annotations

from types import GeneratorType
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.magics.holding import is_held

if TYPE_CHECKING:
    from seqmagic.training.recipe import Recipe


def variables_of(shell: InteractiveShell) -> dict[str, Any]:
    """The user's own variables: without those that IPython puts there, such as `exit`, which no text may reach."""
    hidden = shell.user_ns_hidden
    return {name: value for name, value in shell.user_ns.items() if name not in hidden and not name.startswith("_")}


def use_again(shell: InteractiveShell, name: str, recipe: Recipe) -> bool:
    """Renew the model that a name has, where a cell is run again as it was; False where the new model has to be bound.

    Nobody must notice but by the memory that it saves: so not where somebody still has the old one under another name.
    """
    from seqmagic.training.renewal import can_be_renewed, renew

    before = shell.user_ns.get(name)
    once = recipe.fit is not None and isinstance(recipe.fit.x, GeneratorType)  # It can't be looked at a second time.
    if once or type(before) is not type(recipe.model) or not can_be_renewed(before, recipe.model) or is_held(shell, name, before):
        return False
    _stop(name, before)
    renew(before, recipe.model)
    return True


def bind_model(shell: InteractiveShell, name: str, model: Any) -> None:
    """Bind a model to its name; the training of another one that had it is ended."""
    before = shell.user_ns.get(name)
    if before is not model:
        _stop(name, before)
    shell.user_ns[name] = model


def _stop(name: str, model: Any) -> None:
    from seqmagic.training.run import run_of

    run = run_of(model)
    if run is not None:
        run.stop().wait_quietly()
        print(f"The training of {name} was stopped: this cell makes it anew.")
