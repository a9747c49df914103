"""Names of data: what messages call it, and code that changes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from seqmagic.language.identifiers import IDENTIFIER
from seqmagic.translation import gettext, gettext_noop

NAME = re.compile(rf"{IDENTIFIER}(\.{IDENTIFIER}|\[\w+\])*")
# A text that starts with a name of Python keeps its small letter.
NAME_FIRST = re.compile(r"[A-Za-z]+_\w*")


@dataclass(frozen=True)
class DataName:
    """The name of some data in messages and in code.

    >>> data_name_of("x_train").typed("{}.reshape(len({}), -1)")
    'x_train = x_train.reshape(len(x_train), -1)'

    Attributes:
        text: in a sentence, such as "x_train" or "the data in validation_data".
        variable: the variable's name; "" for data without one, such as a batch of a dataset.
        listed: whether the variable holds a list, from which an array was made.
        validates: whether it is validation data.
        structured: whether the variable holds a structured array, from which a table was made.
    """

    text: str
    variable: str = ""
    listed: bool = False
    validates: bool = False
    structured: bool = False

    @property
    def code(self) -> str:
        """The expression for it as an array."""
        made = "np.array({})" if self.listed else "pd.DataFrame({})" if self.structured else "{}"
        return made.format(self.variable) if self.variable else ""

    @property
    def is_phrase(self) -> bool:
        """Whether the text is a phrase, not a name or an expression."""
        return self.text.startswith("the ") or not (self.variable or self.text[:1].isascii())

    @property
    def said(self) -> str:
        """The text inside a sentence."""
        return gettext(self.text) if self.is_phrase else self.text

    @property
    def labels(self) -> str:
        """The text at the start of a sentence about labels."""
        return self.start if self.is_phrase else gettext("The labels {name}", name=self.text)

    @property
    def start(self) -> str:
        """The text at the start of any other sentence."""
        starts_with_name = NAME_FIRST.match(self.said)
        return self.said if starts_with_name or not self.is_phrase else f"{self.said[0].upper()}{self.said[1:]}"

    @property
    def holds(self) -> str:
        """The text at the start of a sentence, followed by "holds" or "hold"."""
        return gettext("{what} hold", what=self.start) if self.text.startswith("the labels") else gettext("{what} holds", what=self.start)

    def typed(self, change: str) -> str:
        """A line of Python for a change, in which {} stands for the data and {=} for its variable; "" for data without a variable."""
        if not self.variable:
            return ""
        whole = change if " = " in change else f"{{=}} = {change}"
        return whole.replace("{=}", self.variable).replace("{}", self.code)


def data_name_of(name: str, data: Any = None) -> DataName:
    """The DataName of a variable; anything that isn't a variable name is only a text.

    Args:
        data: what the variable holds, which shows whether an array was made from a list.
    """
    if not NAME.fullmatch(name):
        return DataName(name)
    return DataName(name, name, listed=was_list(data), structured=was_structured(data))


_from_lists: WeakValueDictionary[int, Any] = WeakValueDictionary()


def remember_list(made: Any) -> Any:
    """Record that an array was made from a list: in the notebook the variable is still that list."""
    _from_lists[id(made)] = made
    return made


_from_structured: WeakValueDictionary[int, Any] = WeakValueDictionary()
_from_nullable: WeakValueDictionary[int, Any] = WeakValueDictionary()


def remember_structured(made: Any) -> Any:
    """Record that a table was made from a structured array."""
    _from_structured[id(made)] = made
    return made


def was_structured(data: Any) -> bool:
    """Whether a table was made from a structured array here."""
    return data is not None and _from_structured.get(id(data)) is data


def remember_nullable(made: Any) -> Any:
    """Record that a table's columns have nullable dtypes in the notebook and were converted here."""
    _from_nullable[id(made)] = made
    return made


def was_nullable(data: Any) -> bool:
    """Whether a table's nullable columns were converted here."""
    return data is not None and _from_nullable.get(id(data)) is data


def was_list(data: Any) -> bool:
    """Whether an array was made from a list here."""
    return data is not None and _from_lists.get(id(data)) is data


VALIDATION = (
    DataName(gettext_noop("the data in validation_data"), "x_test", validates=True),
    DataName(gettext_noop("the labels in validation_data"), "y_test", validates=True),
)
