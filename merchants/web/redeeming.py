"""The edge of a redemption: the till's form and the API hand their orders to one group."""

from typing import Any

from flask import Flask, current_app

from merchants import checkout
from merchants.checkout import Counter, Order
from rewards.errors import Refused
from rewards.ledger import Answer, Outcome
from rewards.settings import Settings
from rewards.web.edge import act, commit
from rewards.web.grouping import Group, grouped_endpoints, writing_session

ENDPOINTS = {"till.redeem", "api_till.redeem"}


def install(app: Flask) -> None:
    """Give *app* its group of redemptions, unless its settings say that each commits alone."""
    settings: Settings = app.extensions["settings"]
    app.extensions["redemptions"] = None
    if settings.group_commit:
        app.extensions["redemptions"] = Group(writing_session, checkout.take_all)
        grouped_endpoints(app).update(ENDPOINTS)


def redeem(counter: Counter, **asked: Any) -> Answer:
    """Take points, committed; takes what :func:`checkout.order` takes, and raises that too."""
    order = checkout.order(act(), counter, **asked)
    group: Group[Order, Outcome] | None = current_app.extensions["redemptions"]
    if group is None:
        [outcome] = checkout.take_all(act().session, [order])
        commit()
    else:
        # What was read stays read; the connection is another's while this request waits.
        act().session.rollback()
        outcome = group.ask(order)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
