"""The compile form: the values of the compile panel's controls, the values that each may have, and their errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import keras

from seqmagic.describe.source import name_of_model
from seqmagic.errors import ArgumentError, SeqmagicError
from seqmagic.forms.choices import TO_FILL_IN, UNSPEAKABLE, Choice, ChoiceOption, Written, options_of
from seqmagic.forms.compatibility import Compatibility, CompatibilityCheck, loss_groups, metric_groups
from seqmagic.forms.compiled import SOME_OPTIMIZER, CompileChoices, proposed, read_choices, read_line, with_rate
from seqmagic.forms.explanations import explain
from seqmagic.forms.fit_form import FitForm
from seqmagic.forms.locked import describe_lock, locked_controls
from seqmagic.forms.user_words import own_words
from seqmagic.forms.word_groups import optimizer_groups, schedule_groups
from seqmagic.network.catalogue import LOSSES, METRICS, OPTIMIZERS, SCHEDULES, Registry
from seqmagic.network.layers import first_sentence
from seqmagic.options.compile_line import CompileOptions
from seqmagic.options.monitors import names_of_numbers, reports_compiled_numbers
from seqmagic.translation import gettext, gettext_noop

# Options that are always shown; all others are collapsed.
COMMON = ("momentum", "nesterov", "rho", "from_logits", "label_smoothing", "delta", "alpha", "gamma", "k", "threshold")
NAMELESS = gettext_noop("The model already trains with it. To write it in a cell, give it a name there.")


class CompileForm:
    """Holds the choices, and describes the controls for the page.

    Attributes:
        model: a built Keras model.
        y: its labels, or None.
        names: the notebook's own optimizers, losses and metrics.
        wanted: the values of the controls.
        fit: the beginning of the fit line.
        streams: whether the data is a stream, which comes in batches.
    """

    def __init__(self, model: keras.Model, y: Any, names: Mapping[str, Any], wanted: CompileChoices, fit: str, *, streams: bool) -> None:
        self.model, self.y, self.wanted = model, y, wanted
        self.names = names
        second = fit.partition(" ")[2].partition(" ")[0]
        label = second if second and "=" not in second and second != TO_FILL_IN else "y"
        self.compatibility = CompatibilityCheck(model, y, label, self.names)
        self.fit = FitForm(model, self.compatibility, fit, streams=streams)
        self.best = proposed(model, y)
        self._problem = lru_cache(maxsize=256)(self._find_problem)  # Cached, because reading a choice creates its object.
        self.had = wanted  # The model's own objects, or the proposed ones. They are valid, and reading them would only create them again.

    @property
    def fit_line(self) -> str:
        """The fit line for the values of the controls."""
        return self.fit.line

    def fit_options(self) -> dict[str, Any]:
        """The fit line's options, as `fit` takes them."""
        return self.fit.options()

    def read(self, keep: tuple[bool, bool, bool] = (False, False, False), known: tuple[Choice, ...] = ()) -> CompileOptions:
        """The choices as Keras takes them, except for the metrics in `known`; see `compiled.read_choices`."""
        wanted = replace(self.wanted, metrics=tuple(metric for metric in self.wanted.metrics if metric not in known))
        parts = [("optimizer", self.wanted.optimizer), ("loss", self.wanted.loss), *(("metrics", metric) for metric in wanted.metrics)]
        kept = dict(zip(("optimizer", "loss", "metrics"), keep, strict=True))
        for part, choice in parts:
            for error in [] if kept[part] else self._wrong_kinds(part, choice):
                raise error
        return read_choices(wanted, self.names, keep)

    def _wrong_kinds(self, part: str, choice: Choice) -> list[ArgumentError]:
        """Errors of options whose text does not match their kind."""
        texts = {name: value for name, value in choice.options if isinstance(value, str) and value not in self.names}
        found = [option.check(texts.get(option.name, "")) for option in options_of(self._find(part, choice.word))]
        return [error for error in found if error is not None]

    # Changing a control.

    def put(self, control: str, value: Any) -> None:
        """Change the value of a control."""
        part, _, rest = control.partition(".")
        text = "" if value is None else str(value).strip()
        if part == "fit":
            self.fit.put(rest, text)
        elif part == "propose":
            others = tuple(metric for metric in self.wanted.metrics if metric not in self.best.metrics)
            self.wanted = replace(self.wanted, loss=self.best.loss, metrics=(*self.best.metrics, *others))
        elif part == "schedule":
            self._put_schedule(rest, text)
        elif part == "optimizer":
            chosen = self._put_option(part, self.wanted.optimizer, rest, text) if rest else with_rate(text)
            self.wanted = replace(self.wanted, optimizer=chosen)
        elif part == "loss":
            chosen = self._put_option(part, self.wanted.loss, rest, text) if rest else Choice(text)
            self.wanted = replace(self.wanted, loss=chosen)
        elif part == "metrics":
            self.wanted = replace(self.wanted, metrics=self._put_metric(rest, text))

    def _put_option(self, part: str, choice: Choice, name: str, text: str) -> Choice:
        """Set an option; a default value is left out, except for the learning rate, which a line always has."""
        option = next((known for known in options_of(self._find(part, choice.word)) if known.name == name), None)
        silent = option is not None and option.means_default(text) and name != "learning_rate"
        begins = option.default if option is not None and name == "learning_rate" and not text else text
        return choice.put(name, None if silent else begins)

    def _put_metric(self, rest: str, text: str) -> tuple[Choice, ...]:
        metrics = list(self.wanted.metrics)
        where, _, option = rest.partition(".")
        if where == "add" and text and all(metric.word != text for metric in metrics):
            metrics.append(Choice(text))
        elif where == "remove" and text.isdigit() and int(text) < len(metrics):
            del metrics[int(text)]
        elif option and where.isdigit() and int(where) < len(metrics):
            metrics[int(where)] = self._put_option("metrics", metrics[int(where)], option, text)
        return tuple(metrics)

    def _put_schedule(self, option: str, text: str) -> None:
        """Choose a schedule for the learning rate (an empty text means none), or change one of its options."""
        optimizer, rate = self.wanted.optimizer, self.wanted.rate
        first = (rate.get("initial_learning_rate") if isinstance(rate, Choice) else rate) or "0.001"
        new: Written | None = str(first)
        if option and isinstance(rate, Choice):
            new = rate.put(option, text)
        elif text:
            new = self._begin_schedule(text, str(first))
        self.wanted = replace(self.wanted, optimizer=optimizer.put("learning_rate", new))

    def _begin_schedule(self, word: str, rate: str) -> Choice:
        """A schedule with values for its required options, decaying over the length of the training."""
        choice, total = Choice(word), self.fit.batches()
        starts = {"boundaries": f"[{max(1, total // 2)}, {max(2, total * 3 // 4)}]", "decay_rate": "0.96"}
        for option in options_of(SCHEDULES.find(word)):
            if option.default == "":
                value = rate if option.name == "initial_learning_rate" else starts.get(option.name, str(total))
                value = f"[{rate}, {float(rate) / 2:g}, {float(rate) / 10:g}]" if option.name == "values" else value
                choice = choice.put(option.name, value)
        return choice

    # Describing the controls for the page.

    def describe(self, locked: str) -> dict[str, Any]:
        """Everything that the page needs to show the controls.

        Args:
            locked: why nothing can be changed now, or "".
        """
        wanted = self.wanted
        return {
            "name": name_of_model(self.model),
            "locked": locked,
            "fixed": list(locked_controls()),
            "seen": " ".join(filter(None, [self.compatibility.seen(), describe_lock()])),
            "proposal": self._proposal(),
            "optimizer": self._section("optimizer", wanted.optimizer, self._optimizers),
            "schedule": self._schedule(),
            "loss": self._section("loss", wanted.loss, self._losses),
            "metrics": [self._section(f"metrics.{index}", metric, []) for index, metric in enumerate(wanted.metrics)],
            "more_metrics": self._metrics(),
            "fit": self.fit.describe(self._reported()),
            "lines": [wanted.line(), self.fit_line],
        }

    def _reported(self) -> list[str] | None:
        """The names that an epoch will log; None if a metric may have a custom name."""
        metrics = self.wanted.metrics
        plain = all(METRICS.find(metric.word) and metric.word not in self.names and not metric.get("name") for metric in metrics)
        return names_of_numbers(metric.word for metric in metrics) if plain and reports_compiled_numbers(self.model) else None

    def _proposal(self) -> dict[str, Any]:
        """The suggested loss and metrics, and whether the current choice differs."""
        best, wanted = self.best, self.wanted
        # For several outputs, or a subclassed model, nothing is proposed. Labels that the last layer can't produce fit no loss, which is
        # shown next to the loss field.
        if not best.loss.word or self.compatibility.holds_no_numbers or self.compatibility.loss(best.loss).level == "wrong":
            return {"words": "", "differs": False, "knowsData": False}
        words = " ".join(choice.text() for choice in (best.loss, *best.metrics))
        differs = best.loss != wanted.loss or not set(best.metrics) <= set(wanted.metrics)
        return {"words": words, "differs": differs, "knowsData": self.compatibility.y is not None}

    def _section(self, control: str, choice: Choice, groups: list[Any]) -> dict[str, Any]:
        part = control.partition(".")[0]
        compatibility = self._compatibility(part, choice)
        found = self._find(part, choice.word)
        problems = self._problems(part, choice)
        options = [
            _control(f"{control}.{option.name}", option, choice, problems, of=found, common=option.name in COMMON or option.default == "")
            for option in options_of(found)
            if option.name != "learning_rate" and isinstance(choice.get(option.name) or "", str)
        ]
        rate = choice.get("learning_rate")
        return {
            "control": control,
            "word": choice.word,
            "groups": groups,
            "about": first_sentence(ValueError(found.__doc__)) if getattr(found, "__doc__", None) else "",
            "level": compatibility.level,
            "reason": compatibility.reason,
            "problem": problems.get("", ""),
            "options": options,
            "rate": rate if isinstance(rate, str) else None,
            "rate_problem": problems.get("learning_rate", ""),
        }

    def _schedule(self) -> dict[str, Any]:
        rate = self.wanted.rate
        if not isinstance(rate, Choice):
            return {"control": "schedule", "word": "", "groups": schedule_groups(), "options": [], "problem": ""}
        problems = self._problems("schedule", rate)
        found = SCHEDULES.find(rate.word)
        options = [_control(f"schedule.{option.name}", option, rate, problems, of=found, common=True) for option in options_of(found)]
        return {"control": "schedule", "word": rate.word, "groups": schedule_groups(), "options": options, "problem": problems.get("", "")}

    def _compatibility(self, part: str, choice: Choice) -> Compatibility:
        if part not in ("loss", "metrics"):
            return Compatibility()
        if choice.word == UNSPEAKABLE or (self._is_had(choice) and self._problem(part, choice)):
            return Compatibility("unwise", gettext(NAMELESS))
        return self.compatibility.loss(choice) if part == "loss" else self.compatibility.metric(choice, self.wanted.loss)

    def _problems(self, part: str, choice: Choice) -> dict[str, str]:
        """What is wrong, by option; "" is for the name itself. Options are tried one at a time, to find out which one is at fault."""
        if not choice.word or choice.word == UNSPEAKABLE or self._is_had(choice):
            return {}
        wrong = {error.parameter: error.in_one_line() for error in self._wrong_kinds(part, choice)}
        if wrong or self._problem(part, choice) == "":
            return wrong
        found = self._find(part, choice.word)
        needed = {option.name for option in options_of(found) if option.default == ""}
        bare = Choice(choice.word, tuple((name, value) for name, value in choice.options if name in needed))
        problems = {name: self._problem(part, bare.put(name, value)) for name, value in choice.options if name not in needed}
        problems = {name: problem for name, problem in problems.items() if problem}
        return problems or {"": self._problem(part, choice)}

    def _is_had(self, choice: Choice) -> bool:
        return choice in (self.had.optimizer, self.had.rate, self.had.loss, *self.had.metrics)

    def _find_problem(self, part: str, choice: Choice) -> str:
        some, adam, mse = Choice(SOME_OPTIMIZER), Choice("adam"), Choice("mse")
        wanted = {
            "optimizer": CompileChoices(choice, mse),
            "schedule": CompileChoices(adam.put("learning_rate", choice), mse),
            "loss": CompileChoices(some, choice),
            "metrics": CompileChoices(some, mse, (choice,)),
        }[part]
        try:
            read_line(wanted.line(), self.names)
        except SeqmagicError as error:
            return error.in_one_line()
        return ""

    def _find(self, part: str, word: str) -> Any:
        own = self.names.get(word)
        return own if own is not None else REGISTRIES[part].find(word)

    @cached_property
    def _optimizers(self) -> list[Any]:
        return optimizer_groups(self.wanted.optimizer.word, own_words("optimizer", self.names))

    @cached_property
    def _losses(self) -> list[Any]:
        groups = loss_groups(self.compatibility, self.best.loss, own_words("loss", self.names))
        known = {word for _, words in groups for word in words}
        now = self.wanted.loss.word
        return [*groups, *([("Now", [now])] if now and now not in known else [])]

    def _metrics(self) -> list[Any]:
        return metric_groups(self.compatibility, self.wanted.loss, own_words("metric", self.names))


