"""Errors that keep facts and compute their sentence.

Every error that seqmagic raises is a `SeqmagicError`. It stores what was found, where, and what fits there;
the message is put together when somebody reads it. A notebook shows those few lines and no traceback.
"""

from __future__ import annotations

from seqmagic.errors.error import Instruction as Instruction
from seqmagic.errors.error import SeqmagicError as SeqmagicError
from seqmagic.errors.error import SeveralErrors as SeveralErrors
from seqmagic.errors.error import introduce_fix as introduce_fix
from seqmagic.errors.error import raise_all as raise_all
from seqmagic.errors.kinds import ArgumentError as ArgumentError
from seqmagic.errors.kinds import BoundError as BoundError
from seqmagic.errors.kinds import BusyError as BusyError
from seqmagic.errors.kinds import CompileError as CompileError
from seqmagic.errors.kinds import DataError as DataError
from seqmagic.errors.kinds import ExpectationError as ExpectationError
from seqmagic.errors.kinds import FileError as FileError
from seqmagic.errors.kinds import ForeignError as ForeignError
from seqmagic.errors.kinds import Interrupted as Interrupted
from seqmagic.errors.kinds import LanguageError as LanguageError
from seqmagic.errors.kinds import MemoryLimitError as MemoryLimitError
from seqmagic.errors.kinds import PythonError as PythonError
from seqmagic.errors.kinds import PyTorchError as PyTorchError
from seqmagic.errors.kinds import SetupError as SetupError
from seqmagic.errors.kinds import TrainingError as TrainingError
from seqmagic.errors.kinds import UnexpectedError as UnexpectedError
from seqmagic.errors.kinds import UnfilledError as UnfilledError
from seqmagic.errors.kinds import no_tensorflow as no_tensorflow
from seqmagic.errors.shape_error import ShapeError as ShapeError
from seqmagic.errors.span import Span as Span
from seqmagic.errors.span import printable as printable
from seqmagic.errors.span import printable_lines as printable_lines
from seqmagic.errors.unknown_name import UnknownNameError as UnknownNameError
from seqmagic.errors.unknown_name import nearest as nearest
