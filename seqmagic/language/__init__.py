"""The language: text in, a parsed `Program` out. Nothing here knows Keras."""

from seqmagic.language.parser import parse, parse_step
from seqmagic.language.program import Argument, Call, Layer, Literal, Program, Sequence, Size, Step, Value, Word

__all__ = ["Argument", "Call", "Layer", "Literal", "Program", "Sequence", "Size", "Step", "Value", "Word", "parse", "parse_step"]
