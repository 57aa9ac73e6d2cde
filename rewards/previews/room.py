"""What cards would have no room for, if the period's points came once more from today on.

What a wallet held in the past, had the draft been in force, nobody can know: with other points
residents would have spent otherwise. What it holds today is known.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.residents import Resident

# How many wallets are asked about at a time.
AT_ONCE = 2_000


def over(session: Session, would: Mapping[int, int], limit: int, today: date) -> dict[int, int]:
    """Of the points that each resident would be given, those beyond the limit, by resident.

    Nothing is spent meanwhile, and nothing expires. Who has room for all is absent.
    """
    found: dict[int, int] = {}
    given = [number for number, points in would.items() if points]
    for start in range(0, len(given), AT_ONCE):
        some = given[start : start + AT_ONCE]
        rows = session.execute(select(Resident.wallet_id, Resident.id).where(Resident.id.in_(some)))
        wallets: dict[int, int] = dict(rows.all())
        for wallet_id, has in ledger.owned(session, list(wallets), today).items():
            number = wallets[wallet_id]
            room = max(0, limit - has)
            if would[number] > room:
                found[number] = would[number] - room
    return found
