"""The magics of a notebook: what those share that work with its models and panels."""

from __future__ import annotations

from IPython.core.magic import Magics

from seqmagic.magics.sequential import SeqMagics


class NotebookMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """Magics that work with the models and panels of a notebook.

    Attributes:
        settings: where `%config` has them, with the models and panels.
    """

    def __init__(self, settings: SeqMagics) -> None:
        super().__init__(settings.shell)
        self.settings = settings
