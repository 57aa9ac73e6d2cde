"""The preview's bars: for each week or month what was given, and what the draft would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rewards.web.office.chart import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, Line, grid, round_up

WIDEST = 26


@dataclass(frozen=True)
class Pair:
    """Two bars of a week or month, in the drawing's own units."""

    first: date
    was: int
    would: int
    middle: float
    was_height: float
    would_height: float


@dataclass(frozen=True)
class Chart:
    """What the template draws; every other name is left out where they would touch."""

    pairs: list[Pair]
    lines: list[Line]
    bar: float
    every: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


def draw(spans: Sequence[Mapping[str, Any]]) -> Chart:
    """The chart of a preview's spans."""
    step = (WIDTH - LEFT) / len(spans)
    top = round_up(max(max(span["was"], span["would"]) for span in spans))
    scale = (HEIGHT - TOP - BOTTOM) / top
    pairs = [
        Pair(
            date.fromisoformat(span["first"]),
            span["was"],
            span["would"],
            LEFT + step * (number + 0.5),
            span["was"] * scale,
            span["would"] * scale,
        )
        for number, span in enumerate(spans)
    ]
    bar = min(WIDEST, step * 0.36)
    return Chart(pairs, grid(HEIGHT - BOTTOM, top, scale), bar, 1 + len(spans) // 14)
