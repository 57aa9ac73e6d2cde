"""Schemes to start from, beside this file: those that real programmes published, and a simple one.

Each names in its first lines where its rules come from.
"""

from functools import cache
from pathlib import Path

from rewards.schemes.files import Loaded, load

HERE = Path(__file__).parent

# In the order in which they are offered.
KEYS = (
    "simple",
    "hailin",
    "huangshan",
    "zhiyin",
    "graded-events",
    "guangzhou",
    "dengjia",
    "stars",
)


def text(key: str) -> str:
    """The file of a preset, as it can be downloaded and changed."""
    return (HERE / f"{key}.yaml").read_text(encoding="utf-8")


@cache
def preset(key: str) -> Loaded:
    """A preset's scheme, read once."""
    return load(text(key))
