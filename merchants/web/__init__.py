"""The merchants' pages: the till, the office's list of partners, where to spend."""

from flask import Flask

from merchants import people
from rewards.staff import Role
from rewards.web import access


def register(app: Flask) -> None:
    """Put the merchants' pages into *app*, and their people's roles into its guards."""
    # Lists of the process, while tests make many applications in one.
    if people.roles_of not in access.role_sources:
        access.role_sources.append(people.roles_of)
        access.landings.append(_landing)


def _landing(who: access.Person) -> str | None:
    return "/till" if who.roles & {Role.CASHIER, Role.OWNER} else None
