"""The families of a notebook: a cell with searched values builds no model, and is kept by name until `%sweep` has found one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seqmagic.errors import LanguageError
from seqmagic.magics.namespace import check_free, variables_of
from seqmagic.sweeps.registry import active_sweeps
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.language import Program
    from seqmagic.sweeps.family import Family


class Families(dict[str, "Program"]):
    """The programs of families by name; a model with the same name is kept.

    Attributes:
        tried: the names that are now bound to a best model.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__()
        self.shell = shell
        self.tried: set[str] = set()

    def keep(self, name: str, program: Program, renamed: Callable[[str], str], *, quiet: bool) -> None:
        """Check the networks of a cell with searched values, and show what is searched; no variable is assigned yet.

        Args:
            renamed: returns the command with another name.
            quiet: whether to show nothing.
        """
        family_of(self.shell, program).check()
        check_free(self.shell, name, renamed)
        end_sweeps(name)
        self[name] = program
        self.tried.discard(name)
        if not quiet:
            self.show(name)

    def show(self, name: str) -> None:
        """Show the searched values."""
        from seqmagic.widgets.family_card import FamilyCard

        family = family_of(self.shell, self[name])
        display(FamilyCard(name, family.searched, *family.check(), fits=family.program.fit is not None))

    def refuse(self, magic: str, name: str) -> None:
        """Refuse a family's name where a model is expected.

        Raises:
            LanguageError: If the name is a family's.
        """
        if name in self:
            problem = gettext("{name!r} is a family of networks, and none of them has been tried yet.", name=name)
            raise LanguageError(
                problem, expected=gettext("a model for %{magic}", magic=magic), instead=f"%sweep {name} x_train y_train trials=20"
            )

    def forget(self, name: str) -> None:
        """Remove a family, because its name is now that of a single model."""
        self.pop(name, None)
        end_sweeps(name)


def family_of(shell: InteractiveShell, program: Program) -> Family:
    """The family of a program of the notebook, whose expressions in curly brackets are evaluated here."""
    from seqmagic.magics.evaluation import evaluate
    from seqmagic.sweeps.family import Family

    return Family(program, variables_of(shell), partial(evaluate, shell))


def end_sweeps(name: str) -> None:
    """Keep a sweep from assigning its best model to a name that now has another meaning."""
    for sweep in active_sweeps():
        if sweep.variable == name:
            sweep.variable = ""
            sweep.stop().wait_quietly()
            print(gettext("The sweep of {name} was stopped, because this cell makes the model again.", name=name))
