"""The accounts between which a test moves points."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from rewards import ledger

PROGRAMME = 1


@dataclass(frozen=True)
class Accounts:
    """Empty, all of one programme."""

    issuer: int
    expired: int
    cause: int
    wallets: list[int]
    shops: list[int]

    @staticmethod
    def opened(session: Session, wallets: int, shops: int) -> "Accounts":
        def opened(kind: str, n: int) -> list[int]:
            return [ledger.open_account(session, kind, kind, PROGRAMME).id for _ in range(n)]

        return Accounts(
            opened(ledger.ISSUER, 1)[0],
            opened(ledger.EXPIRED, 1)[0],
            opened(ledger.CAUSE, 1)[0],
            opened(ledger.WALLET, wallets),
            opened(ledger.MERCHANT, shops),
        )
