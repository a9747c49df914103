"""Searched offers: `choice(`, `between(` and `log(`, where `%sweep` may choose a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqmagic.editor.data_offers import HELD
from seqmagic.editor.meanings import SEARCHED
from seqmagic.editor.offers import LAST, LATER, PLACED, Offer
from seqmagic.editor.place import Place
from seqmagic.editor.vocabulary import Setting
from seqmagic.language.searched import BETWEEN, CHOICE, EXAMPLES, LOG
from seqmagic.translation import gettext

NUMBER = re.compile(r"[-+.]?\d[\d.e+-]*")
# These are the same for all networks of a family.
FIXED = (*HELD, *PLACED, "name", "dtype", "trainable", "verbose", "metrics", "weighted_metrics", "batch")
# Numbers, although nothing is their default.
WITHOUT_DEFAULT = (
    *("batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size"),
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "max_value"),
)
OF_ONE = ("input", "expect", "callback")  # Lines without values to search.


def searched_offers(place: Place, setting: Setting | None, *, bends: bool = False) -> Iterator[Offer]:
    """The words for searched values at a place.

    Args:
        setting: whose value is expected; None if it isn't known.
        bends: whether an activation may follow.
    """
    fit = LATER if place.argument or place.counts else LAST
    for word in _words(place, setting, bends=bends):
        yield Offer(f"{word}(", "searched", gettext("{meaning}: {example}", meaning=gettext(SEARCHED[word]), example=EXAMPLES[word]), fit)


def _words(place: Place, setting: Setting | None, *, bends: bool) -> tuple[str, ...]:
    if place.counts:
        return CHOICE, BETWEEN
    if place.owner is None:
        return (CHOICE,) if place.takes_layer and not place.argument else ()
    if {place.owner.word, place.owner.kind} & {*OF_ONE} or (setting is not None and setting.name in FIXED):
        return ()
    if setting is None:
        return (CHOICE,) if bends else ()
    is_number = setting.default is None or NUMBER.fullmatch(setting.default) is not None or setting.name in WITHOUT_DEFAULT
    return (CHOICE, BETWEEN, LOG) if is_number and setting.kind in ("", "learning rate schedule") else (CHOICE,)
