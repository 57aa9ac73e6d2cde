"""The overview's bars, measured here and drawn as SVG: no script, and a table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards.reports.expiring import Month
from rewards.reports.movements import EARNED, Way, Week

WIDTH, HEIGHT = 720, 260
LEFT, BOTTOM, TOP = 52, 28, 12
BAR = 18


@dataclass(frozen=True)
class Bar:
    """One piece of a bar, in the drawing's own units."""

    week: Week
    way: Way
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line of the grid and the points that it stands for."""

    y: float
    points: int


@dataclass(frozen=True)
class Chart:
    """What the template draws: pieces, lines of the grid, and where each week's name stands."""

    bars: list[Bar]
    lines: list[Line]
    names: list[tuple[float, Week]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bar: int = BAR

    @property
    def empty(self) -> bool:
        return not self.bars


@dataclass(frozen=True)
class Column:
    """A month's one bar, in the drawing's own units; of no height where nothing expires."""

    month: Month
    middle: float
    y: float
    height: float


@dataclass(frozen=True)
class Columns:
    """What the template draws of the months to come: a bar each, and lines of the grid."""

    columns: list[Column]
    lines: list[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bar: int = 2 * BAR

    @property
    def empty(self) -> bool:
        return not any(column.height for column in self.columns)


def draw_months(months: Sequence[Month]) -> Columns:
    """One bar a month: the points whose last day is in it."""
    step = (WIDTH - LEFT) / len(months)
    floor = float(HEIGHT - BOTTOM)
    top = round_up(max(month.points for month in months))
    scale = (HEIGHT - TOP - BOTTOM) / top
    columns = [
        Column(month, LEFT + step * (n + 0.5), floor - month.points * scale, month.points * scale)
        for n, month in enumerate(months)
    ]
    return Columns(columns, grid(floor, top, scale))


def draw(weeks: Sequence[Week]) -> Chart:
    """Two bars a week: what was earned, stacked by way, and what was redeemed."""
    step = (WIDTH - LEFT) / len(weeks)
    most = max([sum(w.points[way] for way in EARNED) for w in weeks])
    top = round_up(max([most, *(w.points[Way.REDEEMED] for w in weeks)]))
    scale = (HEIGHT - TOP - BOTTOM) / top
    floor = HEIGHT - BOTTOM
    bars: list[Bar] = []
    names: list[tuple[float, Week]] = []
    for number, week in enumerate(weeks):
        middle = LEFT + step * (number + 0.5)
        names.append((middle, week))
        y = float(floor)
        for way in EARNED:
            height = week.points[way] * scale
            y -= height
            bars.append(Bar(week, way, middle - BAR - 1, y, height))
        height = week.points[Way.REDEEMED] * scale
        bars.append(Bar(week, Way.REDEEMED, middle + 1, floor - height, height))
    return Chart([b for b in bars if b.height > 0], grid(floor, top, scale), names)


def grid(floor: float, top: int, scale: float) -> list[Line]:
    return [Line(floor - top * part / 4 * scale, top * part // 4) for part in range(5)]


def round_up(most: int) -> int:
    """The least of 4, 8, 20, 40, 80, 200 … that *most* fits under: its quarters are whole."""
    step = 4
    while step < most:
        step = step * 5 // 2 if str(step).startswith("8") else step * 2
    return step
