"""`%%sequential`, `%fit` and `%dashboard`."""

from __future__ import annotations

import sys
from threading import Thread
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from seqmagic.errors import LanguageError, UnknownNameError
from seqmagic.magics.surroundings import has_kernel, has_page, is_live

if TYPE_CHECKING:
    from seqmagic.training.run import Run

DEFAULT_NAME = "model"


@magics_class
class SeqMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """The magics of seqmagic.

    preload: the thread that loads Keras; the first magic waits for it.
    """

    def __init__(self, shell: InteractiveShell, preload: Thread) -> None:
        super().__init__(shell)
        self.preload = preload

    @no_var_expand
    @line_cell_magic
    def sequential(self, line: str, cell: str | None = None) -> None:
        """Make a Keras model from a few words, and show it.

        %%sequential digits
        input 8x8x1
        conv 16 3x3 relu same -> maxpool 2
        flatten -> dropout 0.3
        dense 10 softmax
        compile adam(1e-3) sparse_categorical_crossentropy accuracy
        fit x_train y_train epochs=10

        One layer a line, or several joined by `->`; every layer of Keras by its own name, with Keras's own arguments. The
        `compile` and `fit` lines are optional. The model is bound to the name in the first line (`model`, when there is none). If
        anything is wrong, nothing is bound.

        In one line: %sequential digits input 784 -> dense 10 softmax
        Without the card: %%sequential digits --quiet
        """
        name, quiet, text = read_line(line, cell)
        self.preload.join()
        from seqmagic.training.recipe import make_recipe
        from seqmagic.training.run import Run, run_of
        from seqmagic.widgets.card import NetworkCard

        recipe = make_recipe(text, self._names(), name)
        # The run holds the data against the model: all that can be wrong is told before anything is bound.
        run = Run(recipe.model, recipe.fit.x, recipe.fit.y, **recipe.fit.options) if recipe.fit else None
        replaced = run_of(self.shell.user_ns.get(name))
        if replaced is not None:
            replaced.stop().wait_quietly()
            print(f"The training of {name} was stopped: this cell makes it anew.")
        self.shell.user_ns[name] = recipe.model
        if not quiet:
            layer_names = [layer.name for layer in recipe.model.layers]
            display(NetworkCard(name, recipe.plan, layer_names, recipe.program.compile))
        if run is not None:
            self._train(run)

    @no_var_expand
    @line_magic
    def fit(self, line: str) -> None:
        """Train a model with live curves.

        %fit digits x_train y_train epochs=10
        %fit digits x_train y_train epochs=10 batch_size=64 validation_data=x_test,y_test

        The options are those of Keras's `fit`. In a live notebook the training goes on in the background; a later cell that uses the
        model waits for it. Stop, and the notebook's interrupt button, end it between two batches: what was learned stays.
        """
        model, options = self._read_model_and_data("fit", line)
        from seqmagic.training.run import Run

        self._train(Run(model, options.x, options.y, **options.options))

    @no_var_expand
    @line_magic
    def dashboard(self, line: str) -> None:
        """Show a panel for a model: compile options, Train, Pause and Stop, live curves.

        %dashboard digits
        %dashboard digits x_train y_train validation_data=x_test,y_test
        """
        x, y, options = None, None, {}
        if len(line.split()) > 1:
            model, fit = self._read_model_and_data("dashboard", line)
            x, y, options = fit.x, fit.y, fit.options
        else:
            model = self._find_model("dashboard", line.strip())
        if has_page(self.shell):
            from seqmagic.widgets.dashboard import Dashboard

            panel = Dashboard(model, x, y, **options)
            name = line.split(maxsplit=1)[0]
            panel.current_model = lambda: self.shell.user_ns.get(name)
            display(panel)
        else:
            from seqmagic.widgets.compile_panel import describe

            print(f"{model.name}: {describe(model, y).line()}\nThe panel shows when this notebook is open in Jupyter.")

    def _read_model_and_data(self, magic: str, line: str) -> tuple[Any, Any]:
        """The model that a line names first, and the data and options after it."""
        name, _, rest = line.strip().partition(" ")
        model = self._find_model(magic, name)
        from seqmagic.language import parse_step
        from seqmagic.training.fitting import read_fit

        return model, read_fit(parse_step(f"fit {rest}"), self._names())

    def _names(self) -> dict[str, Any]:
        """The user's own variables: without those that IPython puts there, such as `exit`, which no text may reach."""
        hidden = self.shell.user_ns_hidden
        return {name: value for name, value in self.shell.user_ns.items() if name not in hidden and not name.startswith("_")}

    def _find_model(self, magic: str, name: str) -> Any:
        if not name:
            raise LanguageError(f"%{magic} needs the name of a model.", instead=f"%{magic} digits x_train y_train")
        self.preload.join()
        import keras

        found = self.shell.user_ns.get(name)
        if isinstance(found, keras.Model):
            return found
        models = [key for key, value in self._names().items() if isinstance(value, keras.Model)]
        hint = "Make one with %%sequential first." if not models else ""
        raise UnknownNameError("model", name, models, hint=hint)

    def _train(self, run: Run) -> None:
        """Start a run and show it; wait for its end where the cell must not end before it."""
        if not has_kernel(self.shell):
            self._train_in_terminal(run)
            return
        if has_page(self.shell):
            from seqmagic.widgets.training_panel import TrainingPanel

            panel = TrainingPanel(run)
            run.start()
            display(panel)
            if not is_live(self.shell):
                run.wait()
        else:
            self._train_headless(run)

    def _train_headless(self, run: Run) -> None:
        """Without a page there is only the end to show: as a picture and in words, with no widget that would be saved in vain."""
        from seqmagic.widgets.picture import draw_png
        from seqmagic.widgets.saved import static_bundle
        from seqmagic.widgets.status import spoken_run

        try:
            run.start().wait()
        finally:
            display(static_bundle(draw_png(run.record) if len(run.record.batches) else None, spoken_run(run)), raw=True)

    def _train_in_terminal(self, run: Run) -> None:
        from seqmagic.widgets.status import spoken_numbers, spoken_status

        def show(run: Run) -> None:
            sys.stdout.write(f"\r\x1b[2K{spoken_status(run)}  {spoken_numbers(run)}")
            sys.stdout.flush()

        run.watchers.append(show)
        try:
            run.start().wait()
        finally:
            show(run)
            print()


