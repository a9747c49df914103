"""The page texts: what JupyterLab's extension says by itself. The kernel tells it in its language, together with the words."""

from __future__ import annotations

from seqmagic.translation import gettext, gettext_noop

# Those of labextension/src, which is no part of an installed package.
TEXTS = (
    gettext_noop("Put it into the cell"),
    gettext_noop("It is in the cell"),
    gettext_noop("The cell says something else by now"),
    gettext_noop("The cell can't be edited"),
    gettext_noop("What may be typed here"),
    gettext_noop("{word}, {meaning}, {place} of {count}"),
    gettext_noop("What would be refused. Enter: the fix. Escape: back."),
    gettext_noop("Nothing would be refused."),
    gettext_noop("Instead: "),
    gettext_noop(" Instead: {fix}."),
    gettext_noop("Line {line}: {text}"),
    # The kinds of offers that have a colour of their own.
    gettext_noop("layer"),
    gettext_noop("block"),
    gettext_noop("argument"),
    gettext_noop("option"),
    gettext_noop("line"),
)


def page_texts() -> dict[str, str]:
    """Each text that has a translation, with it."""
    return {text: told for text in TEXTS if (told := gettext(text)) != text}
