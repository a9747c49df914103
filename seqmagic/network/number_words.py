"""Number words: `dense ten` and `dense sixty-four` with the numbers written in digits."""

from __future__ import annotations

import re

SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {**{word: value for value, word in enumerate(SMALL)}, **{word: 10 * value for value, word in enumerate(TENS, 2)}}
POWERS = {"hundred": 100, "thousand": 1000}
FRACTIONS = {"half": "0.5", "quarter": "0.25"}
WORD = "|".join(sorted((*VALUES, *POWERS), key=len, reverse=True))  # "sixty" before "six".
NUMBER = re.compile(rf"\b(?:a\s+(?=hundred|thousand))?(?:{WORD})(?:[\s-]+(?:and\s+)?(?:{WORD}))*\b", re.IGNORECASE)
FRACTION = re.compile(rf"\b(?:(?:a|one)[\s-]+)?({'|'.join(FRACTIONS)})\b", re.IGNORECASE)
BY = re.compile(r"(?<=\d)\s+(?:by|times)\s+(?=\d)")
CHINESE = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
CHINESE_POWERS = {"十": 10, "百": 100, "千": 1000}
CHINESE_NUMBER = re.compile(f"[{''.join((*CHINESE, *CHINESE_POWERS))}]+")


def read_number_words(line: str) -> str:
    """A line with its number words in digits.

    >>> read_number_words("dense sixty-four relu"), read_number_words("conv thirty two three by three")
    ('dense 64 relu', 'conv 32 3x3')
    >>> read_number_words("dense one hundred and twenty-eight"), read_number_words("dropout half")
    ('dense 128', 'dropout 0.5')
    >>> read_number_words("dense 一百二十八")
    'dense 128'
    """
    digits = NUMBER.sub(
        lambda match: " ".join(map(str, _values_of(match[0]))), FRACTION.sub(lambda match: FRACTIONS[match[1].lower()], line)
    )
    digits = CHINESE_NUMBER.sub(lambda match: str(_value_of_chinese(match[0])), digits)
    return BY.sub("x", digits) if digits != line else line


def has_number_words(line: str) -> bool:
    """Whether a line has number words."""
    return read_number_words(line) != line


def _values_of(words: str) -> list[int]:
    """The numbers that some words in a row are: one for "sixty four", two for "sixty three three"."""
    found: list[list[int]] = []  # Of each number, its thousands and the rest.
    last = ""
    for word in re.findall(WORD, words.lower()):
        is_joined = bool(found) and (last in POWERS or (last in TENS and 0 < VALUES.get(word, 0) < 10) or word in POWERS)
        if not is_joined:
            found.append([0, 0])
        thousands, rest = found[-1]
        if word == "thousand":
            found[-1] = [thousands + max(rest, 1) * 1000, 0]
        else:
            found[-1] = [thousands, max(rest, 1) * 100 if word == "hundred" else rest + VALUES.get(word, 0)]
        last = word
    return [thousands + rest for thousands, rest in found]


def _value_of_chinese(written: str) -> int:
    total, digit = 0, None
    for sign in written:
        if sign in CHINESE_POWERS:
            total, digit = total + (1 if digit is None else digit) * CHINESE_POWERS[sign], None
        else:
            digit = CHINESE[sign] if digit is None else digit * 10 + CHINESE[sign]
    return total + (digit or 0)
