"""Early stopping: when to end a run. `until="val_accuracy > 0.98"`, `patience=3`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from seqmagic.errors import ArgumentError, Span
from seqmagic.measure import OF_VALIDATION, is_better, is_small_good, measure_of
from seqmagic.translation import gettext, ngettext

COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
EXAMPLE = 'until="val_accuracy > 0.98"'


@dataclass
class EarlyStop:
    """Checks the logs of each epoch and decides when the run should end.

    Attributes:
        metric, sign, value: the condition to reach, such as "val_accuracy", ">", 0.98.
        patience: the number of epochs without a better `val_loss` (or `loss`, without validation) after which the run ends.
        monitor: the metric that patience watches instead.
        judged: the name that tells whether the monitor is better when smaller, if it is not its own.
        validates: whether the run has validation. With validation_freq, epochs without validation don't count.
    """

    metric: str = ""
    sign: str = ">"
    value: float = 0.0
    patience: int | None = None
    monitor: str = ""
    judged: str = field(default="", init=False)
    validates: bool = field(default=False, init=False)
    measured: str = field(default="", init=False)
    lowest: float = field(default=float("inf"), init=False)
    waited: int = field(default=0, init=False)

    def look(self, logs: Mapping[str, Any]) -> str:
        """Why the run should end after an epoch with these logs, as a sentence; empty if it should go on.

        >>> EarlyStop("accuracy", ">", 0.9).look({"accuracy": 0.95})
        'accuracy > 0.9 was reached.'

        Raises:
            ArgumentError: If the metric isn't in the logs.
        """
        if not (self.validates and self.metric.startswith("val_")):
            self.check(logs)
        if self.metric in logs and COMPARISONS[self.sign](logs[self.metric], self.value):
            return gettext("{metric} {sign} {value:g} was reached.", metric=self.metric, sign=self.sign, value=self.value)
        return self._wait(logs)

    def check(self, reported: Collection[str]) -> None:
        """Refuse a metric that the run doesn't log.

        Raises:
            ArgumentError: If it doesn't.
        """
        if self.metric and self.metric not in reported:
            problem = gettext(
                "until uses {metric!r}, but this training only reports {reported}.",
                metric=self.metric,
                reported=", ".join(reported) or gettext("nothing"),
            )
            raise ArgumentError(
                problem, expected=gettext("one of these, the metric added to the compile line, or validation_data for val_...")
            )
        if self.monitor and self.monitor not in reported and not (self.validates and self.monitor.startswith("val_")):
            problem = gettext(
                "patience watches {monitor!r}, but this training only reports {reported}.",
                monitor=self.monitor,
                reported=", ".join(reported) or gettext("nothing"),
            )
            raise ArgumentError(problem, expected=gettext("one of these"))

    def _wait(self, logs: Mapping[str, Any]) -> str:
        name, value = self.measure(logs)
        if self.patience is None or value is None:
            return ""
        judged = self.judged or name
        if name != self.measured:
            self.measured, self.lowest, self.waited = name, math.inf if is_small_good(judged) else -math.inf, 0
        self.lowest, self.waited = (value, 0) if is_better(value, self.lowest, judged) else (self.lowest, self.waited + 1)
        epochs = ngettext("{count} epoch", "{count} epochs", self.patience)
        return gettext("{name} did not improve for {epochs}.", name=name, epochs=epochs) if self.waited >= self.patience else ""

    def measure(self, logs: Mapping[str, Any]) -> tuple[str, float | None]:
        """The metric that an epoch is judged by, and its value; None if the epoch has none.

        >>> EarlyStop().measure({"loss": 0.5, "val_loss": 0.7})
        ('val_loss', 0.7)
        """
        name = self.monitor or measure_of(validates=self.validates or OF_VALIDATION in logs)
        return name, logs.get(name)

    def facts(self) -> dict[str, Any]:
        """Its state, which is saved with a run."""
        return {"measured": self.measured, "lowest": self.lowest, "waited": self.waited}

    def go_on(self, facts: Mapping[str, Any]) -> None:
        """Restore the state saved before the run was interrupted."""
        self.measured = facts.get("measured", "")
        self.lowest, self.waited = facts.get("lowest", self.lowest), facts.get("waited", 0)


def read_early_stop(until: Any = None, patience: Any = None, monitor: Any = None, *, span: Span | None = None) -> EarlyStop:
    """Read these options.

    >>> read_early_stop("val_accuracy > 0.98").metric
    'val_accuracy'

    Raises:
        ArgumentError: If `until` isn't a comparison, or `patience` not a number of epochs.
    """
    if patience is not None and not (isinstance(patience, int) and not isinstance(patience, bool) and patience >= 1):
        raise ArgumentError(
            gettext("patience is {patience!r}.", patience=patience),
            expected=gettext("a number of epochs, at least 1"),
            instead="patience=3",
            span=span,
        )
    if monitor is not None and not isinstance(monitor, str):
        raise ArgumentError(
            gettext("monitor is {monitor!r}.", monitor=str(monitor)[:60]),
            expected=gettext("the name of a metric, such as val_auc"),
            span=span,
        )
    if until is None:
        return EarlyStop(patience=patience, monitor=monitor or "")
    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%?)\s*", str(until))
    if match is None:
        raise ArgumentError(
            gettext("until is {until!r}.", until=str(until)[:60]),
            expected=gettext("a metric, a comparison and a number"),
            instead=EXAMPLE,
            span=span,
        )
    value = float(match[3]) / (100 if match[4] else 1)
    return EarlyStop(match[1], match[2], value, patience, monitor or "")
