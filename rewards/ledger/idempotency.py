"""Exactly once: an act that moves points is claimed by its key before anything moves.

The claim is a unique row. Whoever comes second with the same key waits for the first
(the database makes them wait) and is told what the first was told. A business refusal is
an answer too and is remembered; anything else that goes wrong leaves no claim behind,
because the edge rolls the transaction back.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rewards.act import Act, Actor
from rewards.bulk import Writer, writing
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


@dataclass(frozen=True)
class Claim:
    """A key that an actor sends for a body: what :func:`once` and a batch decide by."""

    scope: str
    key: str
    actor: str
    fingerprint: str

    @classmethod
    def of(cls, actor: Actor, scope: str, key: str, body: Mapping[str, Any]) -> "Claim":
        """The claim of *actor*; *body* is all that was asked for, as JSON values."""
        canonical = json.dumps(
            [scope, actor.reference, body], sort_keys=True, separators=(",", ":")
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return cls(scope, key, actor.reference, digest)

    @property
    def name(self) -> tuple[str, str]:
        return self.scope, self.key


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
    claim = Claim.of(act.actor, scope, key, body)
    claimed = _insert(act, claim)
    if claimed is None:
        fingerprint, first = recall(act.session, [claim])[claim.name]
        if fingerprint != claim.fingerprint:
            raise KeyReused
        return first
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


def upsert(session: Session) -> Callable[[Any], Any]:
    """The ``INSERT`` of this database that knows ``ON CONFLICT``."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert if is_sqlite else postgresql.insert


def _insert(act: Act, claim: Claim) -> int | None:
    statement = (
        upsert(act.session)(OperationRow)
        .values(
            scope=claim.scope,
            key=claim.key,
            fingerprint=claim.fingerprint,
            actor=claim.actor,
            recorded_at=act.now,
        )
        .on_conflict_do_nothing()
        .returning(OperationRow.id)
    )
    claimed: int | None = act.session.execute(statement).scalar()
    return claimed


class Recalled:
    """What was answered under some keys before; one that is new is absent."""

    def __init__(self, writer: Writer, claims: Sequence[Claim]) -> None:
        self._writer = writer
        names = sorted({claim.name for claim in claims})
        if writer.sqlite:
            self._asked = writer.ask(_RECALL.format(_SQLITE), json.dumps(names))
        else:
            scopes, keys = zip(*names, strict=True)
            self._asked = writer.ask(_RECALL.format(_POSTGRESQL), list(scopes), list(keys))

    def answers(self) -> dict[tuple[str, str], tuple[str, Answer]]:
        """By scope and key: the fingerprint of what was asked, and the answer."""
        return {
            (scope, key): (fingerprint, _remembered(self._writer.document(answer)))
            for scope, key, fingerprint, answer in self._asked.rows()
        }


_RECALL = (
    "SELECT o.scope, o.key, o.fingerprint, o.answer "
    "FROM {} AS r CROSS JOIN operation o WHERE o.scope = r.scope AND o.key = r.key"
)
# A CROSS JOIN is what SQLite takes in the order that it is written in.
_SQLITE = "(SELECT value ->> 0 AS scope, value ->> 1 AS key FROM json_each(?))"
_POSTGRESQL = "(SELECT * FROM unnest(?::text[], ?::text[]) AS u(scope, key))"


def recall(session: Session, claims: Sequence[Claim]) -> dict[tuple[str, str], tuple[str, Answer]]:
    """What was answered under these keys before, with the fingerprint of what was asked."""
    with writing(session) as writer:
        return Recalled(writer, claims).answers()


def _remembered(answer: Json) -> Answer:
    if "refused" in answer:
        refusal = Refused.recall(answer["refused"], answer["facts"])
        return Answer({}, replayed=True, refusal=refusal)
    return Answer(answer["done"], replayed=True)


def wait_for_keys(writer: Writer, claims: Sequence[Claim]) -> None:
    """Wait until nobody else is at work under these keys, and let nobody begin meanwhile.

    :func:`once` has its row to wait at; a batch writes its rows last. The locks end with the
    transaction. SQLite has one writer at a time, who needs none.
    """
    if not writer.sqlite:
        numbers = sorted(_number(claim) for claim in claims)
        # Until then, too, statements are planned once and not each time anew for their values,
        # which takes PostgreSQL longer than running them: all are looked up by their keys.
        writer.ask(
            "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), "
            "(SELECT count(pg_advisory_xact_lock(n)) FROM unnest(?::bigint[]) AS n)",
            numbers,
        )


def _number(claim: Claim) -> int:
    digest = hashlib.sha256("\n".join(claim.name).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
