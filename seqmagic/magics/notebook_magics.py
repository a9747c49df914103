"""The base of magics that use the models and panels of a notebook."""

from __future__ import annotations

from IPython.core.magic import Magics

from seqmagic.magics.sequential import SeqMagics


class NotebookMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """Magics that use the models and panels of a notebook.

    Attributes:
        settings: the object with the `%config` traits, the models and the panels.
    """

    def __init__(self, settings: SeqMagics) -> None:
        super().__init__(settings.shell)
        self.settings = settings
