"""Checks of held-out rows: whether the data can be split that way, a description of the split, and notes on unwise splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from seqmagic.data.classes import numbers_of_classes, why_no_classes
from seqmagic.data.held_out import can_be_divided, count_held_out, count_rows, draw_held_out, find_held_out
from seqmagic.data.names import data_name_of
from seqmagic.data.streams import is_stream
from seqmagic.data.values import as_numbers
from seqmagic.data.whole_batches import is_cut_whole
from seqmagic.errors import ArgumentError, DataError
from seqmagic.errors.boundary import format_kind
from seqmagic.language.fit_words import SHUFFLED, SPLITS, STRATIFIED
from seqmagic.network.loss_names import PROBABILITY_LOSSES, REGRESSION_LOSSES, loss_name
from seqmagic.options.fit_values import check_word
from seqmagic.translation import gettext, ngettext

SHARES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)  # Shares to suggest when the given one does not work.
FEWEST_ROWS = 10  # With fewer rows, labels may be sorted by coincidence.
MOST_SHOWN = 3  # Classes listed in a message.


def format_split(share: float, way: str, *, in_line: bool) -> str:
    """A share and how it is drawn, as they are typed.

    >>> format_split(0.2, "shuffled", in_line=True), format_split(0.2, "shuffled", in_line=False)
    ('validation_split=0.2 shuffled', 'validation_split=0.2, split="shuffled"')

    Args:
        in_line: whether on a fit line; else in Python.
    """
    return f"validation_split={share:g} {way}" if in_line else f'validation_split={share:g}, split="{way}"'


def check_split(model: keras.Model, x: Any, y: Any, options: Mapping[str, Any], names: tuple[str, str], *, in_line: bool) -> None:
    """Refuse `split` without a validation_split, and data that can't be split that way.

    Args:
        in_line: whether the options stand on a fit line.

    Raises:
        ArgumentError, DataError: With a split that works.
    """
    way, share = options.get("split"), options.get("validation_split")
    if way is None:
        return
    check_word("split", way, SPLITS)
    if options.get("validation_data") is not None:
        problem = gettext("{way} sets how rows are chosen for validation, but validation_data is given too.", way=way)
        raise ArgumentError(problem, expected=gettext("only one of the two"))
    if not share:
        problem = gettext("{way} sets how rows are chosen for validation, but not how many.", way=way)
        raise ArgumentError(problem, expected=gettext("a fraction of the rows"), instead=format_split(0.2, way, in_line=in_line))
    if is_stream(x):
        return  # A validation_split of a stream is refused elsewhere, whatever `split` says.
    for name, part in zip((*names, "sample_weight"), (x, y, options.get("sample_weight")), strict=True):
        if part is not None and not can_be_divided(part):
            problem = gettext("{name} is {kind}, which can't be split by rows.", name=name, kind=format_kind(part))
            raise DataError(problem, expected=gettext("arrays or tables, or a separate validation_data"))
    if way == STRATIFIED:
        _check_classes(model, y, count_rows(x), share, names[1], in_line=in_line)


def _check_classes(model: keras.Model, y: Any, rows: int, share: float, name: str, *, in_line: bool) -> None:
    """Refuse labels without classes, and a share that leaves some class out of either part."""
    fixes: tuple[str, ...] = (format_split(share, SHUFFLED, in_line=in_line),)
    problem = _why_not_stratified(y, name)
    classes = numbers_of_classes(y) if not problem else None
    if classes is not None:
        numbers, counts = np.unique(classes, return_counts=True)
        if _divides_all(classes, share):
            return
        if counts.min() < 2:
            problem = gettext(
                "Class {numbers} has only one row in {name}, so it can't be in both parts.", numbers=numbers[counts.argmin()], name=name
            )
        else:
            held_out = count_held_out(rows, share)
            problem = gettext(
                "validation_split={share:g} of {rows:,} rows makes parts of {rest:,} and {held_out:,}, which is too few for a row",
                share=share,
                rows=rows,
                rest=rows - held_out,
                held_out=held_out,
            )
            problem += gettext(" of each of the {count} classes in both parts.", count=len(numbers))
            others = sorted(SHARES, key=lambda other: abs(other - share))
            works = (other for other in others if _divides_all(classes, other) and is_cut_whole(model, rows, other))
            fixes = (*(format_split(other, STRATIFIED, in_line=in_line) for other in list(works)[:1]), *fixes)
    error = DataError(problem, expected=gettext("classes with at least two rows each, or {shuffled}", shuffled=SHUFFLED))
    error.fixes = fixes
    raise error


def _why_not_stratified(y: Any, name: str) -> str:
    """Why labels are not classes, as a sentence; "" if they are."""
    if y is None:
        return gettext("{stratified} splits each class in the same proportion, but there are no labels.", stratified=STRATIFIED)
    if isinstance(y, (list, tuple, Mapping)):
        return gettext(
            "{stratified} splits each class in the same proportion, but the labels are for several outputs.", stratified=STRATIFIED
        )
    values = as_numbers(y)
    reason = gettext("contains no numbers") if values is None else why_no_classes(values)
    return (
        gettext(
            "{stratified} splits each class in the same proportion, but {name} {reason}.", stratified=STRATIFIED, name=name, reason=reason
        )
        if reason
        else ""
    )


def _divides_all(classes: np.ndarray, share: float) -> bool:
    """Whether each class has a row in both parts."""
    held_out, count = draw_held_out(len(classes), share, classes), len(np.unique(classes))
    return len(np.unique(classes[held_out])) == len(np.unique(classes[~held_out])) == count


def describe_split(x: Any, options: Mapping[str, Any]) -> str:
    """A sentence on which rows are held out and how they are chosen; "" without `split`."""
    way, share, rows = options.get("split"), options.get("validation_split"), count_rows(x)
    if way is None or not share:
        return ""
    how = gettext("at random") if way == SHUFFLED else gettext("at random, in the same proportion from each class")
    count = count_held_out(rows, share)
    return gettext(
        "{count:,} of {rows:,} rows are held out for validation, chosen {how} ({way}); they are the same every time.",
        count=count,
        rows=rows,
        how=how,
        way=way,
    )


def advise_split(model: keras.Model, x: Any, y: Any, options: Mapping[str, Any], name: str, *, in_line: bool) -> Iterator[str]:
    """Notes on a split that leaves out a class, and on labels that are sorted.

    Args:
        name: what the labels are called.
    """
    rows, way, share = count_rows(x), options.get("split"), options.get("validation_split")
    labels = as_numbers(y)
    if is_stream(x) or labels is None or len(labels) != rows or way == STRATIFIED:
        return
    held_out = find_held_out(y, rows, options)
    if held_out is None or share is None:
        return
    loss, what = loss_name(model.loss), data_name_of(name).start
    classes = numbers_of_classes(y) if loss in PROBABILITY_LOSSES else None
    which = (
        gettext("the last {held_out:,} rows", held_out=held_out.sum())
        if way is None
        else gettext("{held_out:,} rows at random", held_out=held_out.sum())
    )
    if classes is not None:
        left_out = _left_out(classes, held_out)
        better = STRATIFIED if _divides_all(classes, share) else SHUFFLED
        if left_out and better != way:
            order = gettext("{what} is sorted by class, and ", what=what) if way is None and _is_sorted(classes) else ""
            wanted = format_split(share, better, in_line=in_line)
            yield gettext(
                "{order}validation_split={share:g} holds out {which}: {left_out}. Better: {wanted}.",
                order=order,
                share=share,
                which=which,
                left_out=left_out,
                wanted=wanted,
            )
    elif way is None and loss in REGRESSION_LOSSES and labels.size == rows >= FEWEST_ROWS and _is_sorted(labels.reshape(rows)):
        end = gettext("largest") if labels.reshape(rows)[-1] > labels.reshape(rows)[0] else gettext("smallest")
        better = format_split(share, SHUFFLED, in_line=in_line)
        yield gettext(
            "{what} is sorted, and validation_split={share:g} holds out {which}, which have the {end} labels. Better: {better}.",
            what=what,
            share=share,
            which=which,
            end=end,
            better=better,
        )


def _left_out(classes: np.ndarray, held_out: np.ndarray) -> str:
    """A sentence, without its end, on the classes that are in only one part; "" if there are none."""
    seen, checked = np.unique(classes[~held_out]), np.unique(classes[held_out])
    never_learned, never_checked = np.setdiff1d(checked, seen), np.setdiff1d(seen, checked)
    if len(never_learned):
        return ngettext(
            "{some} is then missing from the training rows",
            "{some} are then missing from the training rows",
            len(never_learned),
            some=_some(never_learned),
        )
    if len(never_checked):
        return ngettext(
            "{some} is then missing from the validation rows",
            "{some} are then missing from the validation rows",
            len(never_checked),
            some=_some(never_checked),
        )
    return ""


def _some(numbers: np.ndarray) -> str:
    shown = ", ".join(map(str, numbers[:MOST_SHOWN]))
    more = " ..." if len(numbers) > MOST_SHOWN else ""
    return ngettext("class {shown}", "classes {shown}{more}", len(numbers), shown=shown, more=more)


def _is_sorted(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return values[0] != values[-1] and bool(np.all(steps >= 0) or np.all(steps <= 0))
