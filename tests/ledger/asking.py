"""What one caller asks of the ledger, in a transaction of its own, and what it is told.

An :class:`Ask` can be sent to another process. Each process has an engine of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act, Actor
from rewards.bulk import transaction
from rewards.db import reading
from rewards.errors import Refused

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ask:
    """A movement by its name, under a key, at a moment by the caller's clock."""

    what: str
    key: str
    now: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Said:
    """``done``, ``replayed`` or a refusal's code, and what came with it."""

    outcome: str
    body: dict[str, Any]


def say(engine: Engine, ask: Ask) -> Said:
    """Do what is asked and commit; what the rules refuse is an answer too."""
    try:
        if ask.what in ("take", "time out"):
            return _take(engine, ask) if ask.what == "take" else _time_out(engine, ask)
        with Session(engine) as session:
            act = Act(session, SYSTEM, ask.now)
            answer = ledger.once(act, "ask", ask.key, {"what": ask.what, **ask.body}, work(ask))
            session.commit()
            return _said(answer)
    except Refused as refusal:
        return Said(refusal.code, refusal.facts)


def _said(answer: ledger.Answer) -> Said:
    body = answer.result()
    return Said("replayed" if answer.replayed else "done", body)


def work(ask: Ask) -> Callable[[ledger.Operation], dict[str, Any]]:
    """The ledger's movement that is asked for; where it has an id, the answer has."""
    today, body = ask.now.date(), ask.body

    def award(op: ledger.Operation) -> Any:
        day = date.fromisoformat(body["day"])
        accrual = ledger.Accrual(body["wallet"], body["amount"], day, "work", op.now)
        return ledger.accrue(op, body["issuer"], [accrual])[0]

    def redeem(op: ledger.Operation) -> Any:
        wallet, shop, amount = body["wallet"], body["shop"], body["amount"]
        return ledger.redeem(op, wallet, shop, amount, today=today, reason="tea")

    def give_back(op: ledger.Operation) -> Any:
        return ledger.give_back(op, body["transfer"], reason="mistake", amount=body["amount"])

    def take_back(op: ledger.Operation) -> Any:
        owe, amount = ledger.WhenSpent.OWE, body["amount"]
        return ledger.take_back(
            op, body["transfer"], today=today, reason="wrong", when_spent=owe, amount=amount
        ).taken

    def hold(op: ledger.Operation) -> Any:
        wallet, shop, amount = body["wallet"], body["shop"], body["amount"]
        until = datetime.fromisoformat(body["until"])
        return ledger.place(op, wallet, shop, amount, today=today, until=until, reason="tea")

    def capture(op: ledger.Operation) -> Any:
        return ledger.capture(op, body["hold"], body["amount"])

    def release(op: ledger.Operation) -> Any:
        ledger.release(op, body["hold"])

    def expire(op: ledger.Operation) -> Any:
        lots = ledger.next_due(op.session, body["programme"], today)
        return ledger.expire(op, lots, body["expired"], today=today, timezone="UTC").points

    movements = (
        award,
        redeem,
        give_back,
        take_back,
        hold,
        capture,
        release,
        expire,
        *_of_neighbours(ask),
    )
    chosen = {movement.__name__: movement for movement in movements}[ask.what]
    return lambda op: {"id": chosen(op)}


def _of_neighbours(ask: Ask) -> list[Callable[[ledger.Operation], Any]]:
    today, body = ask.now.date(), ask.body

    def give(op: ledger.Operation) -> Any:
        return ledger.give(op, body["wallet"], body["to"], body["amount"], today=today)

    def return_gift(op: ledger.Operation) -> Any:
        return ledger.return_gift(op, body["transfer"], today=today, reason="slip")

    return [give, return_gift]


def _time_out(engine: Engine, ask: Ask) -> Said:
    with Session(engine) as session:
        ended = sum(ledger.time_out(session, ask.now))
        session.commit()
    return Said("timed out" if ended else "nothing to do", {})


def _take(engine: Engine, ask: Ask) -> Said:
    """A purchase at the till, as the service takes it: with those of other threads."""
    from merchants import checkout
    from merchants.partners import Merchant
    from rewards.web.grouping import Group

    token = reading.set(True)
    with Session(engine) as session:
        act = Act(session, Actor("staff", ask.body["cashier"]), ask.now)
        merchant = session.get_one(Merchant, ask.body["merchant"])
        order = checkout.order(
            act,
            checkout.Counter.at(act, merchant),
            key=ask.key,
            scanned=ask.body["card"],
            points=ask.body["amount"],
            again=True,
        )
    reading.reset(token)
    if engine.url not in _groups:
        _groups.setdefault(engine.url, Group(lambda: transaction(engine), checkout.take_all))
    outcome = _groups[engine.url].ask(order)
    if isinstance(outcome, Refused):
        raise outcome
    return _said(outcome)


_groups: dict[Any, Any] = {}
