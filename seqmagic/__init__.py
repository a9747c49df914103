"""seqmagic: neural networks in a few plain words, inside a notebook.

>>> import seqmagic
>>> model = seqmagic.build("input 784 -> dense 10 softmax")

In a notebook, `%load_ext seqmagic` gives `%%sequential`, `%fit`, `%dashboard` and `%runs`. The same from Python:

build       make a Keras model from a text
to_text     turn a Keras model into text
to_python   ... or into plain Keras code
save, load  the same, to and from a file
words       the words of the language
fit         train a model in the background
find_rate   find a learning rate to train it with
Run         a training in progress or ended
sweep       try the networks of a text with choice(...), between(...) or log(...)
Dashboard   compile options, controls and live curves
look        show what a trained model does with data, worst mistakes first
plot        draw the curves of a training as a matplotlib figure
keep_runs   save every run in a file from now on
runs        list all saved runs as a table
compare     compare some of them
check       check whether a model is what an exercise asks for
attempts    list the attempts at exercises as a table
data_path   the path of a file in the class's data folder
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqmagic.errors import SeqmagicError, no_tensorflow
from seqmagic.keras_internals.one_import import ONE_IMPORT
from seqmagic.translation.docstrings import translate_docstrings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from seqmagic.analysis.rate_finder import find_rate
    from seqmagic.classroom.data_folder import data_path
    from seqmagic.describe.to_python import to_python
    from seqmagic.describe.to_text import to_text
    from seqmagic.ledger.attempt_list import attempts
    from seqmagic.ledger.current import keep_runs
    from seqmagic.ledger.run_list import runs
    from seqmagic.recipes.recipe import build, fit, load, save
    from seqmagic.sweeps.start import sweep
    from seqmagic.training.run import Run
    from seqmagic.widgets.check_list import check
    from seqmagic.widgets.dashboard import Dashboard
    from seqmagic.widgets.look.request import look
    from seqmagic.widgets.picture import plot
    from seqmagic.widgets.run_comparison import compare
    from seqmagic.widgets.word_table import words

__version__ = "0.1.0"
__all__ = [
    "Dashboard",
    "Run",
    "SeqmagicError",
    "attempts",
    "build",
    "check",
    "compare",
    "data_path",
    "find_rate",
    "fit",
    "keep_runs",
    "load",
    "look",
    "plot",
    "runs",
    "save",
    "sweep",
    "to_python",
    "to_text",
    "words",
]

# Keras takes seconds to import, so each name is imported on first use.
ROOMS = {
    "attempts": "seqmagic.ledger.attempt_list",
    "build": "seqmagic.recipes.recipe",
    "check": "seqmagic.widgets.check_list",
    "compare": "seqmagic.widgets.run_comparison",
    "data_path": "seqmagic.classroom.data_folder",
    "find_rate": "seqmagic.analysis.rate_finder",
    "fit": "seqmagic.recipes.recipe",
    "keep_runs": "seqmagic.ledger.current",
    "load": "seqmagic.recipes.recipe",
    "runs": "seqmagic.ledger.run_list",
    "save": "seqmagic.recipes.recipe",
    "to_python": "seqmagic.describe.to_python",
    "to_text": "seqmagic.describe.to_text",
    "sweep": "seqmagic.sweeps.start",
    "Run": "seqmagic.training.run",
    "Dashboard": "seqmagic.widgets.dashboard",
    "look": "seqmagic.widgets.look.request",
    "plot": "seqmagic.widgets.picture",
    "words": "seqmagic.widgets.word_table",
}
# All that has a translated docstring.
DOCUMENTED = {**ROOMS, "SeqmagicError": "seqmagic.errors.error", "Sweep": "seqmagic.sweeps.sweep"}


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(f"module 'seqmagic' has no attribute {name!r}")
    try:
        with ONE_IMPORT:
            found = getattr(import_module(ROOMS[name]), name)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "tensorflow":
            raise no_tensorflow() from error
        raise
    _translate_help()
    return found


def _translate_help(*_: object) -> None:
    """Let `?` and `help` show what has been imported in the current language."""
    loaded = [(sys.modules.get(room), name) for name, room in DOCUMENTED.items()]
    translate_docstrings([sys.modules[__name__], *(getattr(module, name) for module, name in loaded if hasattr(module, name))])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: what `%load_ext seqmagic` calls."""
    from seqmagic.magics.extension import load

    load(shell)
    # A run of %fit has methods with help, too; and a cell may have changed the language.
    shell.events.register("post_run_cell", _translate_help)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back: what `%unload_ext seqmagic` calls."""
    from seqmagic.magics.extension import unload

    unload(shell)
    shell.events.unregister("post_run_cell", _translate_help)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the extension of JupyterLab and Notebook is: what `jupyter labextension develop` asks."""
    return [{"src": "labextension/built", "dest": "seqmagic"}]
