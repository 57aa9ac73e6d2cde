"""What must be so after a crash, looked up by key in the database itself."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from merchants.checkout import checking
from rewards import awards_check, ledger
from rewards.deeds.checking import deductions
from rewards.giving_on.checking import points_gifts
from rewards.ledger.model import REDEMPTION, VOID, OperationRow, Transfer
from tests.prove.crashes.tills import Request, Tills

# What was looked at, and what was found: the last three should be nothing.
COUNTED = (
    "requests", "acknowledged", "answered by the retry", "silences", "transfers",
    "lost", "doubled", "drifts",
)  # fmt: skip
Tally = Counter[str]

DONE = {201: REDEMPTION, 200: VOID}
MORE = (awards_check.awards, deductions, points_gifts, checking.redemptions)


@dataclass
class Verdict:
    """What was found wrong, in sentences, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def judge(url: str, tills: Tills) -> Verdict:
    """Compare what the tills were told, by key, with what the database holds."""
    verdict = Verdict()
    engine = create_engine(url)
    with Session(engine) as session:
        for request in tills.requests:
            verdict.tally["requests"] += 1
            _answers(request, verdict)
            _effect(session, request, verdict)
        drifts = [str(drift) for drift in ledger.verify(session, more=MORE)]
        verdict.tally["drifts"] += len(drifts)
        verdict.wrong += drifts
        if engine.dialect.name == "sqlite":
            sound = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
            if sound != "ok":
                verdict.wrong.append(f"SQLite says: {sound}")
    engine.dispose()
    verdict.tally["silences"] += tills.silences
    return verdict


def _answers(request: Request, verdict: Verdict) -> None:
    """All answers to one key are the same, and none says that the key was used otherwise."""
    first, *others = request.answers
    if others:
        verdict.tally["acknowledged"] += 1
    else:
        verdict.tally["answered by the retry"] += 1
    for other in others:
        if other.told != first.told:
            verdict.tally["lost"] += 1
            verdict.wrong.append(f"{request.key} was told {first.told}, then {other.told}")
        elif not other.replayed:
            verdict.tally["doubled"] += 1
            verdict.wrong.append(f"{request.key} was done again")
    if first.status not in DONE and first.body.get("code") != "not_enough_points":
        verdict.wrong.append(f"{request.key} was refused: {first.body}")


def _effect(session: Session, request: Request, verdict: Verdict) -> None:
    """The key's one operation, and as many transfers of the right amount as it should have."""
    operations = session.execute(
        select(OperationRow.id, OperationRow.answer).where(OperationRow.key == request.key)
    ).all()
    if len(operations) != 1 or operations[0].answer is None:
        verdict.tally["doubled" if len(operations) > 1 else "lost"] += 1
        verdict.wrong.append(f"{request.key} has the operations {operations}")
        return
    [operation] = operations
    status, body = request.answers[0].told
    wanted = [(DONE[status], body["points"])] if status in DONE else []
    found = [
        (kind, amount)
        for kind, amount in session.execute(
            select(Transfer.kind, Transfer.amount).where(Transfer.operation_id == operation.id)
        )
    ]
    if found != wanted:
        verdict.tally["lost" if len(found) < len(wanted) else "doubled"] += 1
        verdict.wrong.append(f"{request.key} moved {found} and not {wanted}")
    if status in DONE:
        _same_receipt(operation.answer["done"], body, request.key, verdict)
    verdict.tally["transfers"] += len(found)


def _same_receipt(
    kept: dict[str, object], told: dict[str, object], key: str, verdict: Verdict
) -> None:
    for name in ("receipt_number", "points", "balance_after"):
        if kept[name] != told[name]:
            verdict.tally["lost"] += 1
            verdict.wrong.append(f"{key}: {name} was told as {told[name]}, kept as {kept[name]}")
