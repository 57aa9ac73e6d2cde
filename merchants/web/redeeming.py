"""The edge of a redemption: the till's form and the API hand their orders to one group."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from flask import Flask, current_app

from merchants import checkout
from merchants.checkout import Counter, Order, TokenOrder
from rewards.bulk import Writer
from rewards.clock import Clock
from rewards.db import db
from rewards.errors import Refused
from rewards.ledger import Answer
from rewards.settings import Settings
from rewards.web.edge import act
from rewards.web.grouping import Group, group_transaction, grouped_endpoints

Ask = Callable[[Order | TokenOrder], Answer | Refused]

ENDPOINTS = {"till.redeem", "api_redemptions.redeem"}


def install(app: Flask) -> None:
    """Give *app* its group of redemptions, unless its settings say that each commits alone."""
    with app.app_context():
        begin = partial(group_transaction, db.engine)
    ask: Ask = Group(begin, checkout.settle).ask if grouped(app) else partial(_alone, begin)
    app.extensions["redemptions"] = ask
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
    return _settled(current_app, order)


def redeem_by_token(app: Flask, secret: str, key: dict[str, str], data: dict[str, Any]) -> Answer:
    """The same for whoever holds the token of *secret*, asked for with the redemption itself.

    *key* and *data* are what a program sent, as its schemas read it.
    """
    clock: Clock = app.extensions["clock"]
    asked = {**data, "key": key["key"]}
    asked["scanned"] = asked.pop("code")
    return _settled(app, TokenOrder(secret, asked.pop("merchant_id", None), asked, clock()))


def _settled(app: Flask, order: Order | TokenOrder) -> Answer:
    ask: Ask = app.extensions["redemptions"]
    outcome = ask(order)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _alone(
    begin: Callable[[], AbstractContextManager[Writer]], order: Order | TokenOrder
) -> Answer | Refused:
    with begin() as writer:
        [outcome] = checkout.settle(writer, [order])
        writer.commit()
    return outcome
