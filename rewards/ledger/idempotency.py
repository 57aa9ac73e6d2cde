"""Exactly once: an act that moves points is claimed by its key before anything moves.

The claim is a unique row. Whoever comes second with the same key waits for the first
(the database makes them wait) and is told what the first was told. A business refusal is
an answer too and is remembered; anything else that goes wrong leaves no claim behind,
because the edge rolls the transaction back.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rewards.act import Act, Actor
from rewards.bulk import Writer, writing
from rewards.calls import texts
from rewards.db import table
from rewards.documents import to_json
from rewards.errors import Refused
from rewards.ledger.model import OperationRow
from rewards.ledger.refusals import KeyReused

Json = dict[str, Any]

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


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
        canonical = _canonical([scope, actor.reference, body])
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
    act.session.connection().execute(_ANSWER, {"claimed": claimed, "told": answer})
    return Answer(answer.get("done", {}), replayed=False, refusal=refusal)


_OPERATION = table(OperationRow)
_CLAIM = {
    name: insert(_OPERATION).on_conflict_do_nothing().returning(_OPERATION.c.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_ANSWER = (
    update(_OPERATION)
    .where(_OPERATION.c.id == bindparam("claimed"))
    .values(answer=bindparam("told"))
)


def upsert(session: Session) -> Callable[[Any], Any]:
    """The ``INSERT`` of this database that knows ``ON CONFLICT``."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert if is_sqlite else postgresql.insert


def _insert(act: Act, claim: Claim) -> int | None:
    connection = act.session.connection()
    claimed: int | None = connection.execute(
        _CLAIM[connection.dialect.name], {**asdict(claim), "recorded_at": act.now}
    ).scalar()
    return claimed


# By scope and key: the fingerprint of what was asked, and the answer.
Remembered = dict[tuple[str, str], tuple[str, Answer]]


class Recalled:
    """What was answered under some keys before; one that is new is absent."""

    def __init__(self, writer: Writer, claims: Sequence[Claim]) -> None:
        self._writer = writer
        names = _names(claims)
        if writer.sqlite:
            self._asked = writer.ask(_RECALL.format(_SQLITE), to_json(names))
        else:
            scopes, keys = zip(*names, strict=True)
            self._asked = writer.ask(_RECALL.format(_POSTGRESQL), list(scopes), list(keys))

    def answers(self) -> Remembered:
        document = self._writer.document
        return _known((*name, document(answer)) for *name, answer in self._asked.rows())


_RECALL = (
    "SELECT o.scope, o.key, o.fingerprint, o.answer "
    "FROM {} AS r CROSS JOIN operation o WHERE o.scope = r.scope AND o.key = r.key"
)
# A CROSS JOIN is what SQLite takes in the order that it is written in.
_SQLITE = "(SELECT value ->> 0 AS scope, value ->> 1 AS key FROM json_each(?))"
_POSTGRESQL = "(SELECT * FROM unnest(?::text[], ?::text[]) AS u(scope, key))"


def recall(session: Session, claims: Sequence[Claim]) -> Remembered:
    """What was answered under these keys before, with the fingerprint of what was asked."""
    with writing(session) as writer:
        return Recalled(writer, claims).answers()


def _remembered(answer: Json) -> Answer:
    if "refused" in answer:
        refusal = Refused.recall(answer["refused"], answer["facts"])
        return Answer({}, replayed=True, refusal=refusal)
    return Answer(answer["done"], replayed=True)


class Claiming:
    """Keys that are being claimed together, and ids for what they will write to *tables*.

    Waits until nobody else is at work under these keys, and lets nobody begin meanwhile:
    :func:`once` has its row to wait at; a batch writes its rows last. SQLite has one writer at
    a time, who needn't wait.
    """

    def __init__(self, writer: Writer, claims: Sequence[Claim], tables: Sequence[str]) -> None:
        self._sqlite, self._tables = writer.sqlite, tables
        if self._sqlite:
            self._recalled = Recalled(writer, claims)
            self._next = writer.next_ids(dict.fromkeys(tables, len(claims)))
            return
        scopes, keys = zip(*_names(claims), strict=True)
        self._called = writer.call(
            "ledger_claim", texts(scopes), texts(keys), texts(tables), str(len(claims))
        )

    def outcome(self) -> tuple[Remembered, dict[str, list[int]]]:
        """What was answered under these keys before, and the ids by table."""
        if self._sqlite:
            return self._recalled.answers(), self._next.ids()
        known, ids = self._called.document()
        return _known(known or []), dict(zip(self._tables, ids, strict=True))


def _names(claims: Sequence[Claim]) -> list[tuple[str, str]]:
    return sorted({claim.name for claim in claims})


def _known(rows: Iterable[Sequence[Any]]) -> Remembered:
    return {
        (scope, key): (fingerprint, _remembered(answer)) for scope, key, fingerprint, answer in rows
    }
