"""The fit form: epochs, batch size, validation split, early stopping and class weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from seqmagic.errors import ArgumentError, SeqmagicError
from seqmagic.forms.compatibility import CompatibilityCheck
from seqmagic.language import parse_step
from seqmagic.language.fit_words import BALANCED, SPLITS
from seqmagic.measure import with_validation
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.options.early_stop import read_early_stop
from seqmagic.options.fit_line import read_fit
from seqmagic.translation import gettext, gettext_noop

FIELDS = ("epochs", "batch_size", "validation_split", "split", "patience", "until")
LAST_ROWS = gettext_noop("last rows")
LABELS = {
    "epochs": gettext_noop("Epochs"),
    "batch_size": gettext_noop("Batch size"),
    "validation_split": gettext_noop("Validation split"),
    "split": gettext_noop("Which rows"),
    "patience": gettext_noop("Patience"),
    "until": gettext_noop("Until"),
    "class_weight": gettext_noop("Equal class weights"),
}
ABOUT = {
    "epochs": gettext_noop("How many times to go through all training data"),
    "batch_size": gettext_noop("How many rows are used for each step"),
    "validation_split": gettext_noop("The fraction of the data to hold out for validation, such as 0.2"),
    "split": gettext_noop("Which rows are held out: the last ones, or random ones, optionally in the same proportion from each class"),
    "patience": gettext_noop("Stop after this many epochs without an improvement of the loss"),
    "until": gettext_noop("Stop when an epoch reaches this, such as val_accuracy > 0.98"),
    "class_weight": gettext_noop("Give rare classes more weight, so that all classes count the same: class_weight=balanced"),
}
KINDS = {"epochs": "number", "batch_size": "number", "patience": "number", "split": "choice"}
DEFAULTS = {"epochs": "10", "batch_size": "32", "validation_split": "", "split": "", "patience": "", "until": ""}


class FitForm:
    """Holds the values as text; the fit line is built from them, and parsed like any other.

    Attributes:
        model: to be trained; its input may fix the batch size.
        compatibility: the checks against the labels.
        data: the beginning of the line, such as "x_train y_train validation_data=x_test,y_test".
        streams: whether the data is a stream, which validation_split can't divide.
    """

    def __init__(self, model: keras.Model, compatibility: CompatibilityCheck, data: str, *, streams: bool = False) -> None:
        self.compatibility, self.data = compatibility, data
        self.values = {**DEFAULTS, "batch_size": "" if streams else str(fixed_batch_of(model) or 32)}
        self.weighs = False
        self._epochs = DEFAULTS["epochs"]  # An emptied field is reset to this.
        share = ("validation_split", "split")
        self._idle = ("batch_size", *share) if streams else share if "validation_data" in data else ()

    def begin(self, values: Mapping[str, Any]) -> None:
        """Take over the values written in the cell."""
        for name, value in values.items():
            self.put(name, str(value))
        self._epochs = self.values["epochs"]

    def put(self, name: str, text: str) -> None:
        """Set a value; an empty text resets it."""
        if name == "class_weight":
            # An invalid value from a cell is kept, so that the run reports what is wrong with it.
            self.weighs = text == BALANCED or (text in ("true", "True", "1") and not self.compatibility.no_class_weights)
        elif name == "split":
            self.values[name] = text if text in SPLITS else ""
        elif name in self.values:
            self.values[name] = text or (self._epochs if name == "epochs" else "")

    @property
    def line(self) -> str:
        """The fit line for these values."""
        fields = [_format_field(name, value) for name, value in self._wanted()]
        if self.weighs:
            fields.append(f"class_weight={BALANCED}")
        return " ".join(["fit", self.data, *fields])

    def options(self) -> dict[str, Any]:
        """The values as arguments of a run.

        Raises:
            SeqmagicError: At an invalid one.
        """
        options: dict[str, Any] = {}
        for name, value in self._wanted():
            options |= self._read(name, value)
        return {**options, **({"class_weight": BALANCED} if self.weighs else {})}

    def _wanted(self) -> Iterator[tuple[str, str]]:
        """The values that are set; `split` is left out without a validation_split."""
        return ((name, value) for name, value in self.values.items() if value and (name != "split" or self.values["validation_split"]))

    def _read(self, name: str, value: str) -> dict[str, Any]:
        if name == "until":
            read_early_stop(value, None)
            return {name: value}
        if name == "split":
            return {name: value}
        if name == "patience":
            if not value.isdecimal() or int(value) < 1:
                raise ArgumentError(gettext("patience is {value!r}.", value=value[:40]), expected=gettext("a number of epochs, such as 3"))
            return {name: int(value)}
        number = _number(value)
        if number is None:
            expected = gettext("a fraction, such as 0.2") if name == "validation_split" else gettext("a whole number of at least 1")
            raise ArgumentError(gettext("{name} is {value!r}.", name=name, value=value[:40]), expected=expected)
        if name in ("epochs", "batch_size") and 1 <= number < 1e9 and number.is_integer() and not value.isdecimal():
            raise ArgumentError(
                gettext("{name} is {value!r}.", name=name, value=value[:40]),
                expected=gettext("a whole number without a decimal point: {number:.0f}", number=number),
            )
        try:
            return read_fit(parse_step(f"fit 0 {name}={value}"), {}).options
        except SeqmagicError as error:  # The error must not point at a line, because the user wrote none.
            raise ArgumentError(error.problem, expected=error.expected) from None

    def problem(self, name: str) -> str:
        """What is wrong with a value, as a sentence."""
        try:
            self._read(name, self.values[name])
        except SeqmagicError as error:
            return error.in_one_line()
        return ""

    def _unreported(self, reported: Sequence[str] | None) -> str:
        """Why `until` can't be checked: its metric won't be logged."""
        asked = read_early_stop(self.values["until"]).metric
        metric = asked.removeprefix("val_")
        if metric != asked and not self.values["validation_split"] and "validation_data" not in self.data:
            return gettext("{asked} needs a validation split, or validation_data on the %dashboard line.", asked=asked)
        if reported is None or _plain(metric) in {_plain(name) for name in reported}:
            return ""
        known = with_validation(reported, validates=bool(self.values["validation_split"]) or "validation_data" in self.data)
        return gettext(
            "An epoch reports {known} and {last}: use one of these, or add a metric above.", known=", ".join(known[:-1]), last=known[-1]
        )

    def batches(self) -> int:
        """About how many batches the training will have, for schedules; 1,000 if it isn't known."""
        rows = 0 if self.compatibility.y is None else len(self.compatibility.y)
        try:
            rows = round(rows * (1 - float(self.values["validation_split"] or 0)))
            return max(1, int(self.values["epochs"]) * -(-rows // int(self.values["batch_size"]))) if rows else 1000
        except (ValueError, ZeroDivisionError):
            return 1000

    def describe(self, reported: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The controls for the page.

        Args:
            reported: the names that an epoch will log, without the val_ ones; None if they aren't all known.
        """
        shown = [name for name in FIELDS if self.values[name] or name not in self._idle]
        fields = [
            {
                "control": f"fit.{name}",
                "label": gettext(LABELS[name]),
                "kind": KINDS.get(name, "text"),
                "words": [["", gettext(LAST_ROWS)], *([way, way] for way in SPLITS)] if name == "split" else [],
                "value": self.values[name],
                "default": self._epochs if name == "epochs" else DEFAULTS[name],
                "about": gettext(ABOUT[name]),
                "problem": (self.problem(name) or (self._unreported(reported) if name == "until" else "")) if self.values[name] else "",
            }
            for name in shown
        ]
        why_not = self.compatibility.no_class_weights
        box = {"control": "fit.class_weight", "label": gettext(LABELS["class_weight"]), "kind": "flag", "value": str(self.weighs).lower()}
        return [
            *fields,
            {**box, "default": "false", "about": why_not or gettext(ABOUT["class_weight"]), "off": bool(why_not), "problem": ""},
        ]


def _format_field(name: str, value: str) -> str:
    return value if name == "split" else f'until="{value}"' if name == "until" else f"{name}={value}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _plain(name: str) -> str:
    # The metric MeanSquaredError is logged as mean_squared_error.
    return name.lower().replace("_", "")
