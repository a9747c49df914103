"""The request: what the line of `%runs` asks for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from keyword import iskeyword

from seqmagic.errors import LanguageError, UnknownNameError

OPTIONS = ("--best", "--load", "--delete")


@dataclass(frozen=True)
class RunRequest:
    """A line of `%runs` that has been read.

    Attributes:
        runs: the numbers that it names.
        model: the model whose runs are meant, or None for all.
        best: the metric to sort by. load: the name to bind a model to. delete: whether the runs go.
    """

    runs: tuple[int, ...] = ()
    model: str | None = None
    best: str | None = None
    load: str | None = None
    delete: bool = False


def read_request(line: str) -> RunRequest:
    """Read the line of `%runs`.

    >>> read_request("digits --best val_accuracy")
    RunRequest(runs=(), model='digits', best='val_accuracy', load=None, delete=False)
    >>> read_request("5 --load again").load
    'again'

    Raises:
        LanguageError, UnknownNameError: At what it can't mean.
    """
    try:
        words = shlex.split(line)
    except ValueError:
        raise LanguageError(f"{line.strip()!r} has a quotation mark without its other half.", instead="%runs digits") from None
    options, rest = _take_options(words)
    runs = tuple(int(word) for word in rest if word.isascii() and word.isdigit())
    names = [word for word in rest if not (word.isascii() and word.isdigit())]
    if len(names) > 1 or (names and runs):
        raise LanguageError(
            f"{' '.join(rest)!r} is more than %runs can show.", expected="the name of a model, or numbers of runs", instead="%runs digits"
        )
    request = RunRequest(runs, names[0] if names else None, options.get("--best"), options.get("--load"), "--delete" in options)
    _check(request)
    return request


def _take_options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """The options with their values, and the other words."""
    options: dict[str, str] = {}
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if not word.startswith("-"):
            rest.append(word)
        elif word not in OPTIONS:
            raise UnknownNameError("option", word, OPTIONS, owner="%runs")
        elif word == "--delete":
            options[word] = ""
        else:
            options[word] = next(left, "")
            if not options[word] or options[word].startswith("-"):
                example = {"--best": "%runs --best val_accuracy", "--load": "%runs 5 --load again"}[word]
                raise LanguageError(f"{word} is followed by nothing.", instead=example)
    return options, rest


def _check(request: RunRequest) -> None:
    if request.load is not None and (not request.load.isidentifier() or iskeyword(request.load)):
        raise LanguageError(f"{request.load!r} can't be the name of a variable.", expected="letters, digits and _", instead="--load again")
    if request.load is not None and len(request.runs) != 1:
        raise LanguageError("--load needs the number of one run.", instead=f"%runs 5 --load {request.load}")
    if request.delete and not request.runs:
        raise LanguageError("--delete needs the numbers of the runs to delete.", instead="%runs 3 --delete")
    if request.best is not None and request.runs:
        raise LanguageError("--best sorts the table, and numbers ask for single runs.", instead=f"%runs --best {request.best}")
    if len(request.runs) > 2 and not request.delete:
        raise LanguageError(
            f"{len(request.runs)} runs can't be shown side by side.", expected="one or two", instead="%runs {} {}".format(*request.runs[:2])
        )
