"""Training in a cell: starts a run, and shows it in a panel, in a terminal, or only at its end."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import Interrupted
from seqmagic.ledger.run_state import RunState
from seqmagic.magics.environment import has_kernel, has_page, is_live
from seqmagic.magics.kernel.live_line import LiveLine, show_wait
from seqmagic.magics.kernel.panels import ShownPanels
from seqmagic.training.interrupts import on_interrupt
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.training.run import Run


def await_turn(shell: InteractiveShell, panels: ShownPanels, model: Any) -> None:
    """Wait for a model's queued runs if the next one must not be queued: in a loop, whose other statements expect each run to have ended.

    Raises:
        Interrupted: If the wait is interrupted.
    """
    from seqmagic.training.registry import line_of

    runs = line_of(model)
    if is_live(shell) and not any(map(panels.is_of_this_cell, runs)):
        return
    for run in runs:
        with LiveLine(shell, is_first=False) as line:
            if not run.wait_quietly(partial(show_wait, line, run)):
                raise Interrupted(gettext("The training of {name} was stopped, so the rest of this cell did not run.", name=run.name))


def train(shell: InteractiveShell, panels: ShownPanels, run: Run, *, advice: bool) -> None:
    """Start a run and show it; wait for its end if the cell must not end before it.

    Args:
        advice: whether to print notes on what is unwise.
    """
    for sentence in run.advice if advice and not has_page(shell) else ():
        print(gettext("Note: {sentence}", sentence=sentence))
    with on_interrupt(run.stop):  # Also before anything waits for the run.
        if not has_kernel(shell):
            _train_in_terminal(run)
        elif has_page(shell):
            _train_in_panel(shell, panels, run, advice=advice)
        else:
            _train_headless(run)


def _train_in_panel(shell: InteractiveShell, panels: ShownPanels, run: Run, *, advice: bool) -> None:
    from seqmagic.training.registry import run_of
    from seqmagic.widgets.training_panel import TrainingPanel

    if run_of(run.model) is not None:
        run.start(queued=True)
    panel = TrainingPanel(run, advice=advice)
    if run.state == RunState.READY:
        run.start()
    panels.remember_run(run)
    panels.show(panel)
    if not is_live(shell):
        run.wait()


def _train_headless(run: Run) -> None:
    """Show the result as a picture and text, because without a page a widget would be useless."""
    from seqmagic.widgets.picture import draw_png
    from seqmagic.widgets.saved import show_still
    from seqmagic.widgets.status import format_run, with_table

    try:
        run.start().wait()
    finally:
        text = with_table(format_run(run), run.record)
        show_still(draw_png(run) if len(run.record.batches) else None, text)


def _train_in_terminal(run: Run) -> None:
    from seqmagic.widgets.status import status_line

    for sentence in run.plan:
        print(sentence)

    def show(run: Run, columns: int) -> None:
        sys.stdout.write(f"\r\x1b[2K{status_line(run, columns)}")
        sys.stdout.flush()

    # A line longer than the terminal's width could not be overwritten.
    run.watchers.append(lambda run: show(run, shutil.get_terminal_size().columns))
    try:
        run.start().wait()
    finally:
        show(run, columns=1000)
        print("", *run.warnings, sep="\n")
