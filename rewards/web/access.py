"""Who is asking, and whether this blueprint is for them. Closed by default.

Every blueprint is given exactly one guard here; ``GUARDS`` names it, and a test compares
the routes with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, abort, g, request, session
from flask.typing import ResponseReturnValue

from rewards import staff as staffing
from rewards.communities import Community
from rewards.errors import NotAllowed
from rewards.staff import Role, Staff
from rewards.web.edge import act
from rewards.web.principal import (
    Person,
    bearer,
    landing,
    landings,
    login_manager,
    me,
    person,
    resident_person,
    role_sources,
    staff_person,
    welcome,
)

__all__ = [
    "GUARDS",
    "Office",
    "Person",
    "bearer_secret",
    "landing",
    "landings",
    "login_manager",
    "me",
    "office",
    "office_only",
    "only",
    "person",
    "public",
    "resident_person",
    "residents_only",
    "role_sources",
    "staff_only",
    "staff_person",
    "token_door",
    "token_only",
    "token_shown",
    "welcome",
]

B = TypeVar("B", bound=Blueprint)

# Blueprint name to the guard's name, filled by the functions below.
GUARDS: dict[str, str] = {}


def _guard(blueprint: B, name: str, check: Callable[[], ResponseReturnValue | None]) -> B:
    GUARDS[blueprint.name] = name
    blueprint.before_request(check)
    return blueprint


def public(blueprint: Blueprint) -> Blueprint:
    """Open *blueprint* to anyone, deliberately."""
    return _guard(blueprint, "public", lambda: None)


def residents_only(blueprint: Blueprint) -> Blueprint:
    """Close *blueprint* to all but signed-in residents."""

    def check() -> ResponseReturnValue | None:
        who = person()
        if who is None:
            abort(401)
        if who.kind != "resident":
            raise NotAllowed
        return None

    return _guard(blueprint, "resident", check)


def staff_only(blueprint: Blueprint, *roles: Role) -> Blueprint:
    """Close *blueprint* to all but staff with one of *roles* somewhere."""

    def check() -> ResponseReturnValue | None:
        who = person()
        if who is None:
            abort(401)
        if who.kind != "staff" or not who.roles & set(roles):
            raise NotAllowed
        return None

    return _guard(blueprint, "+".join(sorted(roles)), check)


def office_only(blueprint: Blueprint, *roles: Role) -> Blueprint:
    """Close *blueprint* to all but those with one of *roles* in the community at hand."""
    wanted = set(roles) or {Role.ORGANISER, Role.ADMINISTRATOR}

    def check() -> ResponseReturnValue | None:
        who = person()
        if who is None:
            abort(401)
        if who.kind != "staff" or not office().roles & wanted:
            raise NotAllowed
        return None

    return _guard(blueprint, "office:" + "+".join(sorted(wanted)), check)


def token_only(blueprint: B, kind: str | None = None) -> B:
    """Close *blueprint* to all but holders of a token, of *kind* (``staff``, ``resident``).

    A cookie counts for nothing here, so no other site's form can act by one.
    """

    def check() -> ResponseReturnValue | None:
        g.bearer = _bearer()
        if g.bearer is None:
            abort(401)
        if kind is not None and g.bearer.kind != kind:
            raise NotAllowed
        return None

    return _guard(blueprint, f"token:{kind or 'any'}", check)


def token_shown(blueprint: B) -> B:
    """Close *blueprint* to all who show no token; its views ask whether it is in force.

    For the one path where that question travels with the act itself.
    """

    def check() -> ResponseReturnValue | None:
        g.bearer = None
        if bearer_secret() is None:
            abort(401)
        return None

    return _guard(blueprint, "token:shown", check)


def token_door(blueprint: B) -> B:
    """Open *blueprint* to programs that have no token yet; a cookie counts for nothing here."""

    def check() -> ResponseReturnValue | None:
        g.bearer = None
        return None

    return _guard(blueprint, "public", check)


def bearer_secret() -> str | None:
    """The token that the request shows."""
    given = request.authorization
    return given.token if given is not None and given.type == "bearer" else None


def _bearer() -> Person | None:
    """Whose token the request shows, if it is in force."""
    g.bearer = None
    secret = bearer_secret()
    return bearer(secret, act().now) if secret else None


@dataclass(frozen=True)
class Office:
    """The community that a member of staff is working in, and what they may do there."""

    staff: Staff
    community: Community
    communities: list[Community]
    roles: set[Role]

    @property
    def community_id(self) -> int:
        return self.community.id

    @property
    def whole_programme(self) -> bool:
        """Whether they administer not only this community but its programme."""
        return any(
            g.role == Role.ADMINISTRATOR and g.programme_id == self.community.programme_id
            for g in self.staff.grants
        )


def office() -> Office:
    """The community at hand: the one chosen in this session, else the first.

    Raises:
        NotAllowed: whoever is signed in has no office anywhere.
    """
    if "office" not in g:
        g.office = _find_office()
    found: Office = g.office
    return found


def _find_office() -> Office:
    who = person()
    if who is None or who.kind != "staff":
        raise NotAllowed
    member = staffing.load(act(), who.id)
    communities = staffing.communities_of(act(), member)
    if not communities:
        raise NotAllowed
    chosen = session.get("community_id")
    community = next((c for c in communities if c.id == chosen), communities[0])
    return Office(member, community, communities, staffing.roles_in(member, community))


def only(*roles: Role) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Narrow one view of an office blueprint to some of its roles."""

    def narrow(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def narrowed(*args: Any, **kwargs: Any) -> Any:
            if not office().roles & set(roles):
                raise NotAllowed
            return view(*args, **kwargs)

        return narrowed

    return narrow
