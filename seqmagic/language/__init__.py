"""The language: text in, a parsed `Program` out, and back to text. Nothing here knows Keras."""

from seqmagic.language.parser import parse, parse_step
from seqmagic.language.printer import print_program
from seqmagic.language.program import (
    Argument,
    Block,
    Call,
    Chain,
    Expression,
    Layer,
    Literal,
    Parameter,
    Program,
    Repeat,
    Sequence,
    Size,
    Step,
    Unit,
    Value,
    Word,
)
from seqmagic.language.statements import units_of

__all__ = [
    "Argument",
    "Block",
    "Call",
    "Chain",
    "Expression",
    "Layer",
    "Literal",
    "Parameter",
    "Program",
    "Repeat",
    "Sequence",
    "Size",
    "Step",
    "Unit",
    "Value",
    "Word",
    "parse",
    "parse_step",
    "print_program",
    "units_of",
]