def wrong_fields(form: Mapping[str, Any]) -> dict[str, str]:
    """The errors of all fields of a described form, by the field's label on the page.

    >>> option = {"label": "Momentum", "problem": "momentum is 'x'."}
    >>> empty = {"options": [], "problem": ""}
    >>> form = {"optimizer": {**empty, "options": [option]}, "schedule": empty, "loss": empty, "metrics": [], "fit": []}
    >>> wrong_fields(form)
    {'Momentum': "momentum is 'x'."}
    """
    sections = {"Optimizer": form["optimizer"], "Schedule": form["schedule"], "Loss": form["loss"]}
    sections |= {gettext("Metric {metric}", metric=metric["word"]): metric for metric in form["metrics"]}
    fields = [*form["fit"], *(option for section in sections.values() for option in section["options"])]
    problems = {label: section["problem"] for label, section in sections.items()}
    problems |= {"Learning rate": form["optimizer"].get("rate_problem", "")} | {field["label"]: field["problem"] for field in fields}
    return {label: problem for label, problem in problems.items() if problem}


REGISTRIES: dict[str, Registry] = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "loss": LOSSES, "metrics": METRICS}


def _control(name: str, option: ChoiceOption, choice: Choice, problems: Mapping[str, str], *, of: Any, common: bool) -> dict[str, Any]:
    value = str(choice.get(option.name) or option.default)
    # A value from a cell may not be among the words that are offered.
    words = [*option.values, *([value] if option.values and value not in option.values else [])]
    return {
        "control": name,
        "label": option.name.replace("_", " ").capitalize(),
        "kind": option.kind,
        "value": value,
        "words": [[word, word] for word in words],
        "default": option.default,
        "about": explain(of, option.name),
        "problem": problems.get(option.name, ""),
        "common": common,
    }
