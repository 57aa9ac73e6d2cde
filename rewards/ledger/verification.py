"""What each reconciliation found, kept for those who look at the ledger's health."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from rewards.db import Base, BigId
from rewards.immutable import frozen
from rewards.ledger.archive.model import Archive
from rewards.ledger.checks.wallets import moved
from rewards.ledger.drift import Drift
from rewards.ledger.model import (
    CAUSE,
    EXPIRED,
    ISSUER,
    MERCHANT,
    WALLET,
    Account,
    Balance,
    Owed,
    still_owed,
)

MOST_FOUND = 50


@frozen()
class Verification(Base):
    """One run of ``verify``: how much it read, what it found, and the ledger's figures then.

    ``found`` are the first drifts as JSON, ``drifts`` counts all of them.
    """

    __tablename__ = "verification"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ran_at: Mapped[datetime]
    seconds: Mapped[float]
    transfers: Mapped[int] = mapped_column(BigId)
    drifts: Mapped[int]
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    figures: Mapped[dict[str, int]] = mapped_column(JSON)


@dataclass(frozen=True)
class Figures:
    """The ledger in a few sums of points, from transfers alone but for ``held``.

    ``issued`` less ``spent``, ``given`` to causes and ``expired`` is ``outstanding``: what
    residents can still ask for. ``held`` is the part of it that is set aside; ``owed`` stands
    beside it.
    """

    issued: int
    spent: int
    given: int
    expired: int
    outstanding: int
    held: int
    owed: int
    archived: int


def figures(session: Session) -> Figures:
    sums = moved()
    rows = session.execute(
        select(Account.kind, func.sum(sums.c.total))
        .join(sums, sums.c.account_id == Account.id)
        .group_by(Account.kind)
    )
    totals = {kind: int(total) for kind, total in rows}
    owed = select(func.coalesce(func.sum(Owed.amount), 0)).where(still_owed())
    return Figures(
        issued=-totals.get(ISSUER, 0),
        spent=totals.get(MERCHANT, 0),
        given=totals.get(CAUSE, 0),
        expired=totals.get(EXPIRED, 0),
        outstanding=totals.get(WALLET, 0),
        held=int(session.scalar(select(func.coalesce(func.sum(Balance.held), 0))) or 0),
        owed=int(session.scalar(owed) or 0),
        archived=archived_transfers(session),
    )


def archived_transfers(session: Session) -> int:
    """How many transfers are in archives; each is one leaf."""
    leaf = session.scalar(select(func.max(Archive.last_leaf)))
    return 0 if leaf is None else leaf + 1


def keep(
    session: Session,
    *,
    ran_at: datetime,
    seconds: float,
    checked: int,
    found: list[Drift],
    figures: Figures,
) -> Verification:
    """Keep what a run found."""
    row = Verification(
        ran_at=ran_at,
        seconds=seconds,
        transfers=checked,
        drifts=len(found),
        found=[asdict(drift) for drift in found[:MOST_FOUND]],
        figures=asdict(figures),
    )
    session.add(row)
    session.flush()
    return row


def latest(session: Session, count: int = 1) -> list[Verification]:
    """The last runs, the newest first."""
    return list(session.scalars(select(Verification).order_by(Verification.id.desc()).limit(count)))
