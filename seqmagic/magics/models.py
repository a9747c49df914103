"""The models of a notebook, by name."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import LanguageError, SeqmagicError, UnknownNameError
from seqmagic.magics.caller import namespace_of
from seqmagic.magics.families import Families
from seqmagic.magics.fit_line import FitLine
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.namespace import variables_of
from seqmagic.translation import gettext, gettext_noop


class NotebookModels:
    """Finds the models named on magic lines.

    Attributes:
        shell: of the notebook.
        preload: the import of Keras.
        families: cells with searched values, whose names don't have a model yet.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload, families: Families) -> None:
        self.shell, self.preload, self.families = shell, preload, families

    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        return variables_of(self.shell)

    def find(self, magic: str, name: str, line: str = "") -> Any:
        """The model of a name.

        Args:
            line: of a `%fit` or `%dashboard` that begins with it.

        Raises:
            LanguageError, UnknownNameError: If there is none.
        """
        if not name:
            raise LanguageError(gettext("%{magic} needs the name of a model.", magic=magic), instead=f"%{magic} digits x_train y_train")
        self.preload.join()
        import keras

        from seqmagic.language.identifiers import normalized

        found = namespace_of(self.shell).get(normalized(name))
        if isinstance(found, keras.Model):
            from seqmagic.describe.source import call_model

            call_model(found, name)
            return found
        self.families.refuse(magic, normalized(name))
        typed = FitLine(magic, line or name, self.names())
        hint = "" if typed.models() else gettext("Make one with %%sequential first.")
        if line:
            raise typed.explain_name(hint)
        raise UnknownNameError(gettext_noop("model"), name, typed.models(), hint=hint)

    def find_sequential(self, name: str) -> Any:
        """The keras.Sequential of a name.

        Raises:
            LanguageError, UnknownNameError: If there is none.
        """
        model = self.find("sequential", name)
        import keras

        if not isinstance(model, keras.Sequential):
            raise LanguageError(gettext("{name!r} is not a Sequential model.", name=name), expected=gettext("a keras.Sequential"))
        return model

    def find_with_data(self, magic: str, line: str, *, trains: bool = True) -> tuple[Any, Any]:
        """The model, data and options of a line.

        Args:
            trains: whether the line starts a training, and is stored as the model's own.

        Raises:
            SeqmagicError: At what doesn't fit, pointing at the line as typed.
        """
        model = self.find(magic, line.strip().partition(" ")[0], line)
        from seqmagic.describe.source import remember_fit_step
        from seqmagic.language import parse_step
        from seqmagic.magics.evaluation import evaluate
        from seqmagic.network.pasted import read_pasted_step
        from seqmagic.recipes.faults import read_class_fit

        typed = FitLine(magic, line, self.names())
        try:
            step = read_pasted_step(parse_step(f"fit {typed.rest}"), typed.names)
            options = read_class_fit(step, {**typed.names, **evaluate(self.shell, step)})
        except SeqmagicError as error:
            typed.add_fixes(error, model)
            raise
        if trains:
            remember_fit_step(model, step)
        return model, options
