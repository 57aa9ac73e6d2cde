"""The merchants' pages: the till, the office's list of partners, where to spend."""

from flask import Flask

from merchants import people
from merchants.web import places, redeeming
from merchants.web.office import offers, redemptions, shops
from merchants.web.office import people as office_people
from merchants.web.office.desk import bp as office_merchants
from merchants.web.till import counter, holds, lists, proof, receipts
from merchants.web.till.desk import bp as till
from rewards.staff import Role
from rewards.web import access

# Each of these modules hangs its pages on the blueprint of its room.
__all__ = [
    "counter",
    "holds",
    "lists",
    "offers",
    "office_people",
    "proof",
    "receipts",
    "redemptions",
    "register",
    "shops",
]


def register(app: Flask) -> None:
    """Put the merchants' pages into *app*, and their people's roles into its guards."""
    # Lists of the process, while tests make many applications in one.
    if people.roles_of not in access.role_sources:
        access.role_sources.append(people.roles_of)
        access.landings.append(_landing)
    for blueprint in (till, office_merchants, places.bp):
        app.register_blueprint(blueprint)
    redeeming.install(app)


def _landing(who: access.Person) -> str | None:
    return "/till" if who.roles & {Role.CASHIER, Role.OWNER} else None
