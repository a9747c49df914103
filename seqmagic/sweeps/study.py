"""The study: Optuna draws the values of the next trial, and says which trials are not worth going on with.

Nothing is kept in Optuna: before each trial it is given all that came before, so that a sweep goes on after its kernel has died as one that
was never cut, and the ledger of runs stays the one place where results are.
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

DIGITS = 4  # Of a drawn number: more would stand in no text that somebody types.
RANDOM_TRIALS = 8  # Before anything is learned from them.
MOST_DRAWS = 40  # For a text that was not tried yet.


class MissingOptunaError(SeqmagicError):
    """A sweep needs a package that is not there."""


def import_optuna() -> Any:
    """The package that draws.

    Raises:
        MissingOptunaError: With what installs it.
    """
    try:
        import optuna
    except ImportError:
        problem = gettext("A sweep draws its values with Optuna, which is not installed here.")
        raise MissingOptunaError(problem, expected=gettext("the package optuna"), instead="%pip install optuna") from None
    return optuna


@dataclass(frozen=True)
class Draw:
    """What was drawn for a trial.

    Attributes:
        values: of each searched value by its name.
        member: the text with these values.
        trial: Optuna's, which each epoch is reported to.
        told: the epochs that it knows.
    """

    values: dict[str, Drawn]
    member: Program
    trial: Any
    told: set[int] = field(default_factory=set)

    def report(self, value: float, step: int) -> bool:
        """Tell what an epoch came to; True means that the trial is not worth going on with."""
        if step not in self.told:  # It would warn of a second time.
            self.told.add(step)
            self.trial.report(value, step)
        return bool(self.trial.should_prune())


class Study:
    """Draws for one sweep.

    Attributes:
        family: what is drawn from.
        metric: what a trial is judged by.
        seed: what is drawn from it is the same each time.
        prunes: whether trials may end early.
    """

    def __init__(self, family: Family, metric: str, seed: int, *, prunes: bool) -> None:
        self.family, self.metric, self.seed, self.prunes = family, metric, seed, prunes
        self.optuna = import_optuna()

    def draw(self, number: int, before: Sequence[Trial], texts: Collection[str]) -> Draw | None:
        """The values of a trial; None where nothing is drawn that was not tried before.

        Args:
            number: of the trial, from 1.
            before: the trials that it is drawn by.
            texts: those of all trials so far.
        """
        for again in range(MOST_DRAWS if self.family.searched else 1):
            study = self._study(before, [self.seed, number, again])
            draw = self._draw(study.ask())
            if draw.member.text not in texts:
                return draw
        return None

    def draw_again(self, one: Trial, before: Sequence[Trial]) -> Draw:
        """The values of a trial that has begun, to go on with."""
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
        """A study that knows the trials that have ended."""
        optuna = self.optuna
        sampler = optuna.samplers.TPESampler(seed=_mixed(seeds), n_startup_trials=RANDOM_TRIALS, multivariate=False)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1) if self.prunes else optuna.pruners.NopPruner()
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # It would log each study that is made.
        try:
            direction = "minimize" if is_small_good(self.metric) else "maximize"
            study = optuna.create_study(sampler=sampler, pruner=pruner, direction=direction)
        finally:
            optuna.logging.set_verbosity(verbosity)
        study.add_trials([self._trial(one) for one in trials if one.has_ended])
        return study

    def _trial(self, one: Trial) -> Any:
        """A trial as Optuna knows it."""
        optuna = self.optuna
        there = {searched.name: searched for searched in self.family.searched if searched.name in one.values}
        facts: dict[str, Any] = {
            "params": {name: one.values[name] for name in there},
            "distributions": {name: self._distribution(searched) for name, searched in there.items()},
            "intermediate_values": {step: value for step, value in one.steps() if math.isfinite(value)},
        }
        if one.state == TrialState.DONE and one.result is not None and math.isfinite(one.result):
            return optuna.create_trial(value=one.result, **facts)
        # One that went astray is no better than one that was given up before its first number.
        return optuna.create_trial(state=optuna.trial.TrialState.PRUNED, **facts)

    def _distribution(self, one: Searched) -> Any:
        distributions = self.optuna.distributions
        if one.kind == CHOICE:
            return distributions.CategoricalDistribution(one.texts)
        if one.is_whole:
            return distributions.IntDistribution(one.low, one.high, log=one.kind == "log", step=one.step or 1)
        return distributions.FloatDistribution(float(one.low), float(one.high), log=one.kind == "log", step=one.step)

    def importance(self, trials: Iterable[Trial]) -> dict[str, float]:
        """How much each searched value matters for the result, from 0 to 1, the most important first; empty while that isn't known."""
        done = [one for one in trials if one.state == TrialState.DONE and one.result is not None]
        if len({one.result for one in done}) < 2:
            return {}
        try:
            study = self._study(done, [self.seed])
            evaluator = self.optuna.importance.PedAnovaImportanceEvaluator()
            found = self.optuna.importance.get_param_importances(study, evaluator=evaluator)
        except (ValueError, RuntimeError):  # Too few, or none that all have.
            return {}
        return {name: float(share) for name, share in found.items()}


def _suggest(trial: Any, one: Searched) -> Drawn:
    if one.kind == CHOICE:
        return str(trial.suggest_categorical(one.name, one.texts))
    if one.is_whole:
        return int(trial.suggest_int(one.name, one.low, one.high, log=one.kind == "log", step=one.step or 1))
    return float(trial.suggest_float(one.name, float(one.low), float(one.high), log=one.kind == "log", step=one.step))


def rounded(one: Searched, drawn: Drawn) -> Drawn:
    """A drawn number as somebody would type it, and still in its range."""
    if not isinstance(drawn, float):
        return drawn
    short = float(f"{drawn:.{DIGITS}g}")
    if one.step is not None:
        short = float(f"{drawn:.10g}")
    return min(max(short, float(one.low)), float(one.high))


def _mixed(seeds: Sequence[int]) -> int:
    """One seed of several numbers, the same in every process."""
    import numpy as np

    return int(np.random.SeedSequence(seeds).generate_state(1)[0])


def better(metric: str, trials: Iterable[Trial]) -> list[Trial]:
    """Trials that have a result, the best first."""
    known = [one for one in trials if one.result is not None and math.isfinite(one.result)]
    sign = 1 if is_small_good(metric) else -1
    # Those that came to their end are judged first: an epoch's number in the middle of a training is no result.
    return sorted(known, key=lambda one: (one.state != TrialState.DONE, sign * (one.result or 0.0), one.number))
