"""A key, a name and a clock to seal with in tests, and many transfers at once."""

from base64 import b64encode

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rewards.ledger import seals
from rewards.ledger.model import OperationRow, Transfer
from rewards.ledger.seals import checkpoints
from tests.conftest import START, Acting, Database
from tests.ledger.book import Book

KEY = b64encode(bytes(range(32))).decode()
ORIGIN = "points.example/seals"


def signer() -> seals.Signer:
    return checkpoints._signer(KEY, "a test")


def seal(database: Database) -> seals.Checkpoint | None:
    return seals.seal(database.engine, signer(), ORIGIN, lambda: START)


def fill(acting: Acting, book: Book, count: int) -> None:
    """*count* accruals in the ledger's table alone: a log is what is tested, not wallets."""
    with acting() as act:
        operation = operation_id(act.session)
        act.session.execute(
            insert(Transfer),
            [
                {
                    "operation_id": operation,
                    "kind": "accrual",
                    "debit_id": book.issuer,
                    "credit_id": book.shop,
                    "amount": 1 + i,
                    "happened_at": act.now,
                    "recorded_at": act.now,
                    "reason": f"示例 {i}",
                }
                for i in range(count)
            ],
        )


def operation_id(session: Session) -> int:
    row = session.scalar(select(OperationRow).where(OperationRow.key == "filled"))
    if row is None:
        row = OperationRow(
            scope="test", key="filled", fingerprint="", actor="system", recorded_at=START, answer={}
        )
        session.add(row)
        session.flush()
    return row.id
