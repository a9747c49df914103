"""Abandoned runs: runs whose model can't be reached any more, for example after `%reset` or `del`, and which would train for nothing."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.magics.references import is_held
from seqmagic.training.registry import active_runs
from seqmagic.translation import gettext


class AbandonedRuns:
    """Stops the runs whose models were deleted from the notebook. A model that was never a variable, as in a function, keeps training."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._named: WeakSet[Any] = WeakSet()  # The runs whose models are, or were, variables.

    def end(self, result: Any) -> None:
        """A post_run_cell hook."""
        for run in active_runs():
            model = run.model
            if any(value is model for value in self.shell.user_ns.values()):
                self._named.add(run)
            elif run in self._named and not self._is_reached(model):
                self._named.discard(run)
                run.stop().cancel()
                print(gettext("The training of {name} was stopped, because nothing in the notebook refers to it any more.", name=run.name))

    def _is_reached(self, model: Any) -> bool:
        """Whether any notebook variable leads to a model, including its runs and panels."""
        values = list(self.shell.user_ns.values())
        holders = [value for value in values if type(value).__module__.startswith("seqmagic.")]
        held = [getattr(part, "model", None) for value in holders for part in (value, getattr(value, "run", None))]
        return any(thing is model for thing in held) or is_held(self.shell, "", model)
