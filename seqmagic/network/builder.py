"""The network builder: a whole network that is worked out and built, all but its weights; allocating those makes it a model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import keras

from seqmagic.errors import ArgumentError, MemoryLimitError, SeqmagicError, Span
from seqmagic.keras_internals.own_random import generator, set_seed
from seqmagic.keras_internals.threads import carry, held_back_variables, make_held_back_variables
from seqmagic.language import Layer, Program, Word
from seqmagic.network.adapt import check_width
from seqmagic.network.arguments import Names
from seqmagic.network.axes import is_misstated
from seqmagic.network.catalogue import normalize
from seqmagic.network.inputs import split_input
from seqmagic.network.layer_trial import check_sizes, find_target
from seqmagic.network.layers import construct, first_sentence, make_layer
from seqmagic.network.memory import available_bytes
from seqmagic.network.output_layer import activation_of
from seqmagic.network.own_thread import work_apart
from seqmagic.network.plan import Plan, check_memory, make_plan
from seqmagic.network.ranks import has_rank_less
from seqmagic.network.row import Row, row_of
from seqmagic.network.shape_math import Shape
from seqmagic.translation import gettext


class Draft:
    """A network on its way to being a model.

    >>> from seqmagic.language import parse
    >>> with Draft(parse("input 784 -> dense 10 softmax"), {}) as draft:
    ...     print(draft.plan.parameters())
    ...     model = draft.build()
    7850

    The layers are made and put together once, as hand-written Keras would, while Keras holds their variables back. Their shapes
    are then known, and a network that doesn't fit into the memory is refused before anything is allocated. Keras keeps the
    variables still to be made per thread: putting together and allocating happen in a thread of the draft's own, so that nothing
    is left behind by a network that is not built.

    Where that can't be done (a layer with a state of its own, one that looks at data first, or one that the notebook has already),
    everything is tried on copies first and then built.

    Args:
        program: what the text says; its seed counts.
        names: the notebook's own things.
        name: the model's name; Keras's next one when it is None.

    Raises:
        SeqmagicError: At the word or line that doesn't fit.
    """

    def __init__(self, program: Program, names: Names, name: str | None = None) -> None:
        self.names = names
        self.seed = _seed_of(program)
        self.name = name if program.name is None else str(program.name.value)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seqmagic-draft")
        self._model: keras.Sequential | None = None
        before = generator().getstate()
        if self.seed is not None:
            generator().seed(self.seed)
        try:
            self.plan = make_plan(program, names) if _needs_trial(program, names) else self._draw(program)
        except BaseException:
            self._thread.shutdown(wait=False)
            generator().setstate(before)
            raise
        self._after = generator().getstate()
        generator().setstate(before)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._thread.shutdown(wait=False)

    @property
    def sketch(self) -> keras.Sequential | None:
        """The model without its weights, to hold data against; None where everything was tried on copies."""
        return self._model

    def build(self) -> keras.Sequential:
        """The model, with fresh weights."""
        if self.seed is not None:
            set_seed(self.seed)
        try:
            if self._model is None:
                return self._build_from_plan()
            # Keras drew the layers' own seeds when they were made: go on from there, as hand-written code would.
            generator().setstate(self._after)
            self._thread.submit(make_held_back_variables).result()
        except SeqmagicError:
            raise
        except Exception as error:
            # The plan has tried every layer; what is left shows only when weights are made, such as memory running out.
            problem = gettext("Keras can't build this network: {sentence}", sentence=first_sentence(error))
            raise ArgumentError(problem, span=work_apart(self._find_culprit)) from error
        return self._model

    def _find_culprit(self) -> Span | None:
        """The place of the first layer whose weights can't be made."""
        for row in self.plan.rows:
            try:
                if row.before is not None:
                    make_layer(row.layer, row.target, self.names, trial=True).build((None, *row.before))
            except Exception:  # noqa: BLE001  # Whatever it is, it is what went wrong before.
                return row.layer.span
        return None

    def _build_from_plan(self) -> keras.Sequential:
        layers = [keras.Input(**self.plan.input)] if self.plan.input is not None else []
        for index, row in enumerate(self.plan.rows):
            layers.append(make_layer(row.layer, row.target, self.names))
            check_width(layers[-1], row.before, row.layer.span, is_first=index == 0)
        return keras.Sequential(layers, name=self.name)

    def _draw(self, program: Program) -> Plan:
        """Put the layers together; where Keras refuses, find out at which line."""
        made: list[tuple[Layer, Any, Any]] = []
        try:
            inputs, lines = split_input(program.layers, self.names)
            tensor = construct(keras.Input, inputs, program.layers[0].span) if inputs else None
            made = _make_layers(lines, tensor, self.names)
            name = self.name or _next_name("sequential")
            layers = [tensor, *(layer for _, _, layer in made)] if inputs else [layer for _, _, layer in made]
            self._model = self._thread.submit(carry(_assemble), layers, name).result()
            return Plan(tuple(_rows(made, inputs)), inputs)
        except MemoryLimitError:
            raise
        except Exception:  # noqa: BLE001  # The plan goes line by line, and raises what is wrong.
            self._model = None
            return make_plan(program, self.names)


