"""Staff: who works for a programme or a community, and what each may do there."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit
from rewards.act import Act
from rewards.communities import Community
from rewards.credentials import hash_secret, try_secret
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.referring import kept


class Role(StrEnum):
    """What somebody may do. A merchant's roles are granted in ``merchants.partners``."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    OWNER = "owner"
    CASHIER = "cashier"


@kept
class Staff(Base):
    """Somebody who signs in with a user name and a password.

    ``epoch`` is part of every session of theirs: raising it signs them out everywhere.
    """

    __tablename__ = "staff"
    __table_args__ = (Index("uq_staff_username", func.lower(text("username")), unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=1)
    wrong_tries: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]

    grants: Mapped[list["Grant"]] = relationship(
        back_populates="staff", cascade="all, delete-orphan"
    )


class Grant(Base):
    """A role within one programme or one community."""

    __tablename__ = "grant"
    __table_args__ = (
        CheckConstraint("(programme_id IS NULL) <> (community_id IS NULL)", name="one_scope"),
        CheckConstraint("role IN ('administrator', 'organiser')", name="role_known"),
        UniqueConstraint("staff_id", "role", "programme_id"),
        UniqueConstraint("staff_id", "role", "community_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))

    staff: Mapped[Staff] = relationship(back_populates="grants")


class UsernameTaken(Refused):
    """Another member of staff has this user name."""

    code = "username_taken"
    message = N_("This user name is taken. Choose another.")


def find(act: Act, username: str) -> Staff | None:
    """The member of staff of that user name, in any case of letters."""
    return act.session.scalar(select(Staff).where(func.lower(Staff.username) == username.lower()))


def register(
    act: Act,
    *,
    username: str,
    name: str,
    password: str,
    programme_id: int | None = None,
    community_id: int | None = None,
) -> Staff:
    """Add somebody who can sign in; what they may do is granted apart.

    The programme or the community is where the audit log shows it.

    Raises:
        UsernameTaken: nothing was written.
    """
    if find(act, username) is not None:
        raise UsernameTaken
    staff = Staff(username=username, name=name, password_hash=hash_secret(password))
    act.session.add(staff)
    act.session.flush()
    audit.record(
        act,
        "staff.register",
        f"staff:{staff.id}",
        programme_id=programme_id,
        community_id=community_id,
        username=username,
    )
    return staff


def grant(
    act: Act,
    staff: Staff,
    role: Role,
    *,
    programme_id: int | None = None,
    community_id: int | None = None,
) -> Grant:
    """Give *role* within one programme or one community."""
    given = Grant(role=role.value, programme_id=programme_id, community_id=community_id)
    staff.grants.append(given)
    act.session.flush()
    audit.record(
        act,
        "staff.grant",
        f"staff:{staff.id}",
        community_id=community_id,
        programme_id=programme_id,
        role=role.value,
    )
    return given


def sign_in(act: Act, username: str, password: str) -> tuple[Staff | None, Refused | None]:
    """The member of staff, if the password is right; else why not. Commit either way."""
    staff = act.session.scalar(
        select(Staff)
        .where(func.lower(Staff.username) == username.lower(), Staff.active)
        .with_for_update()
    )
    refusal = try_secret(staff, staff.password_hash if staff else None, password, act.now)
    return (None, refusal) if refusal else (staff, None)


def roles_in(staff: Staff, community: Community) -> set[Role]:
    """What *staff* may do in *community*, by grants there or on its whole programme."""
    return {
        Role(g.role)
        for g in staff.grants
        if g.community_id == community.id or g.programme_id == community.programme_id
    }


def communities_of(act: Act, staff: Staff) -> list[Community]:
    """The communities in which *staff* has a role, by name."""
    programmes = [g.programme_id for g in staff.grants if g.programme_id]
    communities = [g.community_id for g in staff.grants if g.community_id]
    return list(
        act.session.scalars(
            select(Community)
            .where(Community.programme_id.in_(programmes) | Community.id.in_(communities))
            .order_by(Community.id)
        )
    )


def load(act: Act, staff_id: int) -> Staff:
    """The member of staff of that id."""
    staff = act.session.get(Staff, staff_id)
    if staff is None:
        raise NotFound
    return staff


def names(act: Act, references: Iterable[str]) -> dict[str, str]:
    """The names of those whom records mean by ``staff:7``; whoever isn't staff is left out."""
    ids = {int(r.removeprefix("staff:")) for r in references if r.startswith("staff:")}
    rows = act.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {f"staff:{staff_id}": name for staff_id, name in rows}


def change_password(act: Act, staff: Staff, current: str, new: str) -> Refused | None:
    """Set one's own password and end every other session; else why not. Commit either way."""
    act.session.refresh(staff, with_for_update=True)
    refusal = try_secret(staff, staff.password_hash, current, act.now)
    if refusal is None:
        set_password(act, staff, new)
    return refusal


def set_password(act: Act, staff: Staff, password: str) -> None:
    """Put *password* in force, end the wait after wrong tries, and every session."""
    staff.password_hash = hash_secret(password)
    staff.wrong_tries, staff.wait_until = 0, None
    staff.epoch += 1
    act.session.flush()
    audit.record(act, "staff.password", f"staff:{staff.id}", **scope_of(staff))


def scope_of(staff: Staff) -> dict[str, int | None]:
    """Where the audit log shows what concerns *staff* as a person: at the first of the grants."""
    for given in staff.grants:
        return {"programme_id": given.programme_id, "community_id": given.community_id}
    return {}
