"""`%fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, magics_class, no_var_expand

from seqmagic.errors import LanguageError
from seqmagic.magics.environment import has_kernel
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.fit_line import FitLine
from seqmagic.magics.line_options import Option, fit_line_of, names_data, take_options, take_place
from seqmagic.magics.notebook_magics import NotebookMagics
from seqmagic.magics.run_display import await_turn, train
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.options.fit_line import FitOptions
    from seqmagic.training.elsewhere import Elsewhere

RESUME = Option("--resume", "number", "--resume=3")
FIND_RATE = Option("--find-rate")
ANEW = Option("--anew")
OPTIONS = (RESUME, FIND_RATE, ANEW)


@magics_class
class FitMagics(NotebookMagics):
    """The magic that trains."""

    @no_var_expand
    @line_magic
    @shows_errors
    def fit(self, line: str) -> None:
        """Train a model with live curves.

        %fit digits x_train y_train epochs=10
        %fit digits x_train y_train epochs=10 batch_size=64 validation_data=x_test,y_test
        %fit digits x_train y_train epochs=100 patience=3 until="accuracy > 0.99"
        %fit digits x y validation_split=0.2 stratified class_weight=balanced
        %fit digits x y batch_size=512 workers=2
        %fit digits --resume
        %fit digits x_train y_train epochs=10 --anew
        %fit digits x_train y_train --find-rate

        The options are those of Keras's `fit`, and two that stop training early: `patience`, a number of epochs without a better
        val_loss (or loss, or what `monitor` names), and `until`, a goal. `validation_split` holds out the last rows, as in Keras; with
        `shuffled` after it, the rows are chosen at random, and with `stratified` in the same proportion from each class.

        The weights of some epochs are kept for %look, in up to 64 MB of memory; `keep_weights=200` allows more, and 0 keeps none.

        `workers=2` splits each batch between two processes on this computer, or with `on=` on two workers, and says when that takes
        longer. With `mixed_float16`, the layers compute in float16 from then on, which is fast on GPUs; `float32` undoes this.

        In a live notebook, training runs in the background. A later cell that uses the model waits for it, and another `%fit` of the
        model starts after it, or instead. Stop, and the notebook's interrupt button, end the training between two batches and keep what
        was learned. A cell that was waiting then does not run.

        --resume continues a run that was interrupted by Stop, an error or the end of its kernel, exactly where it was. In a new kernel,
        first run the cells that make the model and the data. Without a number it means a run of this notebook; --resume=3 continues
        run 3, whoever started it.

        A second %fit continues from what the first one learned. With --anew, the model first gets fresh weights, as if its cell had been
        run again: the same ones if the cell has a seed.

        on=local trains in a separate process, which leaves the kernel free, on=tcp://127.0.0.1:8786 on a worker of that dask scheduler,
        and on=class on a worker of the class. Curves, Stop and --resume work as usual, and the model has its weights at the end.

        --find-rate leaves the model unchanged: it tries learning rates from a millionth to ten on some batches, shows the loss for each,
        and suggests one to train with.
        """
        models, panels, advice = self.settings.models, self.settings.panels, self.settings.advice
        options, line = take_options(line, OPTIONS, "%fit")
        place, line = take_place(line, "%fit")
        name, start_point = line.strip().partition(" ")[0], None
        if ANEW.name in options and len(options) > 1:
            other = next(option for option in options if option != ANEW.name)
            raise LanguageError(
                gettext("--anew and {other} can't be combined.", other=other),
                expected=gettext("only one of the two"),
                instead=f"%fit {line} {ANEW.name}",
            )
        if RESUME.name in options:
            model = models.find("fit", name)
            from seqmagic.training.resume import find_start_point

            start_point = find_start_point(model, int(options[RESUME.name]) if options[RESUME.name] else None)
            if not names_data(line):
                line = f"{name} {fit_line_of(start_point, line)}"
        model, fit = models.find_with_data("fit", line)
        if FIND_RATE.name in options:
            if place:
                raise LanguageError(
                    gettext("The learning rate search runs in this kernel, but on= trains somewhere else."),
                    expected=gettext("the same line without it"),
                    instead=f"%fit {line} {FIND_RATE.name}",
                )
            self._find_rate(model, fit, line)
            return
        machines = self._machines(place)
        await_turn(self.shell, panels, model)
        from seqmagic.analysis.vocabulary import offering_vectorizer
        from seqmagic.recipes.anew import begin_anew
        from seqmagic.recipes.recipe import make_run

        words = f"fit {line.split(maxsplit=1)[1]}"
        known = offering_vectorizer(model, fit.x, fit.names[0], models.names())
        with known, FitLine("fit", line, {}).types_fixes():
            run = make_run(model, fit, words, start_point, machines)
            if ANEW.name in options:  # Checks that need the old weights have been made.
                print(begin_anew(model))
                run = make_run(model, fit, words, machines=machines)
        train(self.shell, panels, run, advice=advice)

    @staticmethod
    def _machines(place: str) -> Elsewhere | None:
        """Where to train, if not in this kernel."""
        from seqmagic.machines.cluster import find

        return find(place) if place else None

    def _find_rate(self, model: Any, fit: FitOptions, line: str) -> None:
        """Show the curve of the learning-rate finder."""
        from seqmagic.analysis.rate_finder import find_rate
        from seqmagic.widgets.rate_curve import describe_rate_curve, draw_rate_curve
        from seqmagic.widgets.saved import show_still

        with FitLine("fit", line, {}).types_fixes():
            curve = find_rate(model, fit.x, fit.y, data_names=fit.names, **fit.options)
        if has_kernel(self.shell):
            show_still(draw_rate_curve(curve), describe_rate_curve(curve))
        else:
            print(describe_rate_curve(curve))
