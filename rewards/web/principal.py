"""Whoever is signed in: a member of staff or a resident, by session or by token."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import g, session
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user
from sqlalchemy.orm import Session

from rewards import tokens
from rewards.db import db
from rewards.errors import NotAllowed
from rewards.residents import Resident
from rewards.staff import Role, Staff

login_manager = LoginManager()

# Packages above add the roles that they grant (a merchant's), and where their people land.
role_sources: list[Callable[[Session, int], set[Role]]] = []
landings: list[Callable[["Person"], str | None]] = []


@dataclass
class Person:
    """Somebody signed in, staff or resident, as Flask-Login keeps them."""

    kind: str
    id: int
    name: str
    epoch: int
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    _roles: set[Role] | None = field(default=None, init=False, repr=False, compare=False)

    def get_id(self) -> str:
        return f"{self.kind}:{self.id}:{self.epoch}"

    # No cached_property: before Python 3.12 it lets one thread at a time read, of whatever person.
    @property
    def roles(self) -> set[Role]:
        """Every role held anywhere; none for residents. Read when it is first asked for."""
        if self._roles is None:
            self._roles = self._read_roles()
        return self._roles

    def _read_roles(self) -> set[Role]:
        if self.kind != "staff":
            return set()
        row = db.session.get_one(Staff, self.id)
        roles = {Role(grant.role) for grant in row.grants}
        for source in role_sources:
            roles |= source(db.session(), self.id)
        return roles


def person() -> Person | None:
    """Whoever is signed in, or whose token this is."""
    if "bearer" in g:
        return cast("Person | None", g.bearer)
    return (
        None if isinstance(current_user._get_current_object(), AnonymousUserMixin) else current_user
    )


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(reference: str) -> Person | None:
    kind, number, epoch = reference.split(":")
    found = staff_person(int(number)) if kind == "staff" else resident_person(int(number))
    return found if found is not None and found.epoch == int(epoch) else None


def staff_person(staff_id: int) -> Person | None:
    """The member of staff as a person."""
    row = db.session.get(Staff, staff_id)
    return Person("staff", row.id, row.name, row.epoch) if row is not None and row.active else None


def resident_person(resident_id: int) -> Person | None:
    """The resident as a person."""
    row = db.session.get(Resident, resident_id)
    return None if row is None else Person("resident", row.id, row.name, row.epoch)


def bearer(secret: str, now: datetime) -> Person | None:
    """Whose token this is, if it is in force."""
    holder = tokens.holder(db.session(), secret, now)
    return None if holder is None else Person(*holder)


def welcome(who: Person) -> None:
    """Sign *who* in, in a session that holds nothing of anybody before."""
    session.clear()
    session.permanent = True
    login_user(who)


def landing(who: Person) -> str:
    """The first page for *who*."""
    for chooses in landings:
        if address := chooses(who):
            return address
    return "/"


def me() -> Resident:
    """The signed-in resident. Only behind :func:`residents_only`."""
    who = person()
    row = db.session.get(Resident, who.id) if who and who.kind == "resident" else None
    if row is None:
        raise NotAllowed
    return row
