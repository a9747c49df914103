"""Cells that wait: a cell that uses a model in training runs when the training has ended, so that Run All means what it says."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import clear_output

from seqmagic.magics.preload import Preload

# These only look at a model, or make a new one: they need not wait. `pinfo` is what `model?` becomes.
UNHURRIED = {"sequential", "dashboard", "pinfo", "pinfo2", "config", "load_ext", "who", "whos"}


# A cell that may import something. Two threads that import parts of TensorFlow at once can leave it broken for good.
IMPORTING = re.compile(r"\bimport|^\s*%(matplotlib|pylab|run|load_ext)", re.MULTILINE)


class CellWaiter:
    """Looks at each cell before it runs: waits for the models that it names, and for Keras where the cell imports anything.

    preload: the loading of Keras.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload) -> None:
        self.shell = shell
        self.preload = preload

    def wait_for_imports(self, info: Any) -> None:
        """The hook that keeps a cell's own imports apart from the loading of Keras in the background."""
        while self.preload.is_running and IMPORTING.search(info.raw_cell or ""):
            self.preload.join(0.1)

    def begin_to_load(self, result: Any) -> None:
        """The hook that starts the loading when the cell with `%load_ext` is done: the rest of that cell may import things itself."""
        self.shell.events.unregister("post_run_cell", self.begin_to_load)
        self.preload.start()

    def wait_for_models(self, info: Any) -> None:
        """The hook that IPython calls with each cell. It must not raise: IPython would print that and run the cell all the same."""
        runs = sys.modules.get("seqmagic.training.active")
        active = runs.active_runs() if runs is not None else []
        if not active:
            return
        names = names_in_cell(self.shell, info.raw_cell or "")
        for run in active:
            waiting = {name for name in names if self.shell.user_ns.get(name) is run.model}
            if waiting and not run.paused:
                self._wait(run, min(waiting))

    def _wait(self, run: Any, name: str) -> None:
        print(f"Waiting for the training of {name} ({run.spoken()}). Interrupt (■) to stop it and go on.")
        run.wait_quietly()
        clear_output()  # The cell's own output is all that the saved notebook should keep.


def names_in_cell(shell: InteractiveShell, cell: str) -> set[str]:
    """The variables that a cell may use, those in its magics' lines included."""
    try:
        tree = ast.parse(shell.transform_cell(cell))
    except (SyntaxError, ValueError):
        return set()  # The cell can't run either.
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("run_line_magic", "run_cell_magic"):
            names |= _names_in_magic(node)
    return names


def _names_in_magic(node: ast.Call) -> set[str]:
    texts = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
    if not texts or texts[0] in UNHURRIED:
        return set()
    return set(re.findall(r"[^\W\d]\w*", " ".join(texts[1:])))
