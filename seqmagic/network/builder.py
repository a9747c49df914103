"""The network builder: creates the layers and infers their shapes first; allocating the weights makes it a model."""

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
    """A network that is not yet built.

    >>> from seqmagic.language import parse
    >>> with Draft(parse("input 784 -> dense 10 softmax"), {}) as draft:
    ...     print(draft.plan.parameters())
    ...     model = draft.build()
    7850

    The layers are created and connected once, as in hand-written Keras, while the creation of their variables is deferred. Then the shapes
    are known, and a network that doesn't fit into memory is refused before anything is allocated. Keras keeps the deferred variables per
    thread: connecting and allocating happen in the draft's own thread, so that a network that is not built leaves nothing behind.

    If that isn't possible (a stateful layer, one that is adapted to data, or one from the notebook), everything is first tried on copies
    and then built.

    Args:
        program: the parsed text, including its seed.
        names: the notebook's variables.
        name: of the model; Keras's next default name if it is None.

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
        """The model without weights, for checking data against it; None if the network was tried on copies."""
        return self._model

    def build(self) -> keras.Sequential:
        """The model, with new weights."""
        if self.seed is not None:
            set_seed(self.seed)
        try:
            if self._model is None:
                return self._build_from_plan()
            # Keras drew the layers' seeds when it created them: restore that state, so that weights are initialized as in hand-written
            # code.
            generator().setstate(self._after)
            self._thread.submit(make_held_back_variables).result()
        except SeqmagicError:
            raise
        except Exception as error:
            # Planning has tried every layer; only allocating weights can still fail, such as when memory runs out.
            problem = gettext("Keras can't build this network: {sentence}", sentence=first_sentence(error))
            raise ArgumentError(problem, span=work_apart(self._find_culprit)) from error
        return self._model

    def _find_culprit(self) -> Span | None:
        """The span of the first layer whose weights can't be created."""
        for row in self.plan.rows:
            try:
                if row.before is not None:
                    make_layer(row.layer, row.target, self.names, trial=True).build((None, *row.before))
            except Exception:  # noqa: BLE001  # It is the error that is being reported.
                return row.layer.span
        return None

    def _build_from_plan(self) -> keras.Sequential:
        layers = [keras.Input(**self.plan.input)] if self.plan.input is not None else []
        for index, row in enumerate(self.plan.rows):
            layers.append(make_layer(row.layer, row.target, self.names))
            check_width(layers[-1], row.before, row.layer.span, is_first=index == 0)
        return keras.Sequential(layers, name=self.name)

    def _draw(self, program: Program) -> Plan:
        """Connect the layers; if Keras raises, plan line by line to find the line at fault."""
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
        except Exception:  # noqa: BLE001  # make_plan goes line by line and raises the error at its line.
            self._model = None
            return make_plan(program, self.names)


def _make_layers(lines: Sequence[Layer], tensor: Any, names: Names) -> list[tuple[Layer, Any, Any]]:
    """Create the layer of each line. Shapes are computed only as far as a word without a rank needs them."""
    last = max((index for index, line in enumerate(lines) if has_rank_less(line)), default=-1)
    shape = None if tensor is None else tuple(tensor.shape)
    made = []
    for index, line in enumerate(lines):
        target, resolved = find_target(line, None if shape is None else shape[1:], names)
        if target is keras.layers.Softmax:
            check_sizes(resolved, target, None, [])  # Keras accepts any integer as its axis.
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
    """Whether a layer is stateful, adapted to data, or already in the notebook."""
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
            raise ValueError(gettext("a possible shape"))
        rows.append(row_of(line, target, layer, before, layer.output, activation_of(layer)))
        taken += rows[-1].weight_bytes
        check_memory(rows[-1], taken, available)
        before = after
    return rows


def _next_name(kind: str) -> str:
    """The default name that Keras would give the next object of a class in this thread."""
    number = keras.backend.get_uid(kind)
    return kind if number == 1 else f"{kind}_{number - 1}"


def _seed_of(program: Program) -> int | None:
    if program.seed is None:
        return None
    value = program.seed.value
    if not isinstance(value, int) or not 0 <= value < 2**32:
        raise ArgumentError(
            gettext("This can't be used as a seed."), expected=gettext("a whole number from 0 to 4294967295"), span=program.seed.span
        )
    return value
