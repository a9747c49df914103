"""Names of data: what a sentence calls it, and how a change of it is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from seqmagic.language.identifiers import IDENTIFIER
from seqmagic.translation import gettext, gettext_noop

NAME = re.compile(rf"{IDENTIFIER}(\.{IDENTIFIER}|\[\w+\])*")


@dataclass(frozen=True)
class DataName:
    """What some data is called.

    >>> data_name_of("x_train").typed("{}.reshape(len({}), -1)")
    'x_train = x_train.reshape(len(x_train), -1)'

    Attributes:
        text: in a sentence, such as "x_train" or "the data in validation_data".
        variable: what it is bound to; "" for what has no name, such as a batch of a dataset.
        listed: whether that is a list, of which an array was made here.
        validates: whether it is for the validation.
        structured: whether that is a structured array, of which a table was made here.
    """

    text: str
    variable: str = ""
    listed: bool = False
    validates: bool = False
    structured: bool = False

    @property
    def code(self) -> str:
        """How it is typed, as an array."""
        made = "np.array({})" if self.listed else "pd.DataFrame({})" if self.structured else "{}"
        return made.format(self.variable) if self.variable else ""

    @property
    def is_phrase(self) -> bool:
        """Whether that is words of a sentence, and no name or piece of code."""
        return self.text.startswith("the ") or not (self.variable or self.text[:1].isascii())

    @property
    def said(self) -> str:
        """How it is called inside a sentence."""
        return gettext(self.text) if self.is_phrase else self.text

    @property
    def labels(self) -> str:
        """The same at the start of a sentence about labels."""
        return self.start if self.is_phrase else gettext("The labels {name}", name=self.text)

    @property
    def start(self) -> str:
        """The same at the start of any sentence."""
        return f"{self.said[0].upper()}{self.said[1:]}" if self.is_phrase else self.text

    @property
    def holds(self) -> str:
        """The same, with the verb for what is in it."""
        return gettext("{what} hold", what=self.start) if self.text.startswith("the labels") else gettext("{what} holds", what=self.start)

    def typed(self, change: str) -> str:
        """A change as a line of Python, in which {} stands for the data, and {=} for its variable; "" for data without a name."""
        if not self.variable:
            return ""
        whole = change if " = " in change else f"{{=}} = {change}"
        return whole.replace("{=}", self.variable).replace("{}", self.code)


def data_name_of(name: str, data: Any = None) -> DataName:
    """The naming of a variable; what is no variable has only its text.

    Args:
        data: what it holds; a list that was made an array is typed as one.
    """
    if not NAME.fullmatch(name):
        return DataName(name)
    return DataName(name, name, listed=was_list(data), structured=was_structured(data))


_from_lists: WeakValueDictionary[int, Any] = WeakValueDictionary()


def remember_list(made: Any) -> Any:
    """Keep in mind that an array was made from a list: in the notebook the variable is still that list."""
    _from_lists[id(made)] = made
    return made


_from_structured: WeakValueDictionary[int, Any] = WeakValueDictionary()
_from_nullable: WeakValueDictionary[int, Any] = WeakValueDictionary()


def remember_structured(made: Any) -> Any:
    """Keep in mind that a table was made from a structured array."""
    _from_structured[id(made)] = made
    return made


def was_structured(data: Any) -> bool:
    """Whether a table was made from a structured array here."""
    return data is not None and _from_structured.get(id(data)) is data


def remember_nullable(made: Any) -> Any:
    """Keep in mind that the columns of a table are pandas' own kinds of numbers in the notebook, and plain ones only here."""
    _from_nullable[id(made)] = made
    return made


def was_nullable(data: Any) -> bool:
    """Whether a table's columns were made plain numbers here."""
    return data is not None and _from_nullable.get(id(data)) is data


def was_list(data: Any) -> bool:
    """Whether an array was made from a list here."""
    return data is not None and _from_lists.get(id(data)) is data


VALIDATION = (
    DataName(gettext_noop("the data in validation_data"), "x_test", validates=True),
    DataName(gettext_noop("the labels in validation_data"), "y_test", validates=True),
)
