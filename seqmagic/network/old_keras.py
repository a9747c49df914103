"""Old Keras: code written for Keras 1 and 2, translated to Keras 3.

    Convolution2D(32, 3, 3, border_mode='same')     Conv2D(32, kernel_size=(3, 3), padding='same')
    SGD(lr=0.01, decay=1e-6)                        SGD(learning_rate=InverseTimeDecay(0.01, 1, 1e-6))
    model.fit(x, y, nb_epoch=10)                    fit x y epochs=10

Only pasted calls are translated. The changes are listed in one note.

Sources: the release notes of Keras 2.0 (names of layers and arguments) and 2.3 (`learning_rate`), and the legacy optimizers' documentation:
`decay` divides the rate by 1 + decay * step, which is an inverse time decay of one step.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from seqmagic.language import Argument, Block, Call, Chain, Layer, Literal, Program, Repeat, Sequence, Step, Word, print_value
from seqmagic.network.catalogue import CALLBACKS, LAYERS, OPTIMIZERS, parameters_of
from seqmagic.translation import gettext

WORDS = {
    **{f"Convolution{rank}D": f"Conv{rank}D" for rank in (1, 2, 3)},
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "ThresholdedReLU": "ReLU",
    "TimeDistributedDense": "TimeDistributed",
}
# Layers whose old signature had the kernel's sizes as separate arguments after the first one.
KERNELS = {"Convolution2D": 2, "AtrousConvolution2D": 2, "SeparableConvolution2D": 2, "Deconvolution2D": 2, "Convolution3D": 3}
SIDES = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")
NAMES = {
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "bias": "use_bias",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "dim_ordering": "data_format",
    "output_dim": "units",
    "p": "rate",
    "sigma": "stddev",
    "dims": "target_shape",
    "alpha": "negative_slope",
    "theta": "threshold",
    "lr": "learning_rate",
    "nb_epoch": "epochs",
}
# Arguments that Keras 3 doesn't need any more.
DROPPED = {
    "consume_less",
    "implementation",
    "unroll",
    "forget_bias_init",
    "mode",
    "ragged",
    "class_mode",
    "show_accuracy",
    "theano_mode",
    "sample_weight_mode",
    "workers",
    "nb_worker",
    "use_multiprocessing",
    "pickle_safe",
    "max_queue_size",
    "max_q_size",
}
# Dropped only with this value, which is what Keras 3 does; another value is refused like any unknown argument.
DROPPED_WITH = {"mode": 0, "forget_bias_init": "one"}
VALUES = {
    "data_format": {"tf": "channels_last", "th": "channels_first"},
    "loss": {"cosine_proximity": "cosine_similarity", "kullback_leibler_divergence": "kl_divergence"},
    "monitor": {"val_acc": "val_accuracy", "acc": "accuracy"},
}
CALLED = re.compile(r"[\w.]+\s*\(")


def read_as_today(program: Program) -> Program:
    """A program with its pasted calls translated, and a note that lists the changes.

    >>> from seqmagic.language import parse, print_program
    >>> program = read_as_today(parse("Convolution2D(32, 3, 3, border_mode='same', input_shape=(8, 8, 1))"))
    >>> print(print_program(program), *program.notes, sep="")
    Conv2D 32 kernel_size=3,3 padding='same' input_shape=8,8,1
    Old Keras code is translated to current Keras: Convolution2D becomes Conv2D, border_mode becomes padding.
    """
    update = _Update()
    units = update.all(program.units)
    compile_step = update.step(program.compile) if program.compile is not None else None
    fit = update.step(program.fit) if program.fit is not None else None
    if not update.changed:
        return program
    note = (
        [gettext("Old Keras code is translated to current Keras: {changes}.", changes=gettext(", ").join(update.changes))]
        if update.changes
        else []
    )
    return replace(program, units=units, compile=compile_step, fit=fit, notes=(*program.notes, *note))


@dataclass
class _Update:
    """One pass over a program.

    Attributes:
        changes: what was changed, in text order.
        lowered: whether only capitals were changed to lower case, which is not mentioned.
    """

    changes: dict[str, None] = field(default_factory=dict)
    lowered: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return bool(self.changes) or self.lowered

    def all(self, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        """Translate several parts of a program."""
        return tuple(self.part(part) for part in parts)

    def part(self, part: Any) -> Any:
        """Translate a part of a program, and all pasted calls within it."""
        if isinstance(part, Layer) and part.contents.is_simple and not CALLED.match(part.text):
            return part
        if isinstance(part, (Chain, Repeat, Block)):
            return replace(part, units=self.all(part.units))
        if isinstance(part, Sequence):
            return replace(part, items=self.all(part.items))
        if isinstance(part, (Call, Layer)):
            inner = replace(part, arguments=tuple(replace(a, value=self.part(a.value)) for a in part.arguments))
            pasted = part.python is not None or (isinstance(part, Layer) and CALLED.match(part.text))
            return self._call(inner) if pasted and isinstance(part.word, Word) else inner
        return part

    def step(self, step: Step) -> Step:
        """Translate a compile or fit line, if it is a pasted call."""
        arguments = tuple(replace(a, value=self.part(a.value)) for a in step.arguments)
        if CALLED.match(step.text):
            parameters = parameters_of(getattr(keras.Model, step.word.text))
            arguments = tuple(self._argument(a, parameters) for a in arguments if not self._is_dropped(a, parameters))
        return replace(step, arguments=arguments)

    def _call(self, call: Any) -> Any:
        """Translate the name and the arguments of a layer, optimizer or callback."""
        old = call.word.text.rpartition(".")[2]
        new = WORDS.get(old, old)
        arguments = self._with_kernel(old, call.arguments)
        target = LAYERS.find(new) or OPTIMIZERS.find(new) or CALLBACKS.find(new)
        if target is None:
            return call
        if new != old:
            self.changes[gettext("{old} becomes {new}", old=old, new=new)] = None
        parameters = parameters_of(target)
        arguments = tuple(self._argument(a, parameters) for a in arguments if not self._is_dropped(a, parameters))
        arguments = self._with_schedule(target, arguments)
        if old == "TimeDistributedDense":
            arguments = _inside_dense(arguments, call)
        return replace(call, word=replace(call.word, text=new), arguments=arguments) if new != old else replace(call, arguments=arguments)

    def _is_dropped(self, argument: Argument, parameters: dict[str, inspect.Parameter]) -> bool:
        name = argument.name.text if argument.name is not None else ""
        is_empty = name in ("epsilon", "decay") and isinstance(argument.value, Literal) and not argument.value.value
        if name in parameters and not (is_empty and name == "epsilon"):
            return False
        if name not in DROPPED and not is_empty:
            return False
        if name in DROPPED_WITH and getattr(argument.value, "value", None) != DROPPED_WITH[name]:
            return False
        self.changes[gettext("{name} is ignored", name=name)] = None
        return True

    def _argument(self, argument: Argument, parameters: dict[str, inspect.Parameter]) -> Argument:
        """An argument with its current name and value."""
        if argument.name is None:
            return argument
        old = argument.name.text
        new = NAMES.get(old, old) if old not in parameters else old
        if old == "init" and "embeddings_initializer" in parameters:
            new = "embeddings_initializer"
        if new not in parameters:
            new = old  # Neither name is a parameter here: it is refused like any other.
        value = self._value(new, argument.value)
        if new == old:
            return argument if value is argument.value else replace(argument, value=value)
        self.changes[gettext("{old} becomes {new}", old=old, new=new)] = None
        return replace(argument, name=replace(argument.name, text=new), value=value)

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Literal) and isinstance(value.value, str):
            if name in ("padding", "data_format") and value.value != value.value.lower():
                self.lowered = True  # Keras also accepts padding="SAME".
                return replace(value, value=value.value.lower())
            changed = VALUES.get(name, {}).get(value.value, value.value)
            if name == "filepath" and changed.endswith(".hdf5"):
                changed = f"{changed.removesuffix('.hdf5')}.h5"
            if changed != value.value:
                self.changes[gettext("{old!r} becomes {new!r}", old=value.value, new=changed)] = None
                return replace(value, value=changed)
        return value

    def _with_kernel(self, old: str, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """The kernel size as one value, if it was written as several: Convolution2D(32, 3, 3), nb_row=3, nb_col=3."""
        count = KERNELS.get(old, 0)
        apart = [
            a for a in arguments if a.name is not None and a.name.text in ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")
        ]
        if count and not apart:
            placed = [a for a in arguments if a.name is None]
            apart = placed[1 : 1 + count] if len(placed) > count else []
        if len(apart) != count or not apart:
            return arguments
        span = apart[0].span
        size = Sequence(tuple(a.value for a in apart), span)
        kernel = Argument(size, Word("kernel_size", span), span)
        others = [a for a in arguments if not any(a is b for b in apart)]
        if old == "Deconvolution2D":
            others = [a for a in others if a.name is not None and a.name.text != "output_shape"] if len(others) > 1 else others
        first_named = next((index for index, a in enumerate(others) if a.name is not None), len(others))
        return (*others[:first_named], kernel, *others[first_named:])

    def _with_schedule(self, target: Callable[..., Any], arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """The old `decay` of an optimizer as the equivalent schedule."""
        decay = next((a for a in arguments if a.name is not None and a.name.text == "decay"), None)
        if decay is None or "learning_rate" not in parameters_of(target):
            return arguments
        rate = next((a for a in arguments if (a.name.text if a.name is not None else "learning_rate") == "learning_rate"), None)
        span = decay.span
        start = rate.value if rate is not None else Literal(parameters_of(target)["learning_rate"].default, span)
        values = tuple(Argument(value, None, span) for value in (start, Literal(1, span), decay.value))
        schedule = Argument(Call(Word("InverseTimeDecay", span), values, span), Word("learning_rate", span), span)
        self.changes[gettext("decay is a schedule, {schedule}", schedule=print_value(schedule.value))] = None
        return (*(a for a in arguments if a is not decay and a is not rate), schedule)


def _inside_dense(arguments: tuple[Argument, ...], call: Any) -> tuple[Argument, ...]:
    """TimeDistributedDense(8) as TimeDistributed(Dense(8))."""
    outer = tuple(a for a in arguments if a.name is not None and a.name.text in ("input_shape", "input_dim", "input_length", "name"))
    inner = tuple(a for a in arguments if not any(a is b for b in outer))
    return (Argument(Call(Word("Dense", call.word.span), inner, call.span), None, call.span), *outer)
