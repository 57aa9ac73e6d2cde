"""The award: what it keeps, and how it is found again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import ledger
from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.immutable import frozen
from rewards.residents import Resident


class Award(Base):
    """Points given to a resident for one thing done, once.

    ``source`` and ``source_id`` say what for (``attendance``, 14); while an award stands, no
    second one can be given for the same. ``because`` is the arithmetic, by the version
    ``scheme_id``. Where the wallet was full, ``points`` is what fitted in; an award of nothing
    moved nothing, and stands all the same, so that the resident reads why.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index(
            "uq_award_source",
            "source",
            "source_id",
            unique=True,
            sqlite_where=text("reversed_at IS NULL"),
            postgresql_where=text("reversed_at IS NULL"),
        ),
        Index(None, "resident_id", "id"),
        CheckConstraint("(points > 0) = (transfer_id IS NOT NULL)", name="moved_if_any"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int] = mapped_column(BigId)
    points: Mapped[int] = mapped_column(BigId)
    because: Mapped[dict[str, Any]] = mapped_column(JSON)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    transfer_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    awarded_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversal_reason: Mapped[str | None] = mapped_column(String(200))
    owed: Mapped[int] = mapped_column(BigId, default=0)

    resident: Mapped[Resident] = relationship()


@frozen()
class AwardLine(Base):
    """What one rule gave in an award: what caps, first times and streaks count later.

    ``points`` are those of the rule, before the wallet's limit; ``quantity`` is in minutes, fen
    or items. ``household`` is the name that its members in one community share, or empty;
    ``day`` that on which the deed began, where the programme is.
    """

    __tablename__ = "award_line"
    __table_args__ = (
        Index(None, "award_id"),
        Index(None, "resident_id", "day"),
        Index(
            "ix_award_line_household_day",
            "household",
            "day",
            sqlite_where=text("household <> ''"),
            postgresql_where=text("household <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    rule: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(20))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    household: Mapped[str] = mapped_column(String(80))
    event_id: Mapped[int | None] = mapped_column(BigId)
    day: Mapped[date]
    points: Mapped[int] = mapped_column(BigId)
    quantity: Mapped[int] = mapped_column(BigId)


def standing(act: Act, source: str, source_ids: Sequence[int]) -> dict[int, Award]:
    """The awards that stand for these sources, by source id."""
    rows = act.session.scalars(
        select(Award).where(
            Award.source == source, Award.source_id.in_(source_ids), Award.reversed_at.is_(None)
        )
    )
    return {award.source_id: award for award in rows}


def by_transfer(act: Act, transfer_ids: Sequence[int]) -> dict[int, Award]:
    """The awards behind these lines of a statement, by the id of their transfer."""
    rows = act.session.scalars(select(Award).where(Award.transfer_id.in_(transfer_ids)))
    return {award.transfer_id: award for award in rows if award.transfer_id is not None}


def not_added(act: Act, resident_id: int, size: int = 10) -> Sequence[Award]:
    """The resident's awards that brought nothing because the wallet was full, the newest first."""
    return act.session.scalars(
        select(Award)
        .where(Award.resident_id == resident_id, Award.points == 0, Award.reversed_at.is_(None))
        .order_by(Award.id.desc())
        .limit(size)
    ).all()


def left(act: Act, award: Award) -> int:
    """The points of an award that were not taken back."""
    if award.transfer_id is None:
        return 0
    return award.points - ledger.reversed_amount(act.session, award.transfer_id)


def load(act: Act, award_id: int, community_id: int) -> Award:
    """The award of that id, if its resident belongs to the community."""
    award = act.session.get(Award, award_id)
    if award is None or award.resident.community_id != community_id:
        raise NotFound
    return award
