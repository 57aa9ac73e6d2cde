"""Opening accounts."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rewards.ledger.model import WALLET, Account, Balance


def open_account(session: Session, kind: str, name: str, programme_id: int | None) -> Account:
    """Open an account; a wallet gets its balance row, the floor under it."""
    account = Account(kind=kind, name=name, programme_id=programme_id)
    session.add(account)
    session.flush()
    if kind == WALLET:
        session.add(Balance(account_id=account.id, posted=0, held=0))
        session.flush()
    return account


def open_wallets(session: Session, names: Sequence[str], programme_id: int) -> list[int]:
    """Open a wallet for each name, in few statements; answers their ids in order."""
    if not names:
        return []
    ids = list(
        session.scalars(
            insert(Account).returning(Account.id, sort_by_parameter_order=True),
            [{"kind": WALLET, "name": name, "programme_id": programme_id} for name in names],
        )
    )
    session.execute(insert(Balance), [{"account_id": i, "posted": 0, "held": 0} for i in ids])
    return ids
