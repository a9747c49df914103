"""The language: converts text to a parsed `Program`, and back to text. This package does not use Keras."""

from seqmagic.language.live_names import LiveNames
from seqmagic.language.parser import LONGEST_TEXT, KnownLines, parse, parse_step
from seqmagic.language.printer import print_layer, print_step, print_value
from seqmagic.language.program import Program, print_program
from seqmagic.language.readable import parse_readable
from seqmagic.language.statements import units_of
from seqmagic.language.syntax import (
    Argument,
    Block,
    Call,
    Chain,
    Expect,
    Expression,
    Layer,
    Literal,
    Parameter,
    Repeat,
    Sequence,
    Size,
    Step,
    Unit,
    Value,
    Word,
    expressions_in,
)
from seqmagic.language.syntax_errors import CURLED

__all__ = [
    "CURLED",
    "LONGEST_TEXT",
    "Argument",
    "Block",
    "Call",
    "Chain",
    "Expect",
    "Expression",
    "KnownLines",
    "Layer",
    "Literal",
    "LiveNames",
    "Parameter",
    "Program",
    "Repeat",
    "Sequence",
    "Size",
    "Step",
    "Unit",
    "Value",
    "Word",
    "expressions_in",
    "parse",
    "parse_readable",
    "parse_step",
    "print_layer",
    "print_program",
    "print_step",
    "print_value",
    "units_of",
]
