"""Checking: the results of an exercise are shown below its cell, and raised as errors only for an autograder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seqmagic.magics.environment import has_page, is_live
from seqmagic.magics.kernel.panels import ShownPanels

if TYPE_CHECKING:
    from seqmagic.exercises.check import Check
    from seqmagic.exercises.exercise import Exercise


def show_checks(shell: InteractiveShell, panels: ShownPanels, exercise: Exercise, run: Any = None) -> None:
    """Show the results; those that depend on training are filled in when it ends.

    Args:
        run: started by the cell, if any.

    Raises:
        ExpectationError, UnfilledError: For what has not passed, if no notebook is open.
    """
    if not exercise:
        return
    from seqmagic.exercises.check import raise_unmet
    from seqmagic.widgets.check_list import CheckList, LiveCheckList

    def make() -> list[Check]:
        checks = exercise.check()
        exercise.keep(checks)
        return checks

    if run is not None and not run.ended and is_live(shell) and exercise.waits_for_training:
        panels.show(LiveCheckList(run, exercise.check, make))
        return
    checks = make()
    display(CheckList(checks))
    if not has_page(shell):
        raise_unmet(checks)
