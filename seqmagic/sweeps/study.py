"""The study: Optuna draws the values of the next trial, and decides which trials to prune.

Nothing is stored in Optuna: before each trial, a new study is filled with all earlier trials. So a sweep whose kernel has died continues as
if it had not been interrupted, and the ledger of runs is the only place where results are stored.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqmagic.errors import SeqmagicError
from seqmagic.language import Program
from seqmagic.language.searched import CHOICE, Drawn, Searched
from seqmagic.measure import is_small_good
from seqmagic.sweeps.family import Family
from seqmagic.sweeps.trials import Trial, TrialState
from seqmagic.translation import gettext

DIGITS = 4  # Significant digits of a drawn number; nobody would type more.
RANDOM_TRIALS = 8  # Random trials before the sampler uses earlier results.
MOST_DRAWS = 40  # Attempts to draw a text that was not tried yet.


class MissingOptunaError(SeqmagicError):
    """Optuna is not installed."""


def import_optuna() -> Any:
    """Import Optuna.

    Raises:
        MissingOptunaError: With the command that installs it.
    """
    try:
        import optuna
    except ImportError:
        problem = gettext("A sweep needs Optuna, which is not installed here.")
        raise MissingOptunaError(problem, expected=gettext("the package optuna"), instead="%pip install optuna") from None
    return optuna


@dataclass(frozen=True)
class Draw:
    """The drawn values of a trial.

    Attributes:
        values: by the name of the searched value.
        member: the text with these values.
        trial: of Optuna, to which each epoch is reported.
        told: the epochs that were reported.
    """

    values: dict[str, Drawn]
    member: Program
    trial: Any
    told: set[int] = field(default_factory=set)

    def report(self, value: float, step: int) -> bool:
        """Report an epoch's value; True if the trial should be pruned."""
        if step not in self.told:  # Optuna warns if a step is reported twice.
            self.told.add(step)
            self.trial.report(value, step)
        return bool(self.trial.should_prune())


class Study:
    """Draws the values for one sweep.

    Attributes:
        family: to draw from.
        metric: to optimize, by the name that tells whether it is better when smaller.
        seed: the same seed draws the same values.
        prunes: whether trials may be pruned.
    """

    def __init__(self, family: Family, metric: str, seed: int, *, prunes: bool) -> None:
        self.family, self.metric, self.seed, self.prunes = family, metric, seed, prunes
        self.optuna = import_optuna()

    def draw(self, number: int, before: Sequence[Trial], texts: Collection[str]) -> Draw | None:
        """Draw the values of a trial; None if only texts that were tried before are drawn.

        Args:
            number: of the trial, from 1.
            before: the trials whose results the sampler may use.
            texts: of all trials so far.
        """
        for again in range(MOST_DRAWS if self.family.searched else 1):
            study = self._study(before, [self.seed, number, again])
            draw = self._draw(study.ask())
            if draw.member.text not in texts:
                return draw
        return None

    def draw_again(self, one: Trial, before: Sequence[Trial]) -> Draw:
        """The values of an interrupted trial, to resume it."""
        trial = self._study(before, [self.seed, one.number, 0]).ask()
        return Draw(dict(one.values), self.family.member(one.values), trial)

    def _draw(self, trial: Any) -> Draw:
        values: dict[str, Drawn] = {}

        def suggest(one: Searched) -> Drawn:
            if one.name not in values:
                values[one.name] = rounded(one, _suggest(trial, one))
            return values[one.name]

        return Draw(values, self.family.draw(suggest), trial)

    def _study(self, trials: Iterable[Trial], seeds: Sequence[int]) -> Any:
        """A study that contains the finished trials."""
        optuna = self.optuna
        sampler = optuna.samplers.TPESampler(seed=_mixed(seeds), n_startup_trials=RANDOM_TRIALS, multivariate=False)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1) if self.prunes else optuna.pruners.NopPruner()
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # Optuna would log the creation of each study.
        try:
            direction = "minimize" if is_small_good(self.metric) else "maximize"
            study = optuna.create_study(sampler=sampler, pruner=pruner, direction=direction)
        finally:
            optuna.logging.set_verbosity(verbosity)
        study.add_trials([self._trial(one) for one in trials if one.has_ended])
        return study

    def _trial(self, one: Trial) -> Any:
        """The trial as Optuna's own."""
        optuna = self.optuna
        there = {searched.name: searched for searched in self.family.searched if searched.name in one.values}
        facts: dict[str, Any] = {
            "params": {name: one.values[name] for name in there},
            "distributions": {name: self._distribution(searched) for name, searched in there.items()},
            "intermediate_values": {step: value for step, value in one.steps() if math.isfinite(value)},
        }
        if one.state == TrialState.DONE and one.result is not None and math.isfinite(one.result):
            return optuna.create_trial(value=one.result, **facts)
        # A trial without a finite result counts like one that was pruned before its first epoch.
        return optuna.create_trial(state=optuna.trial.TrialState.PRUNED, **facts)

    def _distribution(self, one: Searched) -> Any:
        distributions = self.optuna.distributions
        if one.kind == CHOICE:
            return distributions.CategoricalDistribution(one.texts)
        if one.is_whole:
            return distributions.IntDistribution(one.low, one.high, log=one.kind == "log", step=one.step or 1)
        return distributions.FloatDistribution(float(one.low), float(one.high), log=one.kind == "log", step=one.step)

    def importance(self, trials: Iterable[Trial]) -> dict[str, float]:
        """The importance of each searched value, from 0 to 1, the highest first; empty if it can't be computed yet."""
        done = [one for one in trials if one.state == TrialState.DONE and one.result is not None]
        if len({one.result for one in done}) < 2:
            return {}
        try:
            study = self._study(done, [self.seed])
            evaluator = self.optuna.importance.PedAnovaImportanceEvaluator()
            found = self.optuna.importance.get_param_importances(study, evaluator=evaluator)
        except (ValueError, RuntimeError):  # Too few trials, or no parameter that all of them have.
            return {}
        return {name: float(share) for name, share in found.items()}


def _suggest(trial: Any, one: Searched) -> Drawn:
    if one.kind == CHOICE:
        return str(trial.suggest_categorical(one.name, one.texts))
    if one.is_whole:
        return int(trial.suggest_int(one.name, one.low, one.high, log=one.kind == "log", step=one.step or 1))
    return float(trial.suggest_float(one.name, float(one.low), float(one.high), log=one.kind == "log", step=one.step))


def rounded(one: Searched, drawn: Drawn) -> Drawn:
    """A drawn number rounded as a user would type it, but kept in its range."""
    if not isinstance(drawn, float):
        return drawn
    short = float(f"{drawn:.{DIGITS}g}")
    if one.step is not None:
        short = float(f"{drawn:.10g}")
    return min(max(short, float(one.low)), float(one.high))


def _mixed(seeds: Sequence[int]) -> int:
    """Combine several numbers to one seed, the same in every process."""
    import numpy as np

    return int(np.random.SeedSequence(seeds).generate_state(1)[0])


def better(metric: str, trials: Iterable[Trial]) -> list[Trial]:
    """The trials that have a result, the best first.

    Args:
        metric: the name that tells whether a small result is better.
    """
    known = [one for one in trials if one.result is not None and math.isfinite(one.result)]
    sign = 1 if is_small_good(metric) else -1
    # Finished trials come first: the metric of an early epoch is no result.
    return sorted(known, key=lambda one: (one.state != TrialState.DONE, sign * (one.result or 0.0), one.number))
