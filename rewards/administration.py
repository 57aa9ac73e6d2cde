"""What an administrator does about other staff, and how far that reaches."""

import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from rewards import audit, staff
from rewards.act import Act
from rewards.communities import Community, Programme
from rewards.errors import N_, NotAllowed, NotFound, Refused
from rewards.staff import Grant, Role, Staff

# Small letters and digits that can't be taken for one another, as they are read out and typed.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class OutOfReach(Refused):
    """The person also works where the one who acts is no administrator."""

    code = "out_of_reach"
    status = 403
    message = N_(
        "This person also works where you are no administrator. "
        "An administrator of the whole programme can do this."
    )


class LastAdministrator(Refused):
    """The programme would be left without anybody who can administer it."""

    code = "last_administrator"
    message = N_(
        "This is the programme's only administrator. Make somebody else administrator first."
    )


class OwnAccount(Refused):
    """Nobody deactivates or resets themselves, or they would lock themselves out by mistake."""

    code = "own_account"
    message = N_("This can't be done to your own account. Ask another administrator.")


class RoleHeld(Refused):
    """The person has this role here already."""

    code = "role_held"
    message = N_("%(name)s has this role here already.")


class NobodyByThatName(Refused):
    """No member of staff has this user name."""

    code = "unknown_staff"
    status = 404
    message = N_("Nobody signs in by this user name. Check it, or add them as a new person.")


@dataclass(frozen=True)
class Administrator:
    """Somebody on the staff, and where they may grant and take away.

    ``communities`` holds only those granted one by one; ``programmes`` stand for all of theirs.
    """

    staff: Staff
    programmes: frozenset[int]
    communities: frozenset[int]

    def covers(self, community: Community) -> bool:
        """Whether roles in *community* are theirs to give."""
        return community.programme_id in self.programmes or community.id in self.communities


def as_administrator(member: Staff) -> Administrator:
    """What *member* administers; nothing, if no grant says so."""
    mine = [g for g in member.grants if g.role == Role.ADMINISTRATOR]
    return Administrator(
        member,
        frozenset(g.programme_id for g in mine if g.programme_id is not None),
        frozenset(g.community_id for g in mine if g.community_id is not None),
    )


def staff_of(act: Act, community: Community, search: str = "") -> list[Staff]:
    """Who has a role in *community* or in its whole programme, by name."""
    rows = select(Staff).where(Staff.grants.any(_in_scope(community)))
    if search:
        rows = rows.where(
            or_(
                Staff.name.contains(search, autoescape=True),
                func.lower(Staff.username).contains(search.lower(), autoescape=True),
            )
        )
    return list(act.session.scalars(rows.order_by(Staff.name, Staff.id)))


def load(act: Act, staff_id: int, community: Community) -> Staff:
    """The member of staff of that id, if they have a role in *community* or its programme."""
    row = act.session.scalar(
        select(Staff).where(Staff.id == staff_id, Staff.grants.any(_in_scope(community)))
    )
    if row is None:
        raise NotFound
    return row


def new_password() -> str:
    """Four groups of four letters and digits: 79 bits, and easy to copy by hand."""
    letters = [secrets.choice(_LETTERS) for _ in range(16)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, 16, 4))


def add(
    act: Act,
    by: Administrator,
    community: Community,
    role: Role,
    *,
    username: str,
    name: str,
    password: str,
    whole_programme: bool = False,
) -> Staff:
    """Add somebody with a first role, in *community* or in its whole programme.

    Raises:
        NotAllowed, staff.UsernameTaken: nothing was written.
    """
    scope = _scope(by, community, whole_programme)
    member = staff.register(act, username=username, name=name, password=password, **scope)
    staff.grant(act, member, role, **scope)
    return member


def give(
    act: Act,
    by: Administrator,
    member: Staff,
    role: Role,
    community: Community,
    *,
    whole_programme: bool = False,
) -> Grant:
    """Give *member* a further role, in *community* or in its whole programme.

    Raises:
        NotAllowed, RoleHeld: nothing was written.
    """
    scope = _scope(by, community, whole_programme)
    act.session.refresh(member, with_for_update=True)
    for held in member.grants:
        if held.role == role and (held.programme_id, held.community_id) == (
            scope["programme_id"],
            scope["community_id"],
        ):
            raise RoleHeld(name=member.name)
    return staff.grant(act, member, role, **scope)


