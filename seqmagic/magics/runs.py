"""`%runs`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.display import display

from seqmagic.errors import BusyError, LanguageError, UnknownNameError, printable
from seqmagic.ledger.current import DEFAULT_FILE, current_ledger
from seqmagic.ledger.run_list import find_readable, find_run
from seqmagic.ledger.run_state import RunState
from seqmagic.magics.braces import fill_in
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.line_options import Option, is_name, take_options, words_of
from seqmagic.magics.namespace import bind_model, check_free, variables_of
from seqmagic.training.registry import active_runs
from seqmagic.translation import gettext, gettext_noop, ngettext

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry
    from seqmagic.ledger.ledger import Ledger
    from seqmagic.training.registry import ActiveRun

View = Any  # An object with HTML and text representations, or a MIME bundle.
NOTHING = {"text/plain": ""}
MOST_SECONDS = 5.0  # Maximum time to wait for a run's number.


OPTIONS = (Option("--best", "word", "%runs --best val_accuracy"), Option("--load", "word", "%runs 5 --load again"), Option("--delete"))


@dataclass(frozen=True)
class RunRequest:
    """A parsed line of `%runs`.

    Attributes:
        runs: the numbers on it.
        model: whose runs are shown, or None for all.
        best: the metric to sort by. load: the variable for a model. delete: whether to delete the runs.
    """

    runs: tuple[int, ...] = ()
    model: str | None = None
    best: str | None = None
    load: str | None = None
    delete: bool = False


def read_request(line: str) -> RunRequest:
    """Parse the line of `%runs`.

    >>> read_request("digits --best val_accuracy")
    RunRequest(runs=(), model='digits', best='val_accuracy', load=None, delete=False)
    >>> read_request("5 --load again").load
    'again'

    Raises:
        LanguageError, UnknownNameError: At an invalid combination.
    """
    options, rest = take_options(line, OPTIONS, "%runs")
    words = words_of(rest)
    runs = tuple(dict.fromkeys(int(word) for word in words if word.isascii() and word.isdigit()))
    names = [word for word in words if not (word.isascii() and word.isdigit())]
    if len(names) > 1 or (names and runs):
        raise LanguageError(
            gettext("%runs can't show {words!r}.", words=" ".join(words)),
            expected=gettext("the name of a model, or run numbers"),
            instead="%runs digits",
        )
    request = RunRequest(runs, names[0] if names else None, options.get("--best"), options.get("--load"), "--delete" in options)
    _check(request)
    return request


def _check(request: RunRequest) -> None:
    if request.load is not None and (not is_name(request.load)):
        raise LanguageError(
            gettext("{load!r} can't be a variable name.", load=request.load),
            expected=gettext("letters, digits and _"),
            instead="--load again",
        )
    if request.load is not None and len(request.runs) != 1:
        raise LanguageError(gettext("--load needs the number of a single run."), instead=f"%runs 5 --load {request.load}")
    if request.delete and not request.runs:
        raise LanguageError(gettext("--delete needs the numbers of the runs to delete."), instead="%runs 3 --delete")
    if request.best is not None and request.runs:
        raise LanguageError(
            gettext("--best sorts the table, so it can't be combined with run numbers."), instead=f"%runs --best {request.best}"
        )


@magics_class
class RunMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """The magic that looks at the ledger of runs.

    Attributes:
        preload: the loading of Keras; what shows or builds something waits for it.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload) -> None:
        super().__init__(shell)
        self.preload = preload

    @no_var_expand
    @line_magic
    @shows_errors
    def runs(self, line: str) -> None:
        """Show the saved runs.

        %runs                         all runs, newest first, with what changed from one to the next
        %runs digits                  the runs of one model
        %runs --best val_accuracy     the best first
        %runs 3                       everything about one run
        %runs 3 5                     what changed between two runs, and their curves in one chart
        %runs 1 2 3 4 5               what differs between several runs, and their curves
        %runs 5 --load again          its model, with the best weights that were saved, as `again`
        %runs 3 --delete              delete it

        Runs are saved in the file that `%config SeqMagics.ledger` names. For a pandas table, use seqmagic.runs().
        """
        request = read_request(fill_in(self.shell, line))
        self.preload.join()
        ledger = current_ledger()
        if ledger is None:
            raise LanguageError(gettext("No runs are saved here."), instead=f'%config SeqMagics.ledger = "{DEFAULT_FILE}"')
        _await_numbers()
        entries = ledger.entries()
        if not entries and not request.runs and not ledger.warnings:
            print(gettext("No runs are saved yet. The next training will be the first."))
        elif not request.runs:
            self._show_table(ledger, entries, request)
        elif request.delete:
            self._delete(ledger, request.runs)
        elif request.load is not None:
            self._load(ledger, find_readable(ledger, request.runs[0]), request.load)
        elif len(request.runs) == 1:
            self._show_one(ledger, request.runs[0])
        else:
            self._compare(ledger, request.runs)
        for sentence in ledger.warnings if request.runs else ():
            print(gettext("Note: {sentence}", sentence=sentence))

    def _show(self, make: Callable[[], list[View]], runs: Iterable[ActiveRun]) -> None:
        """Display what `make` returns, and update it when one of the runs ends: with Run All the cell is executed before that."""
        runs = list(runs)
        shown = [view for view in make() if runs or view != NOTHING]  # Empty views are kept, because they may be filled later.
        handles = [display(view, raw=isinstance(view, dict), display_id=True) for view in shown]

        def show_again(run: ActiveRun) -> None:
            if run.ended:
                for handle, view in zip(handles, make(), strict=True):
                    handle.update(view, raw=isinstance(view, dict))

        for run in runs:
            run.watchers.append(show_again)

    def _show_table(self, ledger: Ledger, entries: Sequence[RunEntry], request: RunRequest) -> None:
        from seqmagic.widgets.run_table import RunTable

        names = list(dict.fromkeys(entry.name for entry in entries if entry.name))
        if request.model is not None and request.model not in names:
            raise UnknownNameError(gettext("run of a model"), request.model, names)
        metrics = list(dict.fromkeys(metric for entry in entries for metric in entry.numbers))
        if request.best is not None and request.best not in metrics:
            raise UnknownNameError(gettext_noop("metric"), request.best, metrics)

        def make() -> list[View]:
            notes = [gettext("Saved in {name}.", name=ledger.path.name) if not ledger.is_in_memory else "", *ledger.warnings]
            return [RunTable(ledger.entries(), name=request.model, best=request.best, notes=[note for note in notes if note])]

        self._show(make, active_runs())

    def _show_one(self, ledger: Ledger, number: int) -> None:
        from seqmagic.widgets.run_card import RunCard
        from seqmagic.widgets.run_table import describe_change

        def make() -> list[View]:
            entry = find_run(ledger, number)
            return [RunCard(entry, ledger.checkpoints(entry.id), describe_change(entry, ledger.entries())), _curves_of(ledger, [entry])]

        self._show(make, _under_way([number]))

    def _compare(self, ledger: Ledger, numbers: Sequence[int]) -> None:
        from seqmagic.widgets.run_comparison import RunComparison

        def make() -> list[View]:
            entries = [find_readable(ledger, number) for number in numbers]
            return [RunComparison(*entries), _curves_of(ledger, entries)]

        self._show(make, _under_way(numbers))

    def _delete(self, ledger: Ledger, numbers: Sequence[int]) -> None:
        entries = [find_run(ledger, number) for number in numbers]
        for entry in entries:
            if entry.is_under_way:
                raise BusyError(gettext("Run {id} is still running.", id=entry.id), expected=gettext("it to end before it is deleted"))
        gone = [str(entry.id) for entry in entries if ledger.delete(entry.id)]
        if gone:
            print(ngettext("Run {runs} was deleted.", "Runs {runs} were deleted.", len(gone), runs=", ".join(gone)))

    def _load(self, ledger: Ledger, entry: RunEntry, name: str) -> None:
        from seqmagic.recipes.reload import model_of

        check_free(self.shell, name, lambda free: f"%runs {entry.id} --load {free}")
        checkpoint = next(filter(None, (ledger.load_checkpoint(entry.id, kind) for kind in ("best", "last"))), None)
        bind_model(self.shell, name, model_of(entry, checkpoint, variables_of(self.shell), name))
        weights = (
            gettext("with its {kind} weights", kind=checkpoint.kind) if checkpoint else gettext("with new weights, because none were saved")
        )
        print(
            gettext(
                "{name} is the model of run {id} ({model}), {weights}.",
                name=name,
                id=entry.id,
                model=printable(entry.name),
                weights=weights,
            )
        )


def _await_numbers() -> None:
    """Wait until a run that has just been started has its number in the ledger."""
    end = time.monotonic() + MOST_SECONDS
    for run in active_runs():
        while run.state == RunState.RUNNING and run.number is None and time.monotonic() < end:
            time.sleep(0.02)


def _under_way(numbers: Sequence[int]) -> list[ActiveRun]:
    return [run for run in active_runs() if run.number in numbers]


def _curves_of(ledger: Ledger, entries: Sequence[RunEntry]) -> dict[str, str]:
    """The curves as a picture and text, in a form that is saved in the notebook; empty if there are none."""
    from seqmagic.widgets.run_curves import curves_of, describe_curves, draw_runs
    from seqmagic.widgets.saved import static_bundle

    curves = curves_of(ledger, entries)
    picture = draw_runs(curves)
    return static_bundle(picture, describe_curves(curves)) if picture is not None else NOTHING
