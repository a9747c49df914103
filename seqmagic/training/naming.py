"""The naming of data: what a sentence calls it, and how a change of it is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*|\[\w+\])*")


@dataclass(frozen=True)
class DataName:
    """What some data is called.

    >>> name_of("x_train").typed("{}.reshape(len({}), -1)")
    'x_train.reshape(len(x_train), -1)'
    >>> DataName("the data in validation_data", "x_test", "validation_data=({}, y_test)").typed("{} / 255")
    'validation_data=(x_test / 255, y_test)'

    told: in a sentence, such as "x_train" or "the data in validation_data".
    code: how it is typed; "" for what has no name, such as a batch of a dataset.
    frame: what stands around it where it is typed.
    variable: what a changed value is bound to; the code, unless that is more than a name.
    """

    told: str
    code: str = ""
    frame: str = "{}"
    variable: str = ""

    @property
    def labels(self) -> str:
        """The same at the start of a sentence about labels."""
        return f"T{self.told[1:]}" if self.told.startswith("the ") else f"The labels {self.told}"

    @property
    def start(self) -> str:
        """The same at the start of any sentence."""
        return f"T{self.told[1:]}" if self.told.startswith("the ") else self.told

    @property
    def holds(self) -> str:
        """The same, with the verb for what is in it."""
        return f"{self.start} {'hold' if self.told.startswith('the labels') else 'holds'}"

    def typed(self, change: str) -> str:
        """A change as it is typed: {} stands for the data, {=} for what it is bound to; "" for data without a name."""
        written = change.replace("{=}", self.variable or self.code).replace("{}", self.code)
        return self.frame.replace("{}", written) if self.code else ""


def name_of(name: str, data: Any = None) -> DataName:
    """The naming of a variable; what is no variable is only told.

    data: what it holds; a list that was made an array is typed as one.
    """
    if not NAME.fullmatch(name):
        return DataName(name)
    return DataName(name, f"np.array({name})", variable=name) if was_list(data) else DataName(name, name)


_from_lists: WeakValueDictionary[int, Any] = WeakValueDictionary()


def remember_list(made: Any) -> Any:
    """Keep in mind that an array was made from a list: in the notebook the variable is still that list."""
    _from_lists[id(made)] = made
    return made


def was_list(data: Any) -> bool:
    """Whether an array was made from a list here."""
    return data is not None and _from_lists.get(id(data)) is data


VALIDATION = (
    DataName("the data in validation_data", "x_test", "validation_data=({}, y_test)"),
    DataName("the labels in validation_data", "y_test", "validation_data=(x_test, {})"),
)
