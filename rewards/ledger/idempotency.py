"""Exactly once: an act that moves points is claimed by its key before anything moves.

The claim is a unique row. Whoever comes second with the same key waits for the first
(the database makes them wait) and is told what the first was told. A business refusal is
an answer too and is remembered; anything else that goes wrong leaves no claim behind,
because the edge rolls the transaction back.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rewards.act import Act
from rewards.errors import Refused
from rewards.ledger.model import OperationRow
from rewards.ledger.refusals import KeyReused

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """A claimed operation: the right to move points, once. Made only by :func:`once`."""

    id: int
    session: Session
    now: datetime


@dataclass(frozen=True)
class Answer:
    """What the first execution answered, and whether this is a repeat of it.

    Commit, then call :meth:`result`: a remembered refusal has to be committed to be
    remembered.
    """

    body: Json
    replayed: bool
    refusal: Refused | None = None

    def result(self) -> Json:
        """The answer's body.

        Raises:
            Refused: the rule's refusal, the first time and every time.
        """
        if self.refusal is not None:
            raise self.refusal
        return self.body


def once(
    act: Act, scope: str, key: str, body: Mapping[str, Any], work: Callable[[Operation], Json]
) -> Answer:
    """Run *work* unless *key* was used in *scope* before; answer what the first answered.

    Args:
        scope: the route's meaning and owner, such as ``redemption:merchant:7``.
        key: the sender's idempotency key, unique for ever within the scope.
        body: all that the sender asked for, as JSON values; part of the fingerprint.
        work: moves the points by the ledger's primitives and returns a JSON answer.

    Raises:
        KeyReused: the key was used by another actor or for another body.
    """
    fingerprint = _fingerprint(act, scope, body)
    claimed = _claim(act, scope, key, fingerprint)
    if claimed is None:
        return _replay(act.session, scope, key, fingerprint)
    answer: Json
    refusal: Refused | None = None
    try:
        with act.session.begin_nested():
            answer = {"done": work(Operation(claimed, act.session, act.now))}
    except Refused as error:
        refusal = error
        answer = {"refused": error.code, "facts": error.facts}
    act.session.execute(
        update(OperationRow).where(OperationRow.id == claimed).values(answer=answer)
    )
    return Answer(answer.get("done", {}), replayed=False, refusal=refusal)


def _fingerprint(act: Act, scope: str, body: Mapping[str, Any]) -> str:
    canonical = json.dumps(
        [scope, act.actor.reference, body], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def upsert(session: Session) -> Callable[[Any], Any]:
    """The ``INSERT`` of this database that knows ``ON CONFLICT``."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert if is_sqlite else postgresql.insert


def _claim(act: Act, scope: str, key: str, fingerprint: str) -> int | None:
    statement = (
        upsert(act.session)(OperationRow)
        .values(
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            actor=act.actor.reference,
            recorded_at=act.now,
        )
        .on_conflict_do_nothing()
        .returning(OperationRow.id)
    )
    claimed: int | None = act.session.execute(statement).scalar()
    return claimed


def _replay(session: Session, scope: str, key: str, fingerprint: str) -> Answer:
    first = session.execute(
        select(OperationRow.fingerprint, OperationRow.answer).where(
            OperationRow.scope == scope, OperationRow.key == key
        )
    ).one()
    if first.fingerprint != fingerprint:
        raise KeyReused
    answer: Json = first.answer
    if "refused" in answer:
        refusal = Refused.recall(answer["refused"], answer["facts"])
        return Answer({}, replayed=True, refusal=refusal)
    return Answer(answer["done"], replayed=True)
