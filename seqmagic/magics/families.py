"""The families of a notebook: cells with searched values make no model, and are kept by the name until `%sweep` finds one."""

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
    """The programs of families by the names of their cells; a model of such a name stays what it was.

    Attributes:
        tried: the names that are those of a best model by now.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__()
        self.shell = shell
        self.tried: set[str] = set()

    def keep(self, name: str, program: Program, renamed: Callable[[str], str], *, quiet: bool) -> None:
        """Check the networks that a cell with searched values stands for, and show what is searched; nothing is bound yet.

        Args:
            renamed: what to type for the same with another name.
            quiet: whether nothing is shown.
        """
        family_of(self.shell, program).check()
        check_free(self.shell, name, renamed)
        end_sweeps(name)
        self[name] = program
        self.tried.discard(name)
        if not quiet:
            self.show(name)

    def show(self, name: str) -> None:
        """Show what is searched."""
        from seqmagic.widgets.family_card import FamilyCard

        family = family_of(self.shell, self[name])
        display(FamilyCard(name, family.searched, *family.check(), fits=family.program.fit is not None))

    def refuse(self, magic: str, name: str) -> None:
        """Say where a family's name stands that it is no model yet.

        Raises:
            LanguageError: Where the name is that of a family.
        """
        if name in self:
            problem = gettext("{name!r} is a family of networks, and none of them has been tried yet.", name=name)
            raise LanguageError(
                problem, expected=gettext("a model for %{magic}", magic=magic), instead=f"%sweep {name} x_train y_train trials=20"
            )

    def forget(self, name: str) -> None:
        """Let go of a family: its name is that of a model of one cell now."""
        self.pop(name, None)
        end_sweeps(name)


def family_of(shell: InteractiveShell, program: Program) -> Family:
    """The family of a program of the notebook, whose curly brackets are worked out here."""
    from seqmagic.magics.evaluation import evaluate
    from seqmagic.sweeps.family import Family

    return Family(program, variables_of(shell), partial(evaluate, shell))


def end_sweeps(name: str) -> None:
    """End the sweep that would bind its best model to a name, which somebody has just given another meaning."""
    for sweep in active_sweeps():
        if sweep.variable == name:
            sweep.variable = ""
            sweep.stop().wait_quietly()
            print(gettext("The sweep of {name} was stopped: this cell makes it anew.", name=name))
