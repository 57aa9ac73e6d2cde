"""The edge of a redemption: the till's form and the API hand their orders to one group."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from flask import Flask, current_app

from merchants import checkout
from merchants.checkout import Counter, Order, TokenOrder
from rewards.bulk import Writer, transaction
from rewards.clock import Clock
from rewards.db import db, reading
from rewards.errors import Refused
from rewards.ledger import Answer
from rewards.settings import Settings
from rewards.web.edge import act
from rewards.web.grouping import Group, grouped_endpoints

Begin = Callable[[], AbstractContextManager[Writer]]

ENDPOINTS = {"till.redeem", "api_redemptions.redeem"}


class Alone:
    """Each order in a transaction of its own; asked like a :class:`Group`, to compare."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    def ask(self, order: Order | TokenOrder) -> Answer | Refused:
        # The request's own session only reads: this one doesn't.
        token = reading.set(False)
        try:
            with self._begin() as writer:
                [outcome] = checkout.settle(writer, [order])
                writer.commit()
        finally:
            reading.reset(token)
        return outcome


def install(app: Flask) -> None:
    """Give *app* its group of redemptions, unless its settings say that each commits alone."""
    with app.app_context():
        begin = partial(transaction, db.engine)
    app.extensions["redemptions"] = Group(begin, checkout.settle) if grouped(app) else Alone(begin)
    grouped_endpoints(app).update(ENDPOINTS)


def grouped(app: Flask) -> bool:
    """Whether redemptions of *app* are written in groups."""
    settings: Settings = app.extensions["settings"]
    return settings.group_commit


def redeem(counter: Counter, **asked: Any) -> Answer:
    """Take points, committed; takes what :func:`checkout.order` takes, and raises that too."""
    order = checkout.order(act(), counter, **asked)
    # What was read stays read; the connection is another's while this request waits.
    act().session.rollback()
    return _told(current_app.extensions["redemptions"].ask(order))


def redeem_by_token(app: Flask, secret: str, data: dict[str, Any]) -> Answer:
    """The same for whoever holds the token of *secret*, asked for with the redemption itself.

    *data* is what a program sent, as its schemas read it.
    """
    return _told(app.extensions["redemptions"].ask(_by_token(app, secret, data)))


async def redeem_in_the_loop(app: Flask, secret: str, data: dict[str, Any]) -> Answer:
    """The same in an event loop, where redemptions are written in groups."""
    return _told(await app.extensions["redemptions"].asked(_by_token(app, secret, data)))


def _by_token(app: Flask, secret: str, data: dict[str, Any]) -> TokenOrder:
    clock: Clock = app.extensions["clock"]
    asked = dict(data)
    asked["scanned"] = asked.pop("code")
    return TokenOrder(secret, asked.pop("merchant_id", None), asked, clock())


def _told(outcome: Answer | Refused) -> Answer:
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
