"""Cells that wait: a cell that uses a model in training runs after the training has ended, so that Run All works as expected."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import Interrupted
from seqmagic.magics.kernel.interrupting import InterruptHandler
from seqmagic.magics.kernel.live_line import LiveLine, show_wait
from seqmagic.magics.kernel.preload import Preload
from seqmagic.sweeps.registry import active_sweeps
from seqmagic.training.registry import active_runs
from seqmagic.translation import gettext, gettext_noop

# These only read a model, or create a new one, so they need not wait. `pinfo` is the magic behind `model?`.
UNHURRIED = {"sequential", "dashboard", "pinfo", "pinfo2", "config", "load_ext", "who", "whos"}
# A cell that may import something. Importing parts of TensorFlow in two threads at once can leave it permanently broken.
IMPORTING = re.compile(r"\bimport|^\s*%(matplotlib|pylab|run|load_ext)", re.MULTILINE)
IMPORTING_KERAS = re.compile(r"^\s*(?:import|from)\s[^\n#]*\b(?:keras|tensorflow)\b", re.MULTILINE)
CHOOSING_SETTINGS = re.compile(r"environ|%env|putenv")  # They hold for a Keras that is imported after them.
NEEDING_KERAS = re.compile(r"^\s*%{1,2}(sequential|fit|dashboard|runs|sweep|look)\b|\bseqmagic\.", re.MULTILINE)

# A `%%sequential` cell that only checks a model: its name, and nothing but `expect` lines and comments.
ASKING = re.compile(r"\s*(\w+)(?:\s+--quiet)?(?:\s*(?:expect\b|#)[^\n]*|[ \t]*\n)+")


class CellWaiter:
    """Checks each cell before it runs: waits for the models that it uses, and for Keras if the cell needs it.

    Its hooks must not raise: IPython would print the error and still run the cell.

    Attributes:
        preload: the import of Keras.
        interrupts: to stop a cell that must not run.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload, interrupts: InterruptHandler) -> None:
        self.shell, self.preload, self.interrupts = shell, preload, interrupts

    def wait_for_keras(self, info: Any) -> None:
        """A pre_run_cell hook that keeps a cell's own imports apart from the import of Keras, and shows what it waits for."""
        cell = info.raw_cell or ""
        is_needed = IMPORTING.search(cell) or NEEDING_KERAS.search(cell)
        if self.preload.is_running and is_needed and not self.interrupts.refusal and not self.preload.wait(is_first=True):
            self.interrupts.refusal = gettext("Keras is still loading, so this cell did not run.")

    def load_for_this_cell(self) -> None:
        """Import Keras now if the rest of the cell with `%load_ext` does.

        The user sees how long it takes, where an import in the cell would write TensorFlow's messages about the computer's processor.

        Raises:
            Interrupted: If the wait is interrupted: the rest of the cell would import Keras at the same time.
        """
        before, _, rest = self.shell.history_manager.input_hist_raw[-1].partition("load_ext seqmagic")
        is_imported = IMPORTING_KERAS.search(rest) and not CHOOSING_SETTINGS.search(rest)
        if "keras" not in sys.modules and is_imported and not self.preload.wait(is_first=before.strip() in ("", "%")):
            raise Interrupted(gettext("Keras is still loading, so nothing was done."))

    def begin_to_load(self, result: Any) -> None:
        """A post_run_cell hook that starts the import after the cell with `%load_ext`, the rest of which may import other things itself."""
        self.shell.events.unregister("post_run_cell", self.begin_to_load)
        self.preload.start()

    def wait_for_models(self, info: Any) -> None:
        """A pre_run_cell hook that waits for models in training."""
        if not active_runs() and not active_sweeps():
            return
        cell = info.raw_cell or ""
        names = names_in_cell(self.shell, cell)
        for sweep in active_sweeps():
            if sweep.variable in names and not sweep.paused and not self.interrupts.refusal:
                self._wait_for_sweep(sweep)
        # `%look` can show a model during training; the model of a sweep does not exist before its end.
        for run, name in self._runs_of(names_in_cell(self.shell, cell, behind=("fit", "look"))):
            if not self.interrupts.refusal:
                self._wait(run, name)

    def _runs_of(self, names: set[str]) -> Iterator[tuple[Any, str]]:
        """The runs whose models are variables, each with the first such name."""
        for run in active_runs():
            used = [name for name in names if self.shell.user_ns.get(name) is run.model]
            if used and not run.paused:
                yield run, min(used)

    def _wait_for_sweep(self, sweep: Any) -> None:
        with LiveLine(self.shell, is_first=True) as line:
            text = gettext_noop("Waiting for the sweep of {name}: {state}. ■ (interrupt) ends it.")
            if not sweep.wait_quietly(lambda: line.show(gettext(text, name=sweep.name, state=sweep.format_state()))):
                self.interrupts.refusal = gettext("The sweep of {name} was stopped, so this cell did not run.", name=sweep.name)

    def _wait(self, run: Any, name: str) -> None:
        with LiveLine(self.shell, is_first=True) as line:
            if not run.wait_quietly(partial(show_wait, line, run, name)):
                outcome = gettext("was stopped") if run.ended else gettext("has not stopped yet")
                self.interrupts.refusal = gettext("The training of {name} {outcome}, so this cell did not run.", name=name, outcome=outcome)


def names_in_cell(shell: InteractiveShell, cell: str, behind: Collection[str] = ("fit",)) -> set[str]:
    """The variables that a cell may use, including those on magic lines.

    Args:
        behind: magics whose model needs no wait: a `%fit` is queued after the current training.
    """
    try:
        tree = ast.parse(shell.transform_cell(cell))
    except (SyntaxError, ValueError):
        return set()  # The cell can't run either.
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("run_line_magic", "run_cell_magic"):
            names |= _names_in_magic(node, behind)
    return names


def _names_in_magic(node: ast.Call, behind: Collection[str]) -> set[str]:
    texts = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
    asks = ASKING.fullmatch("\n".join(texts[1:])) if texts[:1] == ["sequential"] else None
    if asks is not None:
        return {asks[1]}  # It checks the results of training.
    if not texts or texts[0] in UNHURRIED:
        return set()
    line = " ".join(texts[1:])
    if texts[0] in behind and "--resume" not in line.split():
        line = line.strip().partition(" ")[2]
    from seqmagic.language.identifiers import IDENTIFIER, normalized

    return set(map(normalized, re.findall(IDENTIFIER, line)))
