"""Variables: what the notebook's user has made, and a model bound to a name among it."""

from __future__ import annotations

from collections.abc import Callable
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import LanguageError
from seqmagic.language import LiveNames
from seqmagic.magics.caller import calling_function, local_variables, namespace_of
from seqmagic.magics.references import is_held
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.recipes.recipe import Recipe


def variables_of(shell: InteractiveShell) -> dict[str, Any]:
    """The user's own variables, those of the function around the magic before the notebook's.

    Without those that IPython puts there, such as `exit`, which no text may reach.
    """
    hidden = shell.user_ns_hidden
    notebook = {name: value for name, value in shell.user_ns.items() if name not in hidden and not _is_of_python(name, value)}
    return LiveNames({**notebook, **{name: value for name, value in local_variables(shell).items() if not name.startswith("__")}})


def _is_of_python(name: str, value: Any) -> bool:
    """Whether a name such as `__builtins__` is Python's own; a network may be called so all the same."""
    return name.startswith("__") and not hasattr(value, "fit")


def find_renewable(shell: InteractiveShell, name: str, recipe: Recipe) -> Any | None:
    """The model that a name has, where a cell is run again as it was, so that it can be renewed; None where the new one has to be bound.

    Nobody must notice but by the memory that it saves: so not where somebody still has the old one under another name.
    """
    from seqmagic.training.reuse import can_be_renewed

    before = shell.user_ns.get(name)
    once = recipe.fit is not None and isinstance(recipe.fit.x, GeneratorType)  # A second look would find it used up.
    if once or type(before) is not type(recipe.model) or not can_be_renewed(before, recipe.model) or is_held(shell, name, before):
        return None
    return before


def renew_model(name: str, model: Any, fresh: Any) -> None:
    """Make a model as a fresh one; its training is ended."""
    from seqmagic.training.reuse import renew

    _stop(name, model)
    renew(model, fresh)


def bind_model(shell: InteractiveShell, name: str, model: Any) -> None:
    """Bind a model to its name; the training of another one that had it is ended."""
    before = shell.user_ns.get(name)
    if before is not model:
        _stop(name, before)
    shell.user_ns[name] = model
    shell.user_ns_hidden.pop(name, None)  # Such as _, which IPython hides.


def check_free(shell: InteractiveShell, name: str, command: Callable[[str], str]) -> None:
    """See that a model may take a name: not from data, and not where the code around the magic would never see it.

    Args:
        command: what to type for the same with another name.

    Raises:
        LanguageError: With a name that is free.
    """
    there = namespace_of(shell)
    if name not in there:
        return
    before, fix = there[name], command(_free_name(name, there))
    function = calling_function(shell)
    if function and name in local_variables(shell):
        problem = gettext("{name!r} is a variable of {function}() itself, and a magic can't set those.", name=name, function=function)
        raise LanguageError(problem, expected=gettext("the name of a variable of the notebook"), instead=fix)
    if not _may_be_replaced(before):
        problem = gettext("{name!r} holds {kind}, which the model would replace.", name=name, kind=_format_kind(before))
        raise LanguageError(problem, expected=gettext("a name that is free, or that of a model"), instead=fix)


def _may_be_replaced(value: Any) -> bool:
    """Whether nothing is lost with a value: a model, which a cell makes again, or next to nothing."""
    is_model = all(callable(getattr(value, method, None)) for method in ("fit", "predict"))
    return value is None or isinstance(value, (bool, int, float, complex)) or is_model


def _free_name(name: str, there: dict[str, Any]) -> str:
    tails = ("_net", *(f"_net{number}" for number in range(2, 2 + len(there))))
    return next(name + tail for tail in tails if name + tail not in there)


def _format_kind(value: Any) -> str:
    """What a value is, in two words, such as 'an ndarray'."""
    kind = type(value).__name__
    return f"{'an' if kind[:1].lower() in 'aeio' or kind == 'ndarray' else 'a'} {kind}"


def _stop(name: str, model: Any) -> None:
    from seqmagic.training.registry import run_of

    run = run_of(model)
    if run is not None:
        run.stop().wait_quietly()
        print(gettext("The training of {name} was stopped: this cell makes it anew.", name=name))
