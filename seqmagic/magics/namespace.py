"""Variables: those of the user, and assigning a model to one."""

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
    """The user's own variables; local ones of a function around the magic take precedence.

    Without those that IPython defines, such as `exit`, which no text may use.
    """
    hidden = shell.user_ns_hidden
    notebook = {name: value for name, value in shell.user_ns.items() if name not in hidden and not _is_of_python(name, value)}
    return LiveNames({**notebook, **{name: value for name, value in local_variables(shell).items() if not name.startswith("__")}})


def _is_of_python(name: str, value: Any) -> bool:
    """Whether a name such as `__builtins__` is Python's own; a network may still have such a name."""
    return name.startswith("__") and not hasattr(value, "fit")


def find_renewable(shell: InteractiveShell, name: str, recipe: Recipe) -> Any | None:
    """The existing model of a name, if an unchanged cell is run again and the model can be reset in place; otherwise None.

    Resetting must have no visible effect but saving memory, so it isn't done if the old model is referenced elsewhere.
    """
    from seqmagic.training.reuse import can_be_renewed

    before = shell.user_ns.get(name)
    once = recipe.fit is not None and isinstance(recipe.fit.x, GeneratorType)  # A generator would be exhausted by a second use.
    if once or type(before) is not type(recipe.model) or not can_be_renewed(before, recipe.model) or is_held(shell, name, before):
        return None
    return before


def renew_model(name: str, model: Any, fresh: Any) -> None:
    """Reset a model to the state of a fresh one; its training is stopped."""
    from seqmagic.training.reuse import renew

    _stop(name, model)
    renew(model, fresh)


def bind_model(shell: InteractiveShell, name: str, model: Any) -> None:
    """Assign a model to its name; the training of the previous model is stopped."""
    before = shell.user_ns.get(name)
    if before is not model:
        _stop(name, before)
    shell.user_ns[name] = model
    shell.user_ns_hidden.pop(name, None)  # For example _, which IPython hides.


def check_free(shell: InteractiveShell, name: str, command: Callable[[str], str]) -> None:
    """Check that a model may be assigned to a name: it must not replace data, and must be visible to the code around the magic.

    Args:
        command: returns the command with another name.

    Raises:
        LanguageError: With a name that is free.
    """
    there = namespace_of(shell)
    if name not in there:
        return
    before, fix = there[name], command(_free_name(name, there))
    function = calling_function(shell)
    if function and name in local_variables(shell):
        problem = gettext("{name!r} is a local variable of {function}(), which a magic can't set.", name=name, function=function)
        raise LanguageError(problem, expected=gettext("the name of a variable of the notebook"), instead=fix)
    if not _may_be_replaced(before):
        problem = gettext("{name!r} is {kind}, which the model would replace.", name=name, kind=_format_kind(before))
        raise LanguageError(problem, expected=gettext("an unused name, or the name of a model"), instead=fix)


def _may_be_replaced(value: Any) -> bool:
    """Whether replacing a value loses nothing: a model, which a cell can build again, or a single number."""
    is_model = all(callable(getattr(value, method, None)) for method in ("fit", "predict"))
    return value is None or isinstance(value, (bool, int, float, complex)) or is_model


def _free_name(name: str, there: dict[str, Any]) -> str:
    tails = ("_net", *(f"_net{number}" for number in range(2, 2 + len(there))))
    return next(name + tail for tail in tails if name + tail not in there)


def _format_kind(value: Any) -> str:
    """The type of a value with its article, such as 'an ndarray'."""
    kind = type(value).__name__
    return f"{'an' if kind[:1].lower() in 'aeio' or kind == 'ndarray' else 'a'} {kind}"


def _stop(name: str, model: Any) -> None:
    from seqmagic.training.registry import run_of

    run = run_of(model)
    if run is not None:
        run.stop().wait_quietly()
        print(gettext("The training of {name} was stopped, because this cell makes the model again.", name=name))