def _make_layers(lines: Sequence[Layer], tensor: Any, names: Names) -> list[tuple[Layer, Any, Any]]:
    """Each line with what makes its layer, and the layer. Shapes are followed only as far as a word asks for its rank."""
    last = max((index for index, line in enumerate(lines) if has_rank_less(line)), default=-1)
    shape = None if tensor is None else tuple(tensor.shape)
    made = []
    for index, line in enumerate(lines):
        target, resolved = find_target(line, None if shape is None else shape[1:], names)
        if target is keras.layers.Softmax:
            check_sizes(resolved, target, None, [])  # Keras takes any number for its axis.
        layer = make_layer(resolved, target, names)
        made.append((resolved, target, layer))
        if index < last and shape is not None:
            shape = tuple(layer.compute_output_shape(shape))
    return made


def _words(part: Any) -> list[Word]:
    if isinstance(part, Word):
        return [part]
    if isinstance(part, tuple):
        return [word for item in part for word in _words(item)]
    parts = (getattr(part, name, ()) for name in ("word", "name", "value", "arguments", "units", "items"))
    return [word for inner in parts if not isinstance(inner, str) for word in _words(inner)] if hasattr(part, "span") else []


def _needs_trial(program: Program, names: Names) -> bool:
    """Whether there is a layer that keeps a state, looks at data first, or is in the notebook already."""
    for layer in program.layers:
        if not isinstance(layer.word, Word) or isinstance(names.get(layer.word.text), keras.layers.Layer):
            return True
        words = {normalize(word.text) for word in _words(layer)}
        if words & {"stateful", "adapt"} or any(isinstance(names.get(word.text), keras.layers.Layer) for word in _words(layer)):
            return True
    return not program.layers


def _assemble(layers: list[Any], name: str) -> keras.Sequential:
    with held_back_variables():
        return keras.Sequential(layers, name=name)


def _rows(made: list[tuple[Layer, Any, Any]], inputs: dict[str, Any] | None) -> list[Row]:
    if inputs is None:
        return [Row(line, target, activation=activation_of(layer)) for line, target, layer in made]
    rows: list[Row] = []
    before: Shape = inputs["shape"]
    available, taken = available_bytes(), 0
    for line, target, layer in made:
        after = tuple(layer.output.shape[1:])
        if any(dim is not None and dim < 1 for dim in after) or is_misstated(layer, before):
            raise ValueError(gettext("a shape that can't be"))
        rows.append(row_of(line, target, layer, before, layer.output, activation_of(layer)))
        taken += sum(weight.bytes for weight in rows[-1].weights)
        check_memory(rows[-1], taken, available)
        before = after
    return rows


def _next_name(kind: str) -> str:
    """The name that Keras would give to the next thing of a kind in this thread."""
    number = keras.backend.get_uid(kind)
    return kind if number == 1 else f"{kind}_{number - 1}"


def _seed_of(program: Program) -> int | None:
    if program.seed is None:
        return None
    value = program.seed.value
    if not isinstance(value, int) or not 0 <= value < 2**32:
        raise ArgumentError(
            gettext("This can't be a seed."), expected=gettext("a whole number from 0 to 4294967295"), span=program.seed.span
        )
    return value
