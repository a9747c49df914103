"""`%dashboard`."""

from __future__ import annotations

from IPython.core.magic import line_magic, magics_class, no_var_expand

from seqmagic.magics.environment import has_page
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.line_options import take_options
from seqmagic.magics.notebook_magics import NotebookMagics
from seqmagic.translation import gettext


@magics_class
class DashboardMagics(NotebookMagics):
    """The magic that shows a panel."""

    @no_var_expand
    @line_magic
    @shows_errors
    def dashboard(self, line: str) -> None:
        """Show a panel for a model, with compile options, Train, Pause and Stop, and live curves.

        %dashboard digits
        %dashboard digits x_train y_train validation_data=x_test,y_test
        """
        models = self.settings.models
        _, line = take_options(line, (), "%dashboard")
        x, y, options = None, None, {}
        if len(line.split()) > 1:
            model, fit = models.find_with_data("dashboard", line)
            x, y, options = fit.x, fit.y, fit.options
        else:
            model = models.find("dashboard", line.strip())
        if has_page(self.shell):
            from seqmagic.language.identifiers import normalized
            from seqmagic.widgets.dashboard import Dashboard

            panel = Dashboard(model, x, y, names=models.names(), advice=self.settings.advice, **options)
            name = normalized(line.split(maxsplit=1)[0])
            if self.shell.user_ns.get(name) is model:  # The name may be a local variable of a function.
                panel.current_model = lambda: self.shell.user_ns.get(name)
            self.settings.panels.show(panel)
        else:
            from seqmagic.forms.compiled import describe

            print(
                gettext(
                    "{name}: {line}\nThe panel appears when this notebook is open in Jupyter.",
                    name=model.name,
                    line=describe(model, y).line(),
                )
            )
