"""Sweeping a programme's expired points out of the wallets, batch by batch."""

from uuid import uuid4

from rewards import audit, ledger
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Programme


def due(act: Act, programme: Programme) -> int:
    """How many lots there are to sweep today, by the programme's own calendar."""
    return ledger.due(act.session, programme.id, local_date(act.now, programme.timezone))


def sweep(act: Act, programme: Programme, *, after: int = 0, size: int = 500) -> list[int]:
    """Sweep the next lots by id from *after* on; answers which, none at the end.

    Commit after each call: a run that is killed has done whole batches, and the next run goes
    on with the rest. A lot is swept once, however many run at a time.
    """
    today = local_date(act.now, programme.timezone)
    lots = ledger.next_due(act.session, programme.id, today, after=after, size=size)
    if not lots:
        return []

    def work(op: ledger.Operation) -> dict[str, int]:
        swept = ledger.expire(
            op, lots, programme.expired_account_id, today=today, timezone=programme.timezone
        )
        return {"lots": swept.lots, "points": swept.points}

    # The key is new each time: what must not happen twice is guarded by the lots themselves.
    scope, key = f"expiry:programme:{programme.id}", uuid4().hex
    answer = ledger.once(act, scope, key, {"lots": lots}, work).result()
    audit.record(
        act, "points.expire", f"programme:{programme.id}", programme_id=programme.id, **answer
    )
    return lots
