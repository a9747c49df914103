"""The place: whose argument, or what kind of word, is due where a line breaks off.

The grammar says which tokens may come; here they are put to whom they belong. Brackets open a frame, and what stands in them belongs to the
word before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lark import Token

from seqmagic.editor.meanings import SEARCHED
from seqmagic.editor.vocabulary import Setting, Vocabulary, VocabularyEntry, normalize
from seqmagic.language.unfinished import Unfinished

BETWEEN = ("_ARROW", "_NEWLINE", "COLON")  # What stands between two layers.
OF_LINES = {"COMPILE": "statement", "FIT": "statement", "SEED": "statement", "EXPECT": "statement", "BLOCK": "block"}
INPUTS = ("input", "inputlayer")
METHODS = ("compile", "fit", "add")  # Of a model, in pasted Keras.


@dataclass(frozen=True)
class GivenArguments:
    """What has been given to a word so far.

    Attributes:
        kind, word: whose arguments they are.
        names: the arguments with a name.
        words: the bare words among the others.
        count: how many others there are.
    """

    kind: str
    word: str
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Place:
    """What may be typed at a place.

    Attributes:
        starts_line: whether a statement begins here.
        takes_layer: whether the word of a layer may stand here.
        owner: whose arguments may stand here; None where there is nobody.
        argument: the name of the argument whose value is due; "" where a value without a name, or a name, may stand.
        due: the name of the argument that a value without a name is for.
        kind: of the words of that value, such as "loss"; "" where any may be meant.
        inside: what has been given to the layer inside a wrapper's line: `bidirectional lstm`.
        in_brackets: whether names and values are parted by commas here.
        counts: whether it is said here how often layers are repeated.
    """

    starts_line: bool = False
    takes_layer: bool = False
    owner: GivenArguments | None = None
    argument: str = ""
    due: str = ""
    kind: str = ""
    inside: GivenArguments | None = None
    in_brackets: bool = False
    counts: bool = False


@dataclass
class _Frame:
    """What stands between two brackets, or in the whole line.

    Attributes:
        owner: the kind and the word of whose brackets these are; None in a line, a group or a list.
        argument, kind: what a list's items are for, and of which kind their words are.
        chains: whether layers stand here one after the other, as in a line and a group.
        unit: the word of the layer, or of the line, that is being written.
        parts: its arguments, each a name and a bare word, either of which may be "".
        name: of the argument whose value is being written.
        earlier: the items before this one, as parts.
        counts: whether it is being said how often the unit is repeated.
    """

    owner: tuple[str, str] | None = None
    argument: str = ""
    kind: str = ""
    chains: bool = False
    unit: str = ""
    unit_kind: str = "layer"
    parts: list[tuple[str, str]] = field(default_factory=list)
    name: str = ""
    earlier: list[tuple[str, str]] = field(default_factory=list)
    counts: bool = False

    @property
    def holds_layers(self) -> bool:
        """Whether an item here may be a layer with arguments behind it."""
        return self.chains or self.owner is not None or self.kind == "layer"

    def begin_unit(self) -> None:
        """Expect another layer, or another item."""
        self.unit, self.unit_kind, self.parts, self.name, self.counts = "", "layer", [], "", False

    def take_value(self, word: str = "") -> None:
        """Note an argument, or one more value of a named one."""
        if not self.name:
            self.parts.append(("", word))
        elif (self.name, "") not in self.parts:
            self.parts.append((self.name, ""))

    def take_item(self) -> None:
        """Note an item of brackets as a whole, at the comma behind it."""
        self.earlier += [("", self.unit)] if self.unit else self.parts
        self.begin_unit()


def place_of(unfinished: Unfinished, vocabulary: Vocabulary) -> Place | None:
    """The place where a line breaks off; None where no word is expected.

    >>> from seqmagic.editor.vocabulary import load_vocabulary
    >>> from seqmagic.language.unfinished import read_unfinished
    >>> place_of(read_unfinished("compile adam(1e-3) sparse"), load_vocabulary()).kind
    'loss'
    """
    if unfinished.is_lost or not unfinished.accepts & {"WORD", "STRING"}:
        return None
    return _Reader(vocabulary).read(unfinished.tokens)


class _Reader:
    """Follows the tokens of a line, with a frame for each bracket that is open."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.frames = [_Frame(chains=True)]
        self.before = Token("", "")

    def read(self, tokens: tuple[Token, ...]) -> Place | None:
        """The place behind the tokens."""
        for token in tokens:
            self._take(token)
            self.before = token
        if self.before.type == "_TIMES":
            return Place(counts=True)
        if self.before.type not in ("EQUAL", "COMMA"):
            self.frames[-1].name = ""  # Its value is complete.
        return self._place(starts_line=not tokens)

    def _take(self, token: Token) -> None:
        frame, kind = self.frames[-1], token.type
        frame.counts |= kind == "_TIMES"
        if kind in ("LPAR", "LSQB"):
            self._open(frame, token)
        elif kind in ("RPAR", "RSQB"):
            self._close()
        elif kind == "EQUAL":
            self._take_name(frame)
        elif kind == "COMMA":
            if not frame.chains:  # In a line metrics=accuracy,auc goes on.
                frame.take_item()
        elif kind in BETWEEN:
            frame.begin_unit()
        elif kind in OF_LINES:
            frame.unit, frame.unit_kind = str(token), OF_LINES[kind]
        elif kind not in ("_TIMES", "LABEL"):
            if self.before.type not in ("EQUAL", "COMMA"):
                frame.name = ""
            self._take_word(frame, token)

    def _take_name(self, frame: _Frame) -> None:
        """What stands before a = is a name; that of a model, at the beginning of a line, is none of an argument."""
        if frame.parts:
            frame.name = frame.parts.pop()[1]
        else:
            frame.name, frame.unit = ("" if frame.chains else frame.unit), ""

    def _take_word(self, frame: _Frame, token: Token) -> None:
        is_name = token.type in ("WORD", "CALLED", "CALLED_APART")
        opens = token.type == "WORD" or (frame.chains and (is_name or token.type == "EXPRESSION"))
        if opens and frame.holds_layers and not frame.unit and not frame.name and not (frame.parts and not frame.chains):
            frame.unit, frame.unit_kind = str(token), kind_of_unit(str(token))
        else:
            frame.take_value(str(token) if is_name else "")

    def _open(self, frame: _Frame, token: Token) -> None:
        if token.type == "LPAR" and self.before.type in ("CALLED", "CALLED_APART"):
            word = str(self.before)
            if frame.parts and frame.parts[-1] == ("", word):
                frame.parts.pop()  # It is counted when its brackets close.
            self.frames.append(self._called(frame, word))
        elif token.type == "LPAR" and frame.chains and not frame.unit:
            self.frames.append(_Frame(chains=True))
        else:
            place = self._place()
            argument, kind = (place.argument, place.kind) if place is not None else ("", "")
            self.frames.append(_Frame(argument=argument, kind=kind))

    def _called(self, frame: _Frame, word: str) -> _Frame:
        """The frame of the brackets behind a word."""
        owner, _, method = word.rpartition(".")
        if frame.unit_kind == "block":
            return _Frame(owner=("block", word))
        if owner and method in METHODS:
            return _Frame(owner=("statement", method)) if method != "add" else _Frame(kind="layer")
        if frame.counts:
            return _Frame()
        if frame.unit == word and not frame.parts:
            return _Frame(owner=(frame.unit_kind, word)) if word not in SEARCHED else _Frame(kind="layer")
        place = self._place()
        kind = place.kind if place is not None else ""
        return self._searched(place) if word in SEARCHED else _Frame(owner=(kind_of_unit(word) if kind == "layer" else kind, word))

    def _searched(self, place: Place | None) -> _Frame:
        """The frame of the values that one is chosen from: each is what could stand in their place."""
        if place is None:
            return _Frame()
        entry = self.vocabulary.find(place.owner.kind, place.owner.word) if place.owner is not None else None
        due = entry.setting(place.due) if entry is not None else None
        takes_word = due is None or due.default is not None
        bends = entry is not None and takes_word and not place.argument and entry.setting("activation") is not None
        return _Frame(argument=place.argument or place.due or "value", kind=place.kind or ("activation" if bends else ""))

    def _close(self) -> None:
        """End brackets: what stood in them is one value, or was the whole layer."""
        if len(self.frames) == 1:
            return
        closed, frame = self.frames.pop(), self.frames[-1]
        word = closed.owner[1] if closed.owner is not None else ""
        if frame.chains and not frame.unit:
            frame.unit = "()"
        elif not (word and frame.unit == word and not frame.parts):
            frame.take_value(word)

    def _place(self, *, starts_line: bool = False) -> Place | None:
        """The place behind what has been read so far."""
        frame = self.frames[-1]
        if frame.unit_kind == "block" or (frame.owner is not None and frame.owner[0] == "block") or frame.unit == "()":
            return None
        if frame.unit:
            return self._place_of(_given((frame.unit_kind, frame.unit), frame.parts), frame.name, in_brackets=False)
        if frame.chains:
            return Place(starts_line=starts_line, takes_layer=True, kind="layer")
        if frame.owner is None or self.before.type == "_ARROW":
            kind = frame.kind if frame.owner is None else "layer"
            return Place(takes_layer=kind == "layer", argument=frame.argument, kind=kind, in_brackets=True)
        return self._place_of(_given(frame.owner, [*frame.earlier, *frame.parts]), frame.name, in_brackets=True)

    def _place_of(self, given: GivenArguments, argument: str, *, in_brackets: bool) -> Place:
        """The place of an argument of a word."""
        entry = self.vocabulary.find(given.kind, given.word)
        setting = entry.setting(argument) if entry is not None and argument else None
        if argument:
            kind = setting.kind if setting is not None else ""
            return Place(takes_layer=kind == "layer", owner=given, argument=argument, kind=kind, in_brackets=in_brackets)
        inside = self._inside(entry, given) if entry is not None and entry.wraps and not in_brackets else None
        asked = (self.vocabulary.find("layer", inside.word), inside) if inside is not None else (entry, given)
        setting = due_setting(*asked)
        kind, due = (setting.kind, setting.name) if setting is not None else ("", "")
        return Place(takes_layer=kind == "layer", owner=given, due=due, kind=kind, inside=inside, in_brackets=in_brackets)

    def _inside(self, entry: VocabularyEntry, given: GivenArguments) -> GivenArguments | None:
        """What has been given to the layer that a wrapper's line has inside."""
        word = given.words[0] if given.words else ""
        return GivenArguments("layer", word, given.names, given.words[1:], given.count - 1) if self.vocabulary.find("layer", word) else None


