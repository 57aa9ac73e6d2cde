"""What the check page and the list of imports show. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from rewards.act import Act
from rewards.imports.model import PROBLEMS, Batch, Fate, ImportLine

PAGE = 50


@dataclass(frozen=True)
class LinesPage:
    """Lines of a batch, in the file's order; pages count from 1."""

    lines: Sequence[ImportLine]
    count: int
    page: int
    pages: int


def counts(act: Act, batch: Batch) -> dict[Fate, int]:
    """How many lines have each fate, in the fates' order; one that none has is absent."""
    rows = act.session.execute(
        select(ImportLine.fate, func.count())
        .where(ImportLine.batch_id == batch.id)
        .group_by(ImportLine.fate)
    )
    found = {Fate(fate): count for fate, count in rows}
    return {fate: found[fate] for fate in Fate if fate in found}


def lines(act: Act, batch: Batch, fates: frozenset[Fate], page: int) -> LinesPage:
    """One page of the lines that have one of *fates*; a page beyond the last is the last."""
    chosen = [fate.value for fate in fates]
    wanted = (ImportLine.batch_id == batch.id, ImportLine.fate.in_(chosen))
    count = act.session.scalar(select(func.count()).select_from(ImportLine).where(*wanted)) or 0
    pages = max(1, -(-count // PAGE))
    page = min(page, pages)
    found = act.session.scalars(
        select(ImportLine)
        .where(*wanted)
        .options(joinedload(ImportLine.resident))
        .order_by(ImportLine.number)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    return LinesPage(found, count, page, pages)


def problems(counted: dict[Fate, int]) -> int:
    """How many lines have a problem of any kind."""
    return sum(count for fate, count in counted.items() if fate in PROBLEMS)


@dataclass(frozen=True)
class History:
    """A community's imports, the newest first; ``before`` asks for the next page."""

    batches: Sequence[Batch]
    before: int | None


def history(act: Act, community_id: int, before: int | None = None) -> History:
    """One page of the community's imports by keyset."""
    query = select(Batch).where(Batch.community_id == community_id).order_by(Batch.id.desc())
    if before is not None:
        query = query.where(Batch.id < before)
    found = act.session.scalars(query.limit(PAGE + 1)).all()
    return History(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
