"""`%look`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.display import display

from seqmagic.errors import BusyError, LanguageError, UnknownNameError
from seqmagic.magics.environment import has_kernel, has_page, is_live
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.fit_line import FitLine
from seqmagic.magics.line_options import Option, names_data, take_options
from seqmagic.magics.notebook_magics import NotebookMagics
from seqmagic.translation import gettext, gettext_noop

OUTPUT = Option("--output", "word", "%look model x y --output price")
FOLLOW = Option("--follow")
NAMES = Option("--names", "word", "%look digits x_test y_test --names class_names")
WORDS = Option("--words", "word", "%look reviews x_test y_test --words vectorizer")
PATIENCE = 1.0  # Seconds that a cell waits for the first view; a longer forward pass continues in the background.


@magics_class
class LookMagics(NotebookMagics):
    """The magic that looks at a trained model."""

    @no_var_expand
    @line_magic
    @shows_errors
    def look(self, line: str) -> None:
        """Look at a trained model's predictions and layers, in tabs.

        %look digits x_test y_test
        %look digits
        %look digits x_test y_test --names class_names

        The tabs show samples with their predictions, the worst mistakes first, and what suits the data: a confusion matrix, curves,
        regression errors, the boundary between classes. The model is not changed.

        Without data, it uses the validation data of the model's last run, or its training data if there was none, and says so.

        After a training in this notebook, a slider goes through its epochs, and all tabs show the model as it was then. A model that is
        still training is shown live, with some of the samples, and with all of them when it has finished. With --follow, or its box in
        the view, later trainings are shown live as well.

        --names takes a list with the names of the classes, starting with class 0. --words takes a list of the words that tokens stand
        for, or the TextVectorization that made them. --output chooses the output of a model with several.
        """
        options, line = take_options(line, (OUTPUT, NAMES, WORDS, FOLLOW), "%look")
        model, data, names = self._read(line)
        class_names = tuple(map(str, self._list(options.get(NAMES.name, ""), "names", "['cat', 'dog']")))
        words = self._list(options.get(WORDS.name, ""), "words", "['', '[UNK]', 'good', 'bad']")
        from seqmagic.widgets.look.request import make_pass
        from seqmagic.widgets.look.view import LookView

        view = LookView(make_pass(model, *data, output=options.get(OUTPUT.name), class_names=class_names, words=words, data_names=names))
        view.follow(on=FOLLOW.name in options)
        try:
            self._show(view)
        except BaseException:
            view.close()
            raise

    def _read(self, line: str) -> tuple[Any, tuple[Any, Any], tuple[str, str]]:
        """The model, the data and their names."""
        models, name = self.settings.models, line.strip().partition(" ")[0]
        if len(line.split()) < 2:
            return models.find("look", name), (None, None), ("x", "y")
        if not names_data(line):
            raise LanguageError(gettext("%look does not train, so it only takes data."), instead=f"%look {name} x_test y_test")
        model, fit = models.find_with_data("look", line, trains=False)
        if fit.options:
            data_words = " ".join(FitLine("look", line, {}).rest.split()[:2])
            problem = gettext("%look does not train, so it has no option {option!r}.", option=next(iter(fit.options)))
            raise LanguageError(problem, expected=gettext("a model and data"), instead=f"%look {name} {data_words}")
        return model, (fit.x, fit.y), fit.names

    def _list(self, name: str, what: str, example: str) -> Any:
        """The names or words in a variable, or the layer that has them."""
        if not name:
            return ()
        names = self.settings.models.names()
        if name not in names:
            raise UnknownNameError(
                gettext_noop("variable"), name, [known for known, value in names.items() if isinstance(value, (list, tuple))]
            )
        held = names[name]
        if what == "words" and hasattr(held, "get_vocabulary"):
            return held
        if isinstance(held, (str, dict)) or not hasattr(held, "__len__") or not hasattr(held, "__iter__"):
            raise LanguageError(gettext("{name!r} is not a list of names.", name=name), expected=gettext("a list such as ['cat', 'dog']"))
        return tuple(held)

    @staticmethod
    def _refuse_in_training(model: Any) -> None:
        """Refuse a model in training if there is no page: the numbers could not be updated later."""
        from seqmagic.training.registry import run_of

        run = run_of(model)
        if run is not None:
            raise BusyError(
                gettext("{name!r} is training ({state}).", name=run.name, state=run.format_state()),
                expected=gettext("to look after it has ended"),
            )

    def _show(self, view: Any) -> None:
        if not has_page(self.shell):
            self._refuse_in_training(view.passed.model)
        done = view.begin()
        if has_page(self.shell):
            with suppress(TimeoutError):  # The page shows the progress.
                done.result(PATIENCE if is_live(self.shell) else None)
            self.settings.panels.show(view)
            return
        done.result()
        view.finish()
        if has_kernel(self.shell):
            display({"text/html": view.saved_html(), "text/plain": view.saved_text()}, raw=True)
        else:
            print(view.saved_text())
        view.close()
