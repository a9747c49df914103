"""Full-width characters, as typed with a Chinese or Japanese input method, become their ASCII forms; special spaces and dashes, too."""

from __future__ import annotations

import re

IDEOGRAPHIC_SPACE = "\N{IDEOGRAPHIC SPACE}"
# The full-width form of each printable ASCII character has this offset.
DISTANCE = ord("！") - ord("!")
PLAIN = {chr(code + DISTANCE): chr(code) for code in range(ord("!"), ord("~") + 1)}
PLAIN |= {IDEOGRAPHIC_SPACE: " ", "、": ",", "【": "[", "】": "]", "《": "<", "》": ">", "。": ".", "｡": ".", "､": ","}
PIECE = re.compile(
    r"""(?P<kept>
        (?P<long>\"{3}|'{3})(?:\\.|(?!(?P=long)).)*+(?P=long)
        | (?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\\n])*+(?P=quote)
        | \{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}
    )
    | (?P<comment>[\#＃][^\n]*)
    | “(?P<double>[^“”"\\\n]*)” | ‘(?P<single>[^‘’'\\\n]*)’
    | (?P<one>[！-～\u3000、【】《》｡､] | [\xa0\u2000-\u200a\u202f\u205f] | (?<=[\d０-９])。(?=[\d０-９]) | [−–—‒‑](?=[\d.>]))""",
    re.VERBOSE | re.DOTALL,
)


def read_full_width(text: str) -> str:
    """Replace full-width characters one by one; strings, comments and Python code are unchanged.

    >>> read_full_width("全连接１０，activation＝“relu” ＃ 你好，世界")
    '全连接10,activation="relu" # 你好，世界'
    >>> read_full_width("dense {宽，}  dropout 0。5")
    'dense {宽，}  dropout 0.5'
    >>> read_full_width("dense\N{NO-BREAK SPACE}3 \N{EN DASH}> softmax axis=\N{MINUS SIGN}1")
    'dense 3 -> softmax axis=-1'
    """
    return text if text.isascii() else PIECE.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    if found["kept"] is not None:
        return found["kept"]
    if found["comment"] is not None:
        return "#" + found["comment"][1:]
    if found["double"] is not None:
        return f'"{found["double"]}"'
    if found["single"] is not None:
        return f"'{found['single']}'"
    return PLAIN.get(found["one"]) or (" " if found["one"].isspace() else "-")
