"""Importing residents from a file: read, checked line by line, and registered all at once.

Nobody is registered before the check page is confirmed. What a file says is staged as
lines of a batch, each with its fate; problems are fixed or skipped there; confirming
registers every good line in one transaction, and the staged lines are deleted.
"""

from rewards.imports.batches import (
    BatchClosed,
    ProblemsLeft,
    check_in,
    confirm,
    discard,
    fix,
    load,
    load_line,
    restore,
    skip,
    skip_problems,
)
from rewards.imports.files import LARGEST_FILE, MOST_LINES
from rewards.imports.model import PROBLEMS, Batch, Fate, ImportLine
from rewards.imports.reading import counts, history, lines, problems

__all__ = [
    "LARGEST_FILE",
    "MOST_LINES",
    "PROBLEMS",
    "Batch",
    "BatchClosed",
    "Fate",
    "ImportLine",
    "ProblemsLeft",
    "check_in",
    "confirm",
    "counts",
    "discard",
    "fix",
    "history",
    "lines",
    "load",
    "load_line",
    "problems",
    "restore",
    "skip",
    "skip_problems",
]
