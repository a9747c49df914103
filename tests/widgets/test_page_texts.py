"""The code of the page brings its texts along, in the language that is spoken."""

from __future__ import annotations

import pytest

from seqmagic.widgets import page


@pytest.mark.parametrize("entry", ["training_view.js", "compile_panel.js", "look_view.js"])
def test_the_code_of_the_page_brings_its_texts_along(entry: str) -> None:
    english, chinese = page.join(entry), page.join(entry, "zh")
    assert '"language": "en", "texts": {}' in english
    assert '"language": "zh"' in chinese
    assert english.split("\n", 1)[1] != chinese
    assert page.script(entry) == page.script(entry, "en") != page.script(entry, "zh")
