"""The forward pass of a look: a model's predictions for its samples, in steps between which other things can happen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.forward_slices import forward
from seqmagic.analysis.predictions import Predictions, check_names, check_truth, find_faults
from seqmagic.analysis.samples import Samples
from seqmagic.analysis.task import Head, heads_returned
from seqmagic.describe.source import name_of_model
from seqmagic.errors import BusyError, DataError, SeqmagicError, UnknownNameError
from seqmagic.errors.user_code import find_own_frame
from seqmagic.network.layers import first_sentence
from seqmagic.training.registry import last_run_of, run_of
from seqmagic.translation import gettext, gettext_noop

UNTRAINED = gettext_noop("This model has not been trained here, so its predictions come from its initial or loaded weights.")
CHANGED = gettext_noop("The model's weights changed during this look, so some of these numbers are out of date. Run the cell again.")


@dataclass
class ForwardPass:
    """A forward pass over samples, which can be run in steps.

    >>> passed = ForwardPass(model, samples)                            # doctest: +SKIP
    >>> for share in passed.steps(): print(f"{share:.0%}")              # doctest: +SKIP
    >>> passed.predictions()                                            # doctest: +SKIP

    Attributes:
        output: the name of the output to use; None for the first.
    """

    model: keras.Model
    samples: Samples
    output: str | None = None
    class_names: Sequence[Any] = ()

    def __post_init__(self) -> None:
        self._given: list[Any] = []
        self._notes: tuple[str, ...] = ()

    def steps(self) -> Iterator[float]:
        """Run one slice after the other, and yield the fraction that is done, from 0 to 1.

        Raises:
            BusyError: If the model is training.
        """
        run = run_of(self.model)
        if run is not None:
            raise BusyError(
                gettext("{of_model!r} is training ({state}).", of_model=name_of_model(self.model), state=run.format_state()),
                expected=gettext("to look after it has ended"),
            )
        self._given, done, before = [], 0, weights_mark(self.model)
        for part in self._parts():
            self._given.append(part)
            done += len(keras.tree.flatten(part)[0])
            yield done / len(self.samples)
        notes = [] if np.array_equal(weights_mark(self.model), before, equal_nan=True) else [gettext(CHANGED)]
        self._notes = (*notes, *([gettext(UNTRAINED)] if not _is_trained(self.model) else []))

    def _parts(self) -> Iterator[Any]:
        """The model's outputs, slice by slice; what the model refuses is reported in a sentence."""
        try:
            yield from forward(self.model, self.samples.x)
        except SeqmagicError:
            raise
        except Exception as error:
            if find_own_frame(error) is not None:
                raise
            problem = gettext(
                "{of_model!r} can't process {names}: {sentence}",
                names=self.samples.names[0],
                of_model=name_of_model(self.model),
                sentence=first_sentence(error),
            )
            raise DataError(problem, expected=gettext("data like the data that the model was trained on")) from error

    def let_go(self) -> None:
        """Release the data: a notebook keeps its views."""
        self.samples, self._given = replace(self.samples, x=(), y=None, parts=()), []

    def predictions(self) -> Predictions:
        """The predictions, after all steps.

        Raises:
            UnknownNameError: If there is no output of that name.
        """
        whole = keras.tree.map_structure(lambda *parts: np.concatenate(parts), *self._given)
        heads = heads_returned(self.model, whole)
        head = choose_head(heads, self.output, name_of_model(self.model))
        self._given = []
        outputs = output_of(head, whole)
        others = [other.name for other in heads if other.name != head.name]
        several = (
            (gettext("This shows the output {name!r}; the model also has {others}.", name=head.name, others=", ".join(map(repr, others))),)
            if others
            else ()
        )
        predictions = Predictions(self.model, self.samples, np.asarray(outputs), head, tuple(map(str, self.class_names)))
        check_names(predictions)
        check_truth(predictions)
        return replace(predictions, notes=(*self._notes, *several, *find_faults(predictions)))


def predict(model: keras.Model, samples: Samples, output: str | None = None, class_names: Sequence[Any] = ()) -> Predictions:
    """The predictions of a model for samples, in one go."""
    passed = ForwardPass(model, samples, output, class_names)
    for _ in passed.steps():
        pass
    return passed.predictions()


def output_of(head: Head, whole: Any) -> Any:
    """One output out of all that a model returns."""
    return keras.tree.flatten(whole)[head.place]


def choose_head(heads: list[Head], output: str | None, model: str) -> Head:
    """The output of that name, or the first.

    Raises:
        UnknownNameError: If there is none.
    """
    found = heads[0] if output is None else next((head for head in heads if head.name == output), None)
    if found is None:
        raise UnknownNameError(gettext_noop("output"), str(output), [head.name for head in heads if head.name], owner=model)
    return found


def weights_mark(model: keras.Model) -> tuple[float, ...]:
    """Some numbers that change with a model's weights."""
    weights = model.trainable_variables
    return tuple(float(np.asarray(weight).sum(dtype="float64")) for weight in (*weights[:1], *weights[-2:]))


def _is_trained(model: keras.Model) -> bool:
    optimizer = getattr(model, "optimizer", None)
    return last_run_of(model) is not None or (optimizer is not None and int(optimizer.iterations) > 0)
