"""Errors say what was found, what was expected, and what to type instead."""

from __future__ import annotations

from seqmagic.errors import SeqmagicError, SeveralErrors, Span, UnknownNameError, nearest


def test_the_message_is_computed_from_facts() -> None:
    error = UnknownNameError("layer", "desne", ["dense", "dot"], span=Span(2, 1, 6, "desne 10"))
    assert error.candidates == ("dense",)
    assert str(error) == "Line 2: There is no layer called 'desne'.\n    desne 10\n    ^^^^^\nClosest matches: dense."


def test_few_known_names_are_all_named() -> None:
    assert str(UnknownNameError("model", "zzz", ["digits"])) == "There is no model called 'zzz'.\nKnown names: digits."


def test_a_long_line_is_cut_around_the_word() -> None:
    source = "x" * 300 + " word"
    shown, carets = Span(1, 302, 306, source).pointer().split("\n")
    assert len(shown) < 110
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "word"


def test_the_notebook_shows_the_message_and_no_traceback() -> None:
    lines = SeqmagicError("Too big.", expected="less", instead="dense 3")._render_traceback_()
    assert lines == ["\x1b[31mSeqmagicError\x1b[0m: Too big.\nExpected: less.\nType instead: dense 3"]


def test_nearest_ignores_case_and_underscores() -> None:
    assert nearest("BatchNormalisation", ["batch_normalization", "dense"]) == ("batch_normalization",)


def test_of_many_errors_the_first_are_shown_and_the_others_counted() -> None:
    several = SeveralErrors([SeqmagicError(f"Number {number}.") for number in range(4000)])
    text = str(several).split("\n\n")
    assert text[0] == "4000 problems were found."
    assert text[1] == "Number 0."
    assert text[-2:] == ["Number 9.", "And 3,990 more below."]
    assert len(several.errors) == 4000
