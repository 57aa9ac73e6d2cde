"""The edge of a redemption: the till's form and the API hand their orders to one group."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

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

        @contextmanager
        def begin() -> Iterator[Session]:
            # Not every request stands in one of the application's contexts.
            with app.app_context(), writing_session() as session:
                yield session

        app.extensions["redemptions"] = Group(begin, checkout.settle)
        grouped_endpoints(app).update(ENDPOINTS)


def grouped(app: Flask) -> bool:
    """Whether redemptions of *app* are written in groups."""
    return app.extensions["redemptions"] is not None


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
    group: Group[Order | TokenOrder, Answer | Refused] | None
    group = app.extensions["redemptions"]
    if group is not None:
        outcome = group.ask(order)
    else:
        [outcome] = checkout.settle(db.session(), [order])
        commit()
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