def _given(owner: tuple[str, str], parts: list[tuple[str, str]]) -> GivenArguments:
    names = tuple(dict.fromkeys(name for name, _ in parts if name))
    unnamed = [word for name, word in parts if not name]
    return GivenArguments(*owner, names, tuple(word for word in unnamed if word), len(unnamed))


def kind_of_unit(word: str) -> str:
    """Whether the word that a unit begins with is that of a layer, or of an input."""
    return "statement" if normalize(word.rpartition(".")[2]) in INPUTS else "layer"


def due_setting(entry: VocabularyEntry | None, given: GivenArguments) -> Setting | None:
    """The setting that a value without a name is for, as far as the places show; bare words that name their place don't count."""
    if entry is None:
        return None
    if entry.name == "compile":
        index = given.count + len(given.names)
        return entry.setting(("optimizer", "loss")[index] if index < 2 else "metrics")
    placed = [setting for setting in entry.settings if setting.has_place and setting.name not in given.names]
    values = count_of_values(entry, given)
    return placed[values] if values < len(placed) else None


def count_of_values(entry: VocabularyEntry, given: GivenArguments) -> int:
    """How many values without a name go where their order says."""
    return given.count - sum(1 for word in given.words if _names_its_place(entry, word))


def _names_its_place(entry: VocabularyEntry, word: str) -> bool:
    """Whether a bare word is a flag, an activation or a padding."""
    setting = entry.setting(word)
    takes_words = entry.kind == "layer" and not entry.wraps and entry.setting("activation") is not None and entry.word != "activation"
    return takes_words or (setting is not None and setting.is_flag)
