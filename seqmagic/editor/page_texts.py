"""The page texts: the texts of JupyterLab's extension, which the kernel sends it in the user's language, together with the words."""

from __future__ import annotations

from seqmagic.translation import gettext, gettext_noop

# The texts in labextension/src, which is not part of an installed package.
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
    # The kinds of completions that have their own color.
    gettext_noop("layer"),
    gettext_noop("block"),
    gettext_noop("argument"),
    gettext_noop("option"),
    gettext_noop("line"),
)


def page_texts() -> dict[str, str]:
    """The texts that have a translation, each with its translation."""
    return {text: told for text in TEXTS if (told := gettext(text)) != text}
