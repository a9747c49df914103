"""Common mistakes: habits from Python, Keras or other libraries, and how to write the same in this language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

from seqmagic.language.full_width import read_full_width
from seqmagic.network.other_names import CROSSENTROPIES

LONGEST = 500  # Characters; a longer line is not a typing mistake, and some of the patterns would be slow on it.
# An attribute or subscript of a table or array, as in Python: df[["a", "b"]], x[:100], x.shape[1], df.price.
PART = r"(?<![\w.{\[(\"'])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\[(?:[^\[\]{}]|\[[^\[\]{}]*\])*\])+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?![\w(]))"
FRACTION = r"(?<![\w./{])(\d{1,9}(?:\.\d*)?)\s*/\s*([1-9]\d{0,8}(?:\.\d*)?)(?![\w./])"
# Letters of the Cyrillic alphabet that look like Latin ones.
LOOKALIKE = str.maketrans("аеорсухѕіјһАВЕКМНОРСТХ", "aeopcyxsijhABEKMHOPCTX")
# What a sentence has around the words of a layer: "a dense layer with 64 units and relu activation".
AROUND = r"layers?|units?|neurons?|nodes?|filters?|kernels?|activation|function|size|rate|with|and|of|a|an|the|using|by"
COMMON = "relu|softmax|sigmoid|tanh|gelu|elu|selu|silu|swish|leaky_relu|linear"  # Activations that a sentence names behind a number.
# The sizes of the layers alone: 784-128-10, 784 -> 128 -> 10, [784, 128, 10].
SIZES = r"^\s*[\[(]?\s*\d{1,6}(?:\s*(?:->|[-–→,:])\s*\d{1,6})+\s*[\])]?\s*$"
# Patterns and their replacements; each is only a guess, and is tried before it is offered.
REWRITINGS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^(\s*)(?:input|输入层?)\s*[:=]\s*", r"\1input "),
    (r"^(\s*[A-Za-z]\w*)\s*=\s*(?=\d)", r"\1 "),
    (r"^(\s*)(?:hidden|output|fc|linear)\w*\s*:\s*(?=\d)", r"\1dense "),
    (SIZES, lambda match: name_sizes(match[0])),
    (r"\s*,\s*(?=[A-Za-z]\w*\s+\d|(?:flatten|gap|gmp|batchnorm)\b)", " -> "),
    (r"\s\((\w+)\)\s*$", r" \1"),
    (r"(\d)X(?=\d)", r"\1x"),
    (r"\s*(?:=>|- >|>|\||;|[→⇒⟶➜➔➡])\s*(?=[^\W\d])", " -> "),
    (r"\s*(?:->\s*)+$", ""),
    (r"^\s*%+fit\s+(?:[A-Za-z_]\w*,?\s+)?(?=\S+\s+\S)", "fit "),
    (r"^\s*%+fit\s+", "fit "),
    (r"\bfully[ -]connected\b", "dense"),
    (r"^(\s*)编译\b", r"\1compile"),
    (r"^(\s*)(?:训练|拟合)\b", r"\1fit"),
    (r"^(\s*)(?:随机)?种子\b", r"\1seed"),
    (r"^(\s*input\b[^#]*?)\s+(string|bool|u?int\d+|float\d+)\b", r"\1 dtype=\2"),
    (PART, r"{\1}"),
    (r".*&(?:\w+|#\d+);.*", lambda match: unescape(match[0]).replace("\N{NO-BREAK SPACE}", " ")),
    (r".*[\N{CYRILLIC SMALL LETTER A}-\N{CYRILLIC SMALL LETTER SHHA}].*", lambda match: match[0].translate(LOOKALIKE)),
    (r"\s*//", "  #"),
    (r"\b((?:conv|maxpool|avgpool)\w*(?:\s+\d+)??\s+\d+)\s*,\s*(\d+)\b", r"\1x\2"),
    (r"\b(\d{1,3}),(\d{3})\b", r"\1\2"),
    (r"\b(\d+),(\d+)\b", r"\1.\2"),
    (r"\b(\d+)_(\d+)\b", r"\1\2"),
    (r"\b(\d{1,6})k\b", r"\g<1>000"),
    (r"\b(conv\w*(?:\s+\d+)?\s+)\(?(\d+)\*(\d+)\)?", r"\1\2x\3"),
    (r"\b(\d{1,9})\s*%", lambda match: repr(int(match[1]) / 100)),
    (r"\b(units|filters|rate|kernel_size|strides|padding|activation|epochs|batch_size)\s*:?\s+([\w.]+)", r"\1=\2"),
    (r"\bstride\s+(\d+)", r"strides=\1"),
    (r"\b(?:units|filters|rate)\s*:?\s+([\d.]+)", r"\1"),
    (rf"^(\s*)(\d+)\s+({COMMON})\b(?:\s+(?:units|neurons|nodes|outputs)\b)?", r"\1dense \2 \3"),
    (r"^(\s*)(\d+)\s+([A-Za-z]\w*)", r"\1\3 \2"),
    (r"\b(\w+)\s+(\d+x\d+)\s+(\d+)\b", r"\1 \3 \2"),
    (FRACTION, r"{\1 / \2}"),
    # Outside a notebook, expressions in curly brackets are not evaluated.
    (FRACTION, lambda match: repr(float(match[1]) / float(match[2]))),
    (r"\b(\d)e(\d)\b", lambda match: str(int(match[1]) * 10 ** int(match[2]))),
    (r"\s*\*\s*(\d+)\s*$", r" * \1"),
    (r"\s+x\s+(\d+)\s*$", r" * \1"),
    (r"^(\s*)(compile|fit)\s*\((.*)\)\s*$", lambda match: f"{match[1]}{match[2]} " + re.sub(r",\s*", " ", match[3])),
    (r"^(\s*compile\s+\w+)\s+(\S.*?)\s*\b(?:lr|learning_rate)=([\d.e-]+)", r"\1(\3) \2"),
    (r"^(\s*compile\s+\w+)\s+(?:lr|learning_rate)=([\d.e-]+)", r"\1(\2)"),
    (r"\b(\w+)\((?:lr=|learning_rate=)?([\d.e-]+),\s*decay=([\d.e+-]+)", r"\1(inverse_time_decay(\2, 1, \3)"),
    (r"(regularizer)=(\d[\d.e-]*)", r"\1=l2(\2)"),
    (r"(initializer)=he\b", r"\1=he_normal"),
    (r"(initializer)=(?:xavier|glorot)\b", r"\1=glorot_uniform"),
    (r"\b(?:no_bias|use_bias=0)\b", "use_bias=false"),
    (r"\b(use_bias|return_sequences|return_state|stateful|trainable)=(?:yes|on|1)\b", r"\1=true"),
    (r"\b(use_bias|return_sequences|return_state|stateful|trainable)=(?:no|off|0)\b", r"\1=false"),
    (r"\b(flatten|gap|bn|batchnorm)\s+\d+\b", r"\1"),
    (r"\bcausal\b", "same"),
    (r"\bconv(1d|2d|3d)?\s+(\d+)\b(?!\s*\S*x\d)", r"conv\1 \2 3x3"),
    (r"\bconv(1d|2d|3d)?\s+(\d+x\d+)(?!\s+\d)", r"conv\1 32 \2"),
    (r"\bembedding\s+(\d+)", r"embedding \1 64"),
    (r"\b(dense(?:_[a-z]+)?|output|hidden|fc|linear|fully_connected)[ _]?(\d+)", r"dense \2"),
    (r"\b(\d+)([A-Za-z]{3,})\b", r"\1 \2"),
    (r"\b[Bb]i-?([Ll][Ss][Tt][Mm]|[Gg][Rr][Uu])\b", lambda match: f"bidirectional {match[1].lower()}"),
    (r"^(\s*)(?:repeat\s+)?(\d+)\s*[x*]?\s+([A-Za-z][^\W\d]*\s.*\S)\s*$", r"\1\3 * \2"),
    (r"^(\s*)rnn\s+(\d+)", r"\1simple_rnn \2"),
    (r"^(\s*)(?:train|learn)\b", r"\1fit"),
    (r"^\s*compile\b.*$", lambda match: re.sub(r"\b(optimizer|loss|metrics)\s*[:=]?\s+(?=\w)", r"\1=", match[0])),
    (r"^.+$", lambda match: plain_words(match[0])),
    (r"\s*\)\s*$", ""),
    ("\N{NON-BREAKING HYPHEN}|\N{EN DASH}|\N{EM DASH}", " "),
)


def join_words(line: str) -> Iterator[str]:
    """A compile line with losses that were written as several words.

    >>> list(join_words("compile adam mean squared error"))
    ['compile adam mean_squared_error']
    """
    if re.match(r"\s*(?:compile\b|编译)", line):
        one = re.sub(r"\b[Mm]ean\s+([Ss]quared|[Aa]bsolute)\s+[Ee]rror\b", lambda match: f"mean_{match[1].lower()}_error", line)
        two = [re.sub(r"\b(?:sparse\s+)?(?:(?:categorical|binary)\s+)?cross[ -]entropy\b", loss, line) for loss in CROSSENTROPIES]
        yield from (changed for changed in (one, *two) if changed != line)


def name_sizes(line: str) -> str:
    """The layers of a network of which only the sizes are written.

    >>> name_sizes("784-128-10")
    'input 784 -> dense 128 relu -> dense 10'
    """
    first, *hidden, last = re.findall(r"\d+", line)
    return " -> ".join([f"input {first}", *(f"dense {size} relu" for size in hidden), f"dense {last}"])


def open_brackets(line: str) -> str:
    """A line without brackets around single values that words follow.

    >>> open_brackets("dense(10) softmax"), open_brackets("dense(10)")
    ('dense 10 softmax', 'dense(10)')
    """
    return re.sub(r"\b([A-Za-z]\w*)\((\d[\dx. ]*)\)\s*(?=[A-Za-z])", r"\1 \2 ", line)


def plain_words(line: str) -> str:
    """A line without the words that a sentence has around a layer, and with its first word in this language.

    >>> plain_words("output layer with 10 units and softmax activation"), plain_words("dense 10")
    ('dense 10 softmax', 'dense 10')
    """
    shorter = re.sub(rf"\b(?:{AROUND})\b[,:]?", " ", line, flags=re.IGNORECASE)
    if shorter == line or re.search(r"[\"'({\[=]", line):
        return line
    first, _, rest = shorter.replace(",", " ").strip().partition(" ")
    return " ".join([ELSEWHERE.get(first.lower(), first), *rest.split()])


# Words that are common in sentences, and what Chinese ones contain.
OF_SENTENCES = re.compile(
    r"(?i:\b(?:a|an|the|with|and|of|for|each|two|three|one|i|me|how|want|please"
    r"|ein|eine|mit|und|zwei|der|die|das|zu|une|avec|et|deux|de|des|con|una|dos|para)\b)|[，。的个每层]"
)


def is_sentence(line: str) -> bool:
    """Whether a line describes a network as a person would say it.

    >>> is_sentence("a 2 layer MLP with 64 units"), is_sentence("两层全连接网络，每层64个神经元"), is_sentence("dense 64 relu")
    (True, True, False)
    """
    return re.search(r"\w\(|[=\"#]", line) is None and len(set(OF_SENTENCES.findall(line))) > 1


def rewrite(line: str) -> Iterator[str]:
    """Possible corrections of a line, one change at a time.

    >>> next(rewrite("input: 28X28"))
    'input 28X28'
    >>> "conv 32 3x3" in rewrite("conv 3x3 32")
    True
    """
    for pattern, written in REWRITINGS if len(line) <= LONGEST else ():
        changed = re.sub(pattern, written, read_full_width(line))
        if changed != line:
            yield changed


# Words for layers from other libraries and from everyday language, and the closest word of this language.
ELSEWHERE = {
    "linear": "dense",
    "fc": "dense",
    "output": "dense",
    "hidden": "dense",
    "fullyconnected": "dense",
    "convolution": "conv",
    "convolutional": "conv",
    "pool": "maxpool",
    "pooling": "maxpool",
    "bilstm": "bidirectional",
    "bigru": "bidirectional",
    # Chinese words.
    "输入": "input",
    "输入层": "input",
    "全连接": "dense",
    "全连接层": "dense",
    "密集": "dense",
    "卷积": "conv",
    "卷积层": "conv",
    "池化": "maxpool",
    "池化层": "maxpool",
    "最大池化": "maxpool",
    "平均池化": "avgpool",
    "全局平均池化": "gap",
    "展平": "flatten",
    "扁平化": "flatten",
    "拉平": "flatten",
    "随机失活": "dropout",
    "丢弃": "dropout",
    "激活": "activation",
    "批归一化": "batchnorm",
    "批标准化": "batchnorm",
    "批量归一化": "batchnorm",
    "层归一化": "layernorm",
    "嵌入": "embedding",
    "嵌入层": "embedding",
    "长短期记忆": "lstm",
    "门控循环单元": "gru",
    "双向": "bidirectional",
    "重塑": "reshape",
    "输出": "dense",
    "输出层": "dense",
    "隐藏层": "dense",
    "隐层": "dense",
    "輸入": "input",
    "輸入層": "input",
    "全連接": "dense",
    "全連接層": "dense",
    "卷積": "conv",
    "卷積層": "conv",
    "池化層": "maxpool",
    "輸出": "dense",
    "輸出層": "dense",
    # Japanese, German, French, Spanish and Portuguese words.
    "入力": "input",
    "全結合": "dense",
    "畳み込み": "conv",
    "プーリング": "maxpool",
    "平坦化": "flatten",
    "ドロップアウト": "dropout",
    "出力": "dense",
    "eingabe": "input",
    "dicht": "dense",
    "faltung": "conv",
    "versteckt": "dense",
    "ausgabe": "dense",
    "flach": "flatten",
    "entrée": "input",
    "couche": "dense",
    "aplatir": "flatten",
    "abandon": "dropout",
    "sortie": "dense",
    "entrada": "input",
    "densa": "dense",
    "oculta": "dense",
    "convolución": "conv",
    "aplanar": "flatten",
    "abandono": "dropout",
    "salida": "dense",
    "saída": "dense",
    "achatar": "flatten",
}