def read_line(line: str, cell: str | None) -> tuple[str, bool, str]:
    """The model's name, whether to be quiet, and the text of the network.

    >>> read_line("digits --quiet", "input 784")
    ('digits', True, 'input 784')
    >>> read_line("digits input 784 -> dense 10", None)
    ('digits', False, 'input 784 -> dense 10')
    """
    words = line.split()
    if cell is None:
        if not words:
            raise LanguageError("There is no network in this line.", instead="%sequential digits input 784 -> dense 10 softmax")
        name, text = words[0], line.strip()[len(words[0]) :].strip()
        quiet = text.endswith("--quiet")
        text = text.removesuffix("--quiet").strip()
    else:
        names = [word for word in words if not word.startswith("--")]
        _check_options([word for word in words if word.startswith("--")])
        if len(names) > 1:
            raise LanguageError(f"{line.strip()!r} is more than one name.", instead=f"%%sequential {names[0]}")
        name, text, quiet = (names or [DEFAULT_NAME])[0], cell, "--quiet" in words
    if not name.isidentifier():
        raise LanguageError(f"{name!r} can't be the name of a variable.", expected="letters, digits and _", instead="%%sequential digits")
    return name, quiet, text


def _check_options(options: list[str]) -> None:
    for option in options:
        if option != "--quiet":
            raise UnknownNameError("option", option, ["--quiet"], owner="%%sequential")
