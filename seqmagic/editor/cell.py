"""The cell: the part of it that contains the cursor, and the language of that part."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from seqmagic.language.fit_words import without_place

CELL = re.compile(r"%%sequential(?!\w)([^\n]*)(\n|\Z)")
LINE = re.compile(r"[ \t]*%(sequential|fit|dashboard|look|sweep|runs)[ \t]([^\n]*)\Z")
NAME = re.compile(r"[ \t]*([^\W\d]\w*)[ \t]+(?=[^\s-])")
ON_DATA = ("fit", "dashboard", "look", "sweep")
WITH_WORD = ("--names", "--words", "--output", "--best", "--load", "--save")  # Options that take a word.
OPTION = re.compile(r"(?:\A|[ \t])--[\w-]*(?:=\w*)?\Z")
DUE = re.compile(rf"(?:\A|[ \t])(?:{'|'.join(WITH_WORD)})[ \t]+[^\s-]*\Z")
GIVEN = re.compile(rf"(?<!\S)--(?:(?:{'|'.join(word[2:] for word in WITH_WORD)})[ \t]+[^\s-]\S*|[\w-]+(?:=\w*)?)(?=\s)")
DASHED = re.compile(r"(?<!\S)--[\w-]+")
FIRST_DATA = "fit "  # The text after the name in %fit is parsed as a fit line.


@dataclass(frozen=True)
class Network:
    """The layers of a network, up to the cursor.

    Attributes:
        text: of the network.
        offset: where it begins in the cell.
        name: of the model; "" if none is given.
        adds: whether the layers are appended to an existing model.
        is_line: whether it is a single line.
    """

    text: str
    offset: int
    name: str = ""
    adds: bool = False
    is_line: bool = False


@dataclass(frozen=True)
class FitData:
    """The data and options of a `%fit`, `%dashboard` or `%look` line, up to the cursor, as a fit line.

    Attributes:
        offset: where that fit line would begin in the cell.
        magic: without the %.
        options: the options, such as --resume, before the cursor.
        is_elsewhere: whether a place to train is named before the cursor.
    """

    text: str
    offset: int
    name: str
    magic: str = field(default="fit", repr=False)
    options: tuple[str, ...] = field(default=(), repr=False)
    is_elsewhere: bool = field(default=False, repr=False)

    @property
    def searches(self) -> bool:
        """Whether learning rates are tried, and nothing is trained."""
        return "--find-rate" in self.options

    @property
    def may_lack_data(self) -> bool:
        """Whether the data may stand elsewhere: in the network's cell, or on the line of the run that is resumed."""
        return self.magic == "sweep" or "--resume" in self.options

    @property
    def trains(self) -> bool:
        """Whether training options are allowed."""
        return self.magic != "look"


@dataclass(frozen=True)
class EditedCommand:
    """The names and options after a magic, up to the cursor.

    Attributes:
        magic: including % or %%.
        text: after it.
    """

    magic: str
    text: str


Part = Network | FitData | EditedCommand


def part_at(cell: str, cursor: int) -> Part | None:
    r"""The part of a cell that contains a position; None outside seqmagic's magics.

    >>> part_at("%%sequential digits\ninput 8\nden", 31).text
    'input 8\nden'
    >>> part_at("print(1)\n%fit digits x_", 23)
    FitData(text='fit x_', offset=17, name='digits')
    >>> part_at("conv = 3", 4) is None
    True
    """
    before = cell[:cursor]
    head = CELL.match(cell)
    if head is not None:
        if cursor <= head.end(1):
            return EditedCommand("%%sequential", before[head.start(1) :]) if cursor > head.start(1) else None
        words = head[1].split()
        name = words[0] if words and not words[0].startswith("-") else ""
        return Network(before[head.end() :], head.end(), name, "--add" in words)
    line = LINE.match(before, before.rfind("\n") + 1)
    return _line_part(line[1], line[2], line.start(2)) if line is not None else None


def _line_part(magic: str, text: str, offset: int) -> Part:
    """The part of a line magic that contains its end."""
    command, options = EditedCommand(f"%{magic}", text), tuple(DASHED.findall(text))
    if OPTION.search(text) or magic == "runs" or (magic in ON_DATA and DUE.search(text)):
        return command
    if magic in ON_DATA:
        text = GIVEN.sub(lambda option: " " * len(option[0]), text)  # Options may stand anywhere; they are not part of the data.
    named = NAME.match(text)
    if named is None:
        # In `%fit digits `, the data begins at the cursor.
        if magic in ON_DATA and re.fullmatch(r"[ \t]*[^\W\d]\w*[ \t]+", text):
            return FitData(FIRST_DATA, offset + len(text) - len(FIRST_DATA), text.strip(), magic, options)
        return command
    rest, at = text[named.end() :], offset + named.end()
    if magic == "sequential":
        return Network(rest, at, named[1], is_line=True)
    plain = without_place(rest, whole=True)
    return FitData(FIRST_DATA + plain, at - len(FIRST_DATA), named[1], magic, options, plain != rest)


def networks_in(cell: str) -> list[Network]:
    r"""The complete networks of a cell: one in a `%%sequential` cell, and one for each `%sequential` line elsewhere.

    >>> [found.text for found in networks_in("x = 3\n%sequential net input 8 -> dense 1\n%sequential net\n")]
    ['input 8 -> dense 1']
    """
    if CELL.match(cell):
        part = part_at(cell, len(cell))
        return [part] if isinstance(part, Network) else []
    ends = [match.end() for match in re.finditer(r"^[ \t]*%sequential[ \t][^\n]*", cell, re.MULTILINE)]
    return [part for part in (part_at(cell, end) for end in ends) if isinstance(part, Network)]
