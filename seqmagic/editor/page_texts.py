"""The page texts: the texts of JupyterLab's extension, which the kernel sends it in the user's language, together with the words."""

from __future__ import annotations

from seqmagic.translation import gettext, gettext_noop

# The texts in labextension/src, which is not part of an installed package.
TEXTS = (
    gettext_noop("Put it in the cell"),
    gettext_noop("It is now in the cell"),
    gettext_noop("The cell has been changed in the meantime"),
    gettext_noop("The cell can't be edited"),
    gettext_noop("Suggestions for what to type here"),
    gettext_noop("{word}, {meaning}, {place} of {count}"),
    gettext_noop("Problems that would stop this cell. Enter: use the fix. Escape: go back."),
    gettext_noop("No problems."),
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
