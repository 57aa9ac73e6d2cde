"""Awards: why a resident was given points. Whatever was done for them, they come this way.

The ledger moves the points; the award keeps what they were for, the rates that they were
computed by and the arithmetic, so that "why 14?" has an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit, ledger
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.residents import Resident
from rewards.schemes.rates import Rates, Worth, expires_on


class Award(Base):
    """Points given to a resident for one thing done, once.

    ``source`` and ``source_id`` say what for (``attendance``, 14); while an award stands, no
    second one can be given for the same. ``because`` is the arithmetic.
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
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int] = mapped_column(BigId)
    points: Mapped[int] = mapped_column(BigId)
    because: Mapped[dict[str, Any]] = mapped_column(JSON)
    rates_id: Mapped[int] = mapped_column(ForeignKey("rates.id"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"), unique=True)
    awarded_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversal_reason: Mapped[str | None] = mapped_column(String(200))
    owed: Mapped[int] = mapped_column(BigId, default=0)

    resident: Mapped[Resident] = relationship()


class ReasonMissing(Refused):
    """A reversal needs a reason that the resident can read."""

    code = "reason_missing"
    status = 422
    message = N_("Say why, so that the resident can read it.")


@dataclass(frozen=True)
class Due:
    """Points due to one resident for one thing done at a moment."""

    resident: Resident
    source: str
    source_id: int
    worth: Worth
    reason: str
    happened_at: datetime


def grant_all(
    act: Act, op: ledger.Operation, programme: Programme, rates: Rates, dues: Sequence[Due]
) -> list[Award]:
    """Award all that is due, all or none, within a claimed operation. Nothing for 0 points.

    The expiry is counted from the day that the act happened, in the programme's time zone.
    """
    due = [d for d in dues if d.worth.points > 0]
    transfers = ledger.accrue(
        op,
        programme.issuer_account_id,
        [
            ledger.Accrual(
                wallet_id=d.resident.wallet_id,
                amount=d.worth.points,
                expires_on=expires_on(local_date(d.happened_at, programme.timezone), rates),
                reason=d.reason[:200],
                happened_at=d.happened_at,
            )
            for d in due
        ],
    )
    awards = [
        Award(
            resident_id=d.resident.id,
            source=d.source,
            source_id=d.source_id,
            points=d.worth.points,
            because=d.worth.because,
            rates_id=rates.id,
            transfer_id=transfer_id,
            awarded_at=act.now,
            owed=0,
        )
        for d, transfer_id in zip(due, transfers, strict=True)
    ]
    act.session.add_all(awards)
    act.session.flush()
    return awards


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
    return {award.transfer_id: award for award in rows}


def load(act: Act, award_id: int, community_id: int) -> Award:
    """The award of that id, if its resident belongs to the community."""
    award = act.session.get(Award, award_id)
    if award is None or award.resident.community_id != community_id:
        raise NotFound
    return award


def reverse(
    act: Act,
    op: ledger.Operation,
    award: Award,
    *,
    reason: str,
    when_spent: ledger.WhenSpent = ledger.WhenSpent.REFUSE,
    points: int | None = None,
) -> ledger.Taken:
    """Take an award back, with a reason, within a claimed operation.

    With *points*, only so many of it: the award stands until nothing of it is left.

    Raises:
        ReasonMissing, ledger.AlreadySpent, ledger.AlreadyReversed: nothing was written.
    """
    if not reason.strip():
        raise ReasonMissing
    if award.reversed_at is not None:
        raise ledger.AlreadyReversed
    community = award.resident.community
    taken = ledger.take_back(
        op,
        award.transfer_id,
        today=local_date(act.now, community.programme.timezone),
        reason=reason[:200],
        when_spent=when_spent,
        amount=points,
    )
    award.owed += taken.owed
    if ledger.reversed_amount(act.session, award.transfer_id) == award.points:
        award.reversed_at = act.now
        award.reversal_reason = reason[:200]
    act.session.flush()
    audit.record(
        act,
        "award.reverse",
        f"award:{award.id}",
        community_id=community.id,
        reason=reason,
        taken=taken.taken,
        owed=taken.owed,
    )
    return taken


def take_back(act: Act, award: Award, *, key: str, reason: str, owe: bool = False) -> ledger.Answer:
    """Take all that is left of an award back, once, whatever it was for.

    With *owe*, what was spent is recorded as owed; without it nothing is taken if any was.
    The answer's refusal may be ReasonMissing, ledger.AlreadySpent or ledger.AlreadyReversed.
    """
    when_spent = ledger.WhenSpent.OWE if owe else ledger.WhenSpent.REFUSE

    def work(op: ledger.Operation) -> dict[str, int]:
        taken = reverse(act, op, award, reason=reason, when_spent=when_spent)
        return {"taken": taken.taken, "owed": taken.owed}

    body = {"reason": reason, "owe": owe}
    return ledger.once(act, f"reversal:award:{award.id}", key, body, work)
