"""The edge of a redemption: the till's form and the API hand their orders to one group."""

from typing import Any

from flask import Flask, current_app

from merchants import checkout
from merchants.checkout import Counter, Order, TokenOrder
from rewards.clock import Clock
from rewards.db import db
from rewards.errors import Refused
from rewards.ledger import Answer
from rewards.settings import Settings
from rewards.web.edge import act, commit
from rewards.web.grouping import Group, grouped_endpoints, writing_session

ENDPOINTS = {"till.redeem", "api_redemptions.redeem"}


def install(app: Flask) -> None:
    """Give *app* its group of redemptions, unless its settings say that each commits alone."""
    settings: Settings = app.extensions["settings"]
    app.extensions["redemptions"] = None
    if settings.group_commit:
        app.extensions["redemptions"] = Group(writing_session, checkout.settle)
        grouped_endpoints(app).update(ENDPOINTS)


def redeem(counter: Counter, **asked: Any) -> Answer:
    """Take points, committed; takes what :func:`checkout.order` takes, and raises that too."""
    order = checkout.order(act(), counter, **asked)
    # What was read stays read; the connection is another's while this request waits.
    act().session.rollback()
    return _settled(order)


def redeem_by_token(secret: str, merchant_id: int | None, **asked: Any) -> Answer:
    """The same for whoever holds a token, who is asked for with the redemption itself."""
    clock: Clock = current_app.extensions["clock"]
    return _settled(TokenOrder(secret, merchant_id, asked, clock()))


def _settled(order: Order | TokenOrder) -> Answer:
    group: Group[Order | TokenOrder, Answer | Refused] | None
    group = current_app.extensions["redemptions"]
    if group is not None:
        outcome = group.ask(order)
    else:
        [outcome] = checkout.settle(db.session(), [order])
        commit()
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
