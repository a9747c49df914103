"""The naming of data: what a sentence calls it, and how a change of it is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    """

    told: str
    code: str = ""
    frame: str = "{}"

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
        """A change, with {} for the data, as it is typed; "" for data without a name."""
        return self.frame.replace("{}", change.replace("{}", self.code)) if self.code else ""


def name_of(name: str) -> DataName:
    """The naming of a variable; what is no variable is only told."""
    return DataName(name, name if NAME.fullmatch(name) else "")


VALIDATION = (
    DataName("the data in validation_data", "x_test", "validation_data=({}, y_test)"),
    DataName("the labels in validation_data", "y_test", "validation_data=(x_test, {})"),
)