def give_by_username(
    act: Act,
    by: Administrator,
    username: str,
    role: Role,
    community: Community,
    *,
    whole_programme: bool = False,
) -> Staff:
    """Give a role to somebody who signs in already, wherever they work.

    Raises:
        NobodyByThatName, NotAllowed, RoleHeld: nothing was written.
    """
    member = staff.find(act, username)
    if member is None:
        raise NobodyByThatName
    give(act, by, member, role, community, whole_programme=whole_programme)
    return member


def take(act: Act, by: Administrator, member: Staff, grant_id: int) -> None:
    """Take a role away from *member*.

    Raises:
        NotFound, NotAllowed, LastAdministrator: nothing was written.
    """
    held = next((g for g in member.grants if g.id == grant_id), None)
    if held is None:
        raise NotFound
    if not _covers_grant(act, by, held):
        raise NotAllowed
    if held.programme_id is not None and held.role == Role.ADMINISTRATOR:
        _leave_an_administrator(act, held.programme_id, member)
    audit.record(
        act,
        "staff.ungrant",
        f"staff:{member.id}",
        programme_id=held.programme_id,
        community_id=held.community_id,
        role=held.role,
    )
    member.grants.remove(held)
    act.session.flush()


def deactivate(act: Act, by: Administrator, member: Staff, *, shop_roles: bool = False) -> None:
    """Close *member*'s account and end every session; roles stay for when it is opened again.

    Raises:
        OwnAccount, OutOfReach, LastAdministrator: nothing was written.
    """
    _check_reach(act, by, member, shop_roles)
    for held in member.grants:
        if held.programme_id is not None and held.role == Role.ADMINISTRATOR:
            _leave_an_administrator(act, held.programme_id, member)
    member.active = False
    member.epoch += 1
    act.session.flush()
    audit.record(act, "staff.deactivate", f"staff:{member.id}", **staff.scope_of(member))


def reactivate(act: Act, by: Administrator, member: Staff, *, shop_roles: bool = False) -> None:
    """Open *member*'s account again.

    Raises:
        OwnAccount, OutOfReach: nothing was written.
    """
    _check_reach(act, by, member, shop_roles)
    member.active = True
    act.session.flush()
    audit.record(act, "staff.reactivate", f"staff:{member.id}", **staff.scope_of(member))


def reset_password(
    act: Act, by: Administrator, member: Staff, password: str, *, shop_roles: bool = False
) -> None:
    """Give *member* another password, which ends every session of theirs.

    Raises:
        OwnAccount, OutOfReach: nothing was written.
    """
    _check_reach(act, by, member, shop_roles)
    staff.set_password(act, member, password)


def _in_scope(community: Community) -> ColumnElement[bool]:
    return (Grant.community_id == community.id) | (Grant.programme_id == community.programme_id)


def _scope(by: Administrator, community: Community, whole_programme: bool) -> dict[str, int | None]:
    """The scope of a grant to be made, if it is *by*'s to make."""
    if whole_programme and community.programme_id not in by.programmes:
        raise NotAllowed
    if not by.covers(community):
        raise NotAllowed
    if whole_programme:
        return {"programme_id": community.programme_id, "community_id": None}
    return {"programme_id": None, "community_id": community.id}


def _covers_grant(act: Act, by: Administrator, held: Grant) -> bool:
    if held.community_id is None:
        return held.programme_id in by.programmes
    community = act.session.get_one(Community, held.community_id)
    return by.covers(community)


def _check_reach(act: Act, by: Administrator, member: Staff, shop_roles: bool) -> None:
    """Refuse what would reach beyond *by*: whoever sets a password could act by all its roles.

    Roles at shops are the programme's to look after.
    """
    if member.id == by.staff.id:
        raise OwnAccount
    if shop_roles and not by.programmes:
        raise OutOfReach
    if not all(_covers_grant(act, by, held) for held in member.grants):
        raise OutOfReach


def _leave_an_administrator(act: Act, programme_id: int, without: Staff) -> None:
    """Refuse to go on if *without* is the last; the lock makes two who leave come one by one."""
    act.session.get_one(Programme, programme_id, with_for_update=True)
    others = act.session.scalar(
        select(func.count())
        .select_from(Grant)
        .join(Grant.staff)
        .where(
            Grant.programme_id == programme_id,
            Grant.role == Role.ADMINISTRATOR.value,
            Staff.active,
            Staff.id != without.id,
        )
    )
    if not others:
        raise LastAdministrator
