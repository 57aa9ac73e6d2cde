"""Gifts in lists: a resident's own, a community's, and what waits for the desk. Reads only,
but for the note in the audit log that a whole list was taken away."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload

from rewards import audit
from rewards.act import Act
from rewards.audit import AuditEntry
from rewards.donations.gifts import Donation, Status
from rewards.residents import Resident

PAGE = 20


@dataclass(frozen=True)
class Wanted:
    """Which gifts to list. ``state`` is a :class:`Status` or ``disputed``; empty is any."""

    state: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Page:
    """Gifts, the newest first; ``before`` asks for the next page, None at the end."""

    gifts: list[Donation]
    before: int | None


def of_resident(act: Act, resident: Resident, *, before: int | None = None) -> Page:
    """A resident's own gifts."""
    return _page(act, select(Donation).where(Donation.resident_id == resident.id), before)


def of_community(act: Act, community_id: int, wanted: Wanted, *, before: int | None = None) -> Page:
    """A page of the community's gifts that match."""
    return _page(act, _matching(community_id, wanted), before)


def take_out(act: Act, community_id: int, wanted: Wanted) -> list[Donation]:
    """All of a list, to be carried out of the system; the audit log keeps it."""
    audit.record(
        act,
        "donation.export",
        f"community:{community_id}",
        community_id=community_id,
        state=wanted.state,
        kind=wanted.kind,
    )
    rows = _matching(community_id, wanted).order_by(Donation.id.desc())
    return list(act.session.scalars(rows))


@dataclass(frozen=True)
class Attention:
    """How many of a community's gifts wait for somebody at the desk, and for what."""

    recorded: int
    held: int
    disputed: int


def attention(act: Act, community_id: int) -> Attention:
    """Count the gifts to attest, those held, and those whose payment is disputed."""
    row = act.session.execute(
        select(
            func.count().filter(Donation.status == Status.RECORDED.value),
            func.count().filter(Donation.status == Status.HELD.value),
            func.count().filter(_in_dispute()),
        ).where(Donation.community_id == community_id)
    ).one()
    return Attention(*row)


def history(act: Act, donation: Donation) -> list[AuditEntry]:
    """All that was done to the gift, the earliest first."""
    rows = select(AuditEntry).where(AuditEntry.subject == f"donation:{donation.id}")
    return list(act.session.scalars(rows.order_by(AuditEntry.id)))


def _matching(community_id: int, wanted: Wanted) -> Select[Donation]:
    rows = select(Donation).where(Donation.community_id == community_id)
    if wanted.state == "disputed":
        rows = rows.where(_in_dispute())
    elif wanted.state:
        rows = rows.where(Donation.status == wanted.state)
    if wanted.kind:
        rows = rows.where(Donation.kind == wanted.kind)
    return rows.options(joinedload(Donation.resident), joinedload(Donation.cause))


def _in_dispute() -> ColumnElement[bool]:
    return and_(Donation.disputed_at.is_not(None), Donation.dispute_closed_at.is_(None))


def _page(act: Act, rows: Select[Donation], before: int | None) -> Page:
    if before is not None:
        rows = rows.where(Donation.id < before)
    found = list(act.session.scalars(rows.order_by(Donation.id.desc()).limit(PAGE + 1)))
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
