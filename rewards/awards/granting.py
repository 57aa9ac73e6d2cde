"""Giving awards: one or many at once, all or none, within what a wallet may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rewards import ledger
from rewards.act import Act
from rewards.bulk import next_ids, writing
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.errors import N_, Refused
from rewards.ledger.expiry import Idle
from rewards.residents import Resident
from rewards.schemes import because
from rewards.schemes.facts import Outcome
from rewards.schemes.versions import Version


class NoRoom(Refused):
    """More points than a wallet may hold, where the programme doesn't trim them."""

    code = "no_room"
    message = N_(
        "Nothing was awarded, because a card holds at most %(limit)s points. "
        "So many more fit in: %(who)s."
    )


@dataclass(frozen=True)
class Due:
    """Points due to one resident for one thing done at a moment."""

    resident: Resident
    source: str
    source_id: int
    worth: Outcome
    reason: str
    happened_at: datetime


@dataclass(frozen=True)
class Granted:
    """An award as it was just given: its id, and its points, which a full wallet lessens."""

    id: int
    points: int


def grant_all(
    act: Act,
    op: ledger.Operation,
    programme: Programme,
    version: Version,
    dues: Sequence[Due],
    *,
    when_full: ledger.WhenFull | None = None,
) -> list[Granted]:
    """Award all that is due, all or none, within a claimed operation. Nothing for 0 points.

    The expiry is counted from the day that the act happened, in the programme's time zone.
    What a wallet has no room for is trimmed off or refused, as the scheme says, or *when_full*.

    Raises:
        NoRoom: names the residents. Nothing was written; let it undo the claim too, because
            there may be room tomorrow.
    """
    due = [d for d in dues if d.worth.points > 0]
    accruals = [_accrual(d, programme, version) for d in due]
    return _record(act, version, due, _give(act, op, programme, version, due, accruals, when_full))


def _accrual(due: Due, programme: Programme, version: Version) -> ledger.Accrual:
    earned = local_date(due.happened_at, programme.timezone)
    return ledger.Accrual(
        wallet_id=due.resident.wallet_id,
        amount=due.worth.points,
        expires_on=version.engine.last_day(due.worth, earned),
        reason=due.reason[:200],
        happened_at=due.happened_at,
    )


def _give(
    act: Act,
    op: ledger.Operation,
    programme: Programme,
    version: Version,
    dues: Sequence[Due],
    accruals: Sequence[ledger.Accrual],
    when_full: ledger.WhenFull | None,
) -> list[ledger.Given]:
    """Move the points, as many as the wallets have room for."""
    wallet, issuer_id = version.scheme.wallet, programme.issuer_account_id
    today = local_date(act.now, programme.timezone)
    idle = wallet.expiry.months if isinstance(wallet.expiry, Idle) else None
    activity = ledger.Activity(today, programme.timezone, idle)
    if wallet.limit is None:
        transfers = ledger.accrue(op, issuer_id, accruals, activity=activity)
        return [ledger.Given(i, a.amount) for i, a in zip(transfers, accruals, strict=True)]
    limit = ledger.Limit(wallet.limit, when_full or ledger.WhenFull(wallet.when_full.value), today)
    try:
        return ledger.accrue_within(op, issuer_id, accruals, limit, activity=activity)
    except ledger.WalletFull as full:
        raise _no_room(full, limit, dues) from None


def _no_room(full: ledger.WalletFull, limit: ledger.Limit, dues: Sequence[Due]) -> NoRoom:
    names = {d.resident.wallet_id: d.resident.name for d in dues}
    rooms = zip(full.facts["wallets"], full.facts["rooms"], strict=True)
    who = ", ".join(f"{names[wallet_id]} {room}" for wallet_id, room in rooms)
    return NoRoom(limit=limit.points, who=who)


AWARD = {
    "id": "bigint",
    "resident_id": "bigint",
    "source": "text",
    "source_id": "bigint",
    "points": "bigint",
    "because": "json",
    "scheme_id": "bigint",
    "transfer_id": "bigint",
    "awarded_at": "timestamptz",
    "owed": "bigint",
}
LINE = {
    "award_id": "bigint",
    "rule": "text",
    "source": "text",
    "resident_id": "bigint",
    "household": "text",
    "event_id": "bigint",
    "day": "date",
    "points": "bigint",
    "quantity": "bigint",
}


def _record(
    act: Act, version: Version, dues: Sequence[Due], given: Sequence[ledger.Given]
) -> list[Granted]:
    """Keep what was given, for what and by which arithmetic, each table in one statement."""
    ids = next_ids(act.session, {"award": len(dues)})["award"] if dues else []
    with writing(act.session) as writer:
        at = writer.moment(act.now)
        writer.insert(
            "award",
            AWARD,
            [
                {
                    "id": award_id,
                    "resident_id": d.resident.id,
                    "source": d.source,
                    "source_id": d.source_id,
                    "points": g.amount,
                    "because": _because(d, version, g.amount),
                    "scheme_id": version.id,
                    "transfer_id": g.transfer_id,
                    "awarded_at": at,
                    "owed": 0,
                }
                for award_id, d, g in zip(ids, dues, given, strict=True)
            ],
        )
        writer.insert(
            "award_line",
            LINE,
            [
                {**vars(entry), "award_id": award_id, "day": entry.day.isoformat()}
                for award_id, d in zip(ids, dues, strict=True)
                for entry in d.worth.entries
            ],
        )
    return [Granted(i, g.amount) for i, g in zip(ids, given, strict=True)]


def _because(due: Due, version: Version, points: int) -> dict[str, Any]:
    """The arithmetic; where the wallet's limit had the last word also that, and what it was for."""
    found = because.record(due.worth, version.id)
    if trimmed := due.worth.points - points:
        limit = version.scheme.wallet.limit
        found |= {"wallet_limit": limit, "trimmed": trimmed, "reason": due.reason[:200]}
    return found
