"""The place: which argument, or which kind of word, is expected at the end of an unfinished line.

The grammar says which tokens may follow; here they are assigned to the word that they belong to. An opening bracket begins a frame, and its
contents belong to the word before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lark import Token

from seqmagic.editor.meanings import SEARCHED
from seqmagic.editor.vocabulary import Setting, Vocabulary, VocabularyEntry, normalize
from seqmagic.language.unfinished import Unfinished

BETWEEN = ("_ARROW", "_NEWLINE", "COLON")  # Tokens between two layers.
OF_LINES = {"COMPILE": "statement", "FIT": "statement", "SEED": "statement", "EXPECT": "statement", "BLOCK": "block"}
INPUTS = ("input", "inputlayer")
METHODS = ("compile", "fit", "add")  # Of a model, in pasted Keras code.


@dataclass(frozen=True)
class GivenArguments:
    """The arguments that a word has so far.

    Attributes:
        kind, word: of the word that has them.
        names: of the named arguments.
        words: those of the others that are bare words.
        count: of the unnamed arguments.
    """

    kind: str
    word: str
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Place:
    """What can be typed at a position.

    Attributes:
        starts_line: whether a statement begins here.
        takes_layer: whether a layer may begin here.
        owner: the word whose arguments may follow; None if there is none.
        argument: the name of the argument whose value is expected; "" for an unnamed value or a name.
        due: the name of the next positional argument.
        kind: of the words for that value, such as "loss"; "" for any.
        inside: the arguments of the inner layer on a wrapper's line: `bidirectional lstm`.
        in_brackets: whether arguments are separated by commas.
        counts: whether the number of repetitions is expected.
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
    """The contents of a pair of brackets, or of a line.

    Attributes:
        owner: the kind and the word before the brackets; None for a line, a group or a list.
        argument, kind: the argument that a list's items are for, and the kind of their words.
        chains: whether it contains a chain of layers, like a line or a group.
        unit: the word of the layer or line that is being read.
        parts: its arguments, each as a name and a bare word, either of which may be "".
        name: of the argument whose value is being read.
        earlier: the items before this one, as parts.
        counts: whether the number of repetitions of the unit is being read.
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
        """Whether an item may be a layer followed by its arguments."""
        return self.chains or self.owner is not None or self.kind == "layer"

    def begin_unit(self) -> None:
        """Begin the next layer or item."""
        self.unit, self.unit_kind, self.parts, self.name, self.counts = "", "layer", [], "", False

    def take_value(self, word: str = "") -> None:
        """Add an argument, or another value of a named one."""
        if not self.name:
            self.parts.append(("", word))
        elif (self.name, "") not in self.parts:
            self.parts.append((self.name, ""))

    def take_item(self) -> None:
        """Add the item before a comma in brackets."""
        self.earlier += [("", self.unit)] if self.unit else self.parts
        self.begin_unit()


def place_of(unfinished: Unfinished, vocabulary: Vocabulary) -> Place | None:
    """The place at the end of an unfinished line; None if no word is expected.

    >>> from seqmagic.editor.vocabulary import load_vocabulary
    >>> from seqmagic.language.unfinished import read_unfinished
    >>> place_of(read_unfinished("compile adam(1e-3) sparse"), load_vocabulary()).kind
    'loss'
    """
    if unfinished.is_lost or not unfinished.accepts & {"WORD", "STRING"}:
        return None
    return _Reader(vocabulary).read(unfinished.tokens)


class _Reader:
    """Reads the tokens of a line, with a frame for each open bracket."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.frames = [_Frame(chains=True)]
        self.before = Token("", "")

    def read(self, tokens: tuple[Token, ...]) -> Place | None:
        """The place after the tokens."""
        for token in tokens:
            self._take(token)
            self.before = token
        if self.before.type == "_TIMES":
            return Place(counts=True)
        if self.before.type not in ("EQUAL", "COMMA"):
            self.frames[-1].name = ""  # The value is complete.
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
            if not frame.chains:  # On a line, a comma continues the list: metrics=accuracy,auc.
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
        """The word before a = is the name of an argument; at the beginning of a line it is the model's name."""
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
                frame.parts.pop()  # It is added when its brackets close.
            self.frames.append(self._called(frame, word))
        elif token.type == "LPAR" and frame.chains and not frame.unit:
            self.frames.append(_Frame(chains=True))
        else:
            place = self._place()
            argument, kind = (place.argument, place.kind) if place is not None else ("", "")
            self.frames.append(_Frame(argument=argument, kind=kind))

    def _called(self, frame: _Frame, word: str) -> _Frame:
        """The frame of the brackets after a word."""
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
        """The frame of the options of a choice: each may be what can stand in its place."""
        if place is None:
            return _Frame()
        entry = self.vocabulary.find(place.owner.kind, place.owner.word) if place.owner is not None else None
        due = entry.setting(place.due) if entry is not None else None
        takes_word = due is None or due.default is not None
        bends = entry is not None and takes_word and not place.argument and entry.setting("activation") is not None
        return _Frame(argument=place.argument or place.due or "value", kind=place.kind or ("activation" if bends else ""))

    def _close(self) -> None:
        """Close brackets: their content is one value, or the whole layer."""
        if len(self.frames) == 1:
            return
        closed, frame = self.frames.pop(), self.frames[-1]
        word = closed.owner[1] if closed.owner is not None else ""
        if frame.chains and not frame.unit:
            frame.unit = "()"
        elif not (word and frame.unit == word and not frame.parts):
            frame.take_value(word)

    def _place(self, *, starts_line: bool = False) -> Place | None:
        """The place after the tokens read so far."""
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
        """The arguments of the inner layer on a wrapper's line."""
        word = given.words[0] if given.words else ""
        return GivenArguments("layer", word, given.names, given.words[1:], given.count - 1) if self.vocabulary.find("layer", word) else None


def _given(owner: tuple[str, str], parts: list[tuple[str, str]]) -> GivenArguments:
    names = tuple(dict.fromkeys(name for name, _ in parts if name))
    unnamed = [word for name, word in parts if not name]
    return GivenArguments(*owner, names, tuple(word for word in unnamed if word), len(unnamed))


def kind_of_unit(word: str) -> str:
    """Whether the first word of a unit is a layer, or an input."""
    return "statement" if normalize(word.rpartition(".")[2]) in INPUTS else "layer"


def due_setting(entry: VocabularyEntry | None, given: GivenArguments) -> Setting | None:
    """The setting that the next positional value is for; bare words whose parameter is implied don't count."""
    if entry is None:
        return None
    if entry.name == "compile":
        index = given.count + len(given.names)
        return entry.setting(("optimizer", "loss")[index] if index < 2 else "metrics")
    placed = [setting for setting in entry.settings if setting.has_place and setting.name not in given.names]
    values = count_of_values(entry, given)
    return placed[values] if values < len(placed) else None


def count_of_values(entry: VocabularyEntry, given: GivenArguments) -> int:
    """The number of positional values."""
    return given.count - sum(1 for word in given.words if _names_its_place(entry, word))


def _names_its_place(entry: VocabularyEntry, word: str) -> bool:
    """Whether a bare word implies its parameter: a flag, an activation or a padding."""
    setting = entry.setting(word)
    takes_words = entry.kind == "layer" and not entry.wraps and entry.setting("activation") is not None and entry.word != "activation"
    return takes_words or (setting is not None and setting.is_flag)
