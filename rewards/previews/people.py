"""The residents of a preview: who would have gained, who would have lost, by how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from rewards.act import Act
from rewards.previews.model import Preview, PreviewLine
from rewards.residents import Resident

SIZE = 50


class Show(StrEnum):
    """Which residents: with more points, fewer, or as many as they had; or with a full card."""

    MORE = "more"
    LESS = "less"
    SAME = "same"
    OVER = "over"


@dataclass(frozen=True)
class Page:
    """Some lines, and where they stand among all."""

    lines: Sequence[PreviewLine]
    number: int
    count: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // SIZE))


def page(act: Act, preview: Preview, show: Show | None, number: int) -> Page:
    """The lines of one page, the largest changes first."""
    rows = _rows(preview, show)
    count = act.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    number = max(1, min(number, -(-count // SIZE)))
    found = act.session.scalars(_ordered(rows).limit(SIZE).offset((number - 1) * SIZE))
    return Page(found.all(), number, count)


def every(act: Act, preview: Preview, show: Show | None) -> Iterator[PreviewLine]:
    """All of these lines, for a file."""
    yield from act.session.scalars(_ordered(_rows(preview, show)))


def _rows(preview: Preview, show: Show | None) -> Select[PreviewLine]:
    rows = select(PreviewLine).where(PreviewLine.preview_id == preview.id)
    match show:
        case Show.MORE:
            return rows.where(PreviewLine.change > 0)
        case Show.LESS:
            return rows.where(PreviewLine.change < 0)
        case Show.SAME:
            return rows.where(PreviewLine.change == 0)
        case Show.OVER:
            return rows.where(PreviewLine.over > 0)
    return rows


def _ordered(rows: Select[Any]) -> Select[Any]:
    return (
        rows.join(PreviewLine.resident)
        .options(contains_eager(PreviewLine.resident))
        .order_by(func.abs(PreviewLine.change).desc(), PreviewLine.change, Resident.id)
    )
