"""Awards against the ledger: what was awarded, taken back and owed is what was moved."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.awards import Award, AwardLine
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.errors import N_
from rewards.ledger import Drift, Transfer
from rewards.ledger.model import Lot, LotEntry, Owed, Reversed
from rewards.residents import Resident
from rewards.schemes.evaluate import last_day
from rewards.schemes.versions import Version

GIVEN = N_("Award %(id)s is of %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
TAKEN_BACK = N_("Award %(id)s of %(kept)s points: %(rebuilt)s are undone, which it doesn't say.")
LASTS = N_("The points of award %(id)s last through %(kept)s, by its rules through %(rebuilt)s.")
BY_RULES = N_("Award %(id)s is of %(kept)s points, but its rules gave %(rebuilt)s.")
OWES = N_("Award %(id)s says that %(kept)s points are owed, but %(rebuilt)s are.")


def awards(session: Session) -> Iterator[Drift]:
    """Where an award and its transfer don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _given(session)
    yield from _lasting(session)
    yield from _lines(session)
    yield from _taken_back(session)
    yield from _owed(session)


def _given(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Award.id, Award.points, Award.transfer_id)
        .join(Resident, Resident.id == Award.resident_id)
        .outerjoin(Transfer, Transfer.id == Award.transfer_id)
        .where(
            Award.transfer_id > ledger.last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.kind != ledger.ACCRUAL,
                Transfer.amount != Award.points,
                Transfer.credit_id != Resident.wallet_id,
            ),
        )
    )
    for award_id, points, transfer_id in rows:
        yield Drift("award", award_id, points, transfer_id or 0, GIVEN)


def _lasting(session: Session) -> Iterator[Drift]:
    """The points are in a lot of the day that the award's rules give them, which isn't sealed.

    Those of one moment, lot's day and rules are looked at once. Which rules gave them matters
    only where some give points that last differently.
    """
    versions = {row.id: row for row in session.scalars(select(Version))}
    zones = {row.id: row.timezone for row in session.scalars(select(Programme))}
    differing = [
        number
        for number, version in versions.items()
        if any(rule.expiry is not None for rule in version.scheme.rules)
    ]
    gave = (
        select(AwardLine.award_id, func.aggregate_strings(AwardLine.rule, ",").label("rules"))
        .join(Award, Award.id == AwardLine.award_id)
        .where(AwardLine.points > 0, Award.scheme_id.in_(differing))
        .group_by(AwardLine.award_id)
        .subquery()
    )
    alike = Award.scheme_id, Transfer.happened_at, Lot.expires_on, gave.c.rules
    rows = session.execute(
        select(*alike, func.min(Award.id))
        .join(Transfer, Transfer.id == Award.transfer_id)
        .join(LotEntry, LotEntry.transfer_id == Transfer.id)
        .join(Lot, Lot.id == LotEntry.lot_id)
        .outerjoin(gave, gave.c.award_id == Award.id)
        .group_by(*alike)
        .order_by(func.min(Award.id))
    )
    for scheme_id, happened_at, kept, rules, award_id in rows:
        version = versions[scheme_id]
        earned = local_date(happened_at, zones[version.programme_id])
        due = last_day(version.scheme, (rules or "").split(","), earned)
        if kept != due:
            yield Drift("days of award", award_id, str(kept), str(due), LASTS)


def _lines(session: Session) -> Iterator[Drift]:
    """No award gave more than its rules did; a full wallet takes less."""
    total = func.sum(AwardLine.points)
    rows = session.execute(
        select(Award.id, Award.points, total)
        .join(AwardLine, AwardLine.award_id == Award.id)
        .group_by(Award.id)
        .having(total < Award.points)
    )
    for award_id, points, by_rules in rows:
        yield Drift("lines of award", award_id, points, int(by_rules), BY_RULES)


def _taken_back(session: Session) -> Iterator[Drift]:
    """An award counts as reversed when all of it was undone, and not before."""
    undone = func.coalesce(Reversed.total, 0)
    rows = session.execute(
        select(Award.id, Award.points, undone)
        .outerjoin(Reversed, Reversed.transfer_id == Award.transfer_id)
        .where(
            Award.points > 0,
            Award.reversed_at.is_not(None) != (undone == Award.points),
        )
    )
    for award_id, points, total in rows:
        yield Drift("reversal of award", award_id, points, total, TAKEN_BACK)


def _owed(session: Session) -> Iterator[Drift]:
    debts = (
        select(Owed.transfer_id, func.sum(Owed.amount).label("total"))
        .group_by(Owed.transfer_id)
        .subquery()
    )
    total = func.coalesce(debts.c.total, 0)
    rows = session.execute(
        select(Award.id, Award.owed, total)
        .outerjoin(debts, debts.c.transfer_id == Award.transfer_id)
        .where(Award.owed != total)
    )
    for award_id, kept, rebuilt in rows:
        yield Drift("debt of award", award_id, kept, int(rebuilt), OWES)
