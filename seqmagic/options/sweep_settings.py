"""The settings of a sweep: what its line says besides the fit line."""

from __future__ import annotations

from dataclasses import dataclass, fields

from seqmagic.errors import ArgumentError
from seqmagic.translation import gettext

MOST_TRIALS = 10_000
MOST_REPEATS = 100


@dataclass(frozen=True)
class Settings:
    """The settings of a sweep.

    Attributes:
        trials: the number of networks to try.
        seed: for drawing the values, and for training networks whose text has no seed.
        best: the metric to optimize; if empty, the validation loss, or the training loss without validation.
        folds: runs per network, each with another part of the rows for validation.
        seeds: runs per network, each with another seed.
        prune: whether to end a network early that does worse than most.
    """

    trials: int = 20
    seed: int = 0
    best: str = ""
    folds: int = 1
    seeds: int = 1
    prune: bool = True

    def __post_init__(self) -> None:
        bounds = {"trials": (1, MOST_TRIALS), "seed": (0, 2**32 - 1 - MOST_REPEATS), "folds": (1, MOST_REPEATS), "seeds": (1, MOST_REPEATS)}
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise ArgumentError(
                    gettext("{name} is {value!r}.", name=name, value=value),
                    expected=gettext("a whole number from {least} to {most:,}", least=least, most=most),
                    instead=f"{name}=5",
                )
        if self.folds > 1 and self.seeds > 1:
            raise ArgumentError(gettext("A sweep can use either folds or seeds, not both."), expected=gettext("only one of the two"))
        if not isinstance(self.best, str):
            raise ArgumentError(gettext("best is not the name of a metric."), expected=gettext("such as best=val_accuracy"))
        if not isinstance(self.prune, bool):
            raise ArgumentError(gettext("prune is {prunes!r}.", prunes=self.prune), expected=gettext("true or false"))

    @property
    def repeats(self) -> int:
        """The number of runs of each network."""
        return max(self.folds, self.seeds)


SETTINGS = tuple(one.name for one in fields(Settings))
