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
from rewards.residents import Resident
from rewards.schemes.rates import Rates, Worth, expires_on, idle_months


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
    worth: Worth
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
    rates: Rates,
    dues: Sequence[Due],
    *,
    when_full: ledger.WhenFull | None = None,
) -> list[Granted]:
    """Award all that is due, all or none, within a claimed operation. Nothing for 0 points.

    The expiry is counted from the day that the act happened, in the programme's time zone.
    What a wallet has no room for is trimmed off or refused, as the rates say, or *when_full*.

    Raises:
        NoRoom: names the residents. Nothing was written; let it undo the claim too, because
            there may be room tomorrow.
    """
    due = [d for d in dues if d.worth.points > 0]
    accruals = [
        ledger.Accrual(
            wallet_id=d.resident.wallet_id,
            amount=d.worth.points,
            expires_on=expires_on(local_date(d.happened_at, programme.timezone), rates),
            reason=d.reason[:200],
            happened_at=d.happened_at,
        )
        for d in due
    ]
    issuer_id = programme.issuer_account_id
    today = local_date(act.now, programme.timezone)
    activity = ledger.Activity(today, programme.timezone, idle_months(rates))
    if rates.wallet_limit is None:
        transfers = ledger.accrue(op, issuer_id, accruals, activity=activity)
        given = [ledger.Given(i, a.amount) for i, a in zip(transfers, accruals, strict=True)]
    else:
        limit = ledger.Limit(
            rates.wallet_limit,
            when_full or ledger.WhenFull(rates.when_full),
            today,
        )
        try:
            given = ledger.accrue_within(op, issuer_id, accruals, limit, activity=activity)
        except ledger.WalletFull as full:
            raise _no_room(full, limit, due) from None
    return _record(act, rates, due, given)


def _no_room(full: ledger.WalletFull, limit: ledger.Limit, dues: Sequence[Due]) -> NoRoom:
    names = {d.resident.wallet_id: d.resident.name for d in dues}
    rooms = zip(full.facts["wallets"], full.facts["rooms"], strict=True)
    who = ", ".join(f"{names[wallet_id]} {room}" for wallet_id, room in rooms)
    return NoRoom(limit=limit.points, who=who)


def _record(
    act: Act, rates: Rates, dues: Sequence[Due], given: Sequence[ledger.Given]
) -> list[Granted]:
    """Keep what was given, for what and by which arithmetic, in one statement."""
    ids = next_ids(act.session, {"award": len(dues)})["award"] if dues else []
    with writing(act.session) as writer:
        at = writer.moment(act.now)
        writer.insert(
            "award",
            {
                "id": "bigint",
                "resident_id": "bigint",
                "source": "text",
                "source_id": "bigint",
                "points": "bigint",
                "because": "json",
                "rates_id": "bigint",
                "transfer_id": "bigint",
                "awarded_at": "timestamptz",
                "owed": "bigint",
            },
            [
                {
                    "id": award_id,
                    "resident_id": d.resident.id,
                    "source": d.source,
                    "source_id": d.source_id,
                    "points": g.amount,
                    "because": _because(d, rates, g.amount),
                    "rates_id": rates.id,
                    "transfer_id": g.transfer_id,
                    "awarded_at": at,
                    "owed": 0,
                }
                for award_id, d, g in zip(ids, dues, given, strict=True)
            ],
        )
    return [Granted(i, g.amount) for i, g in zip(ids, given, strict=True)]


def _because(due: Due, rates: Rates, points: int) -> dict[str, Any]:
    """The arithmetic; where the wallet's limit had the last word also that, and what it was for."""
    trimmed = due.worth.points - points
    if not trimmed:
        return due.worth.because
    limited = {"wallet_limit": rates.wallet_limit, "trimmed": trimmed, "reason": due.reason[:200]}
    return due.worth.because | limited
