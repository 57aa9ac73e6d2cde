"""The people of a shop: its owners and its cashiers, and where each of them works."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from merchants.partners import Merchant
from rewards import administration, audit, staff
from rewards.act import Act
from rewards.administration import Administrator, NobodyByThatName, OutOfReach
from rewards.db import Base, BigId
from rewards.errors import N_, NotAllowed, NotFound, Refused
from rewards.staff import Role, Staff


class MerchantStaff(Base):
    """Somebody's place at one shop; one person may work at several."""

    __tablename__ = "merchant_staff"
    __table_args__ = (
        UniqueConstraint("staff_id", "merchant_id"),
        CheckConstraint("role IN ('cashier', 'owner')", name="role_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))

    staff: Mapped[Staff] = relationship()
    merchant: Mapped[Merchant] = relationship()


class WorksThere(Refused):
    """The person has a place at this shop already."""

    code = "works_there"
    message = N_("%(name)s works at this shop already. Remove them first to change the role.")


def hire(
    act: Act, merchant: Merchant, *, username: str, name: str, password: str, role: Role
) -> MerchantStaff:
    """Add somebody new who can sign in at the shop's till.

    Raises:
        UsernameTaken: nothing was written.
    """
    member = staff.register(
        act,
        username=username,
        name=name,
        password=password,
        programme_id=merchant.programme_id,
    )
    return engage(act, merchant, member, role)


def engage(act: Act, merchant: Merchant, member: Staff, role: Role) -> MerchantStaff:
    """Give somebody who can sign in already a place at the shop.

    Raises:
        WorksThere: they have one.
    """
    if _place(act, merchant, member.id) is not None:
        raise WorksThere(name=member.name)
    place = MerchantStaff(staff=member, merchant=merchant, role=role.value)
    act.session.add(place)
    act.session.flush()
    _note(act, merchant, "merchant.engage", staff=member.id, role=role.value)
    return place


def engage_by_username(act: Act, merchant: Merchant, username: str, role: Role) -> MerchantStaff:
    """As :func:`engage`, for whoever signs in as *username*.

    Raises:
        NobodyByThatName, WorksThere: nothing was written.
    """
    member = staff.find(act, username)
    if member is None:
        raise NobodyByThatName
    return engage(act, merchant, member, role)


def dismiss(act: Act, merchant: Merchant, staff_id: int) -> None:
    """Take away somebody's place at the shop, from their next request on.

    Raises:
        NotFound: they have none.
    """
    act.session.delete(load(act, merchant, staff_id))
    act.session.flush()
    _note(act, merchant, "merchant.dismiss", staff=staff_id)


def reset_password(
    act: Act, by: Administrator, merchant: Merchant, staff_id: int, password: str
) -> Staff:
    """Give somebody at the shop another password, which ends every session of theirs.

    Raises:
        NotFound, OwnAccount: nothing was written.
        OutOfReach: they also work where *by* is no administrator.
    """
    member = load(act, merchant, staff_id).staff
    elsewhere = {place.merchant.programme_id for place in places_of(act, staff_id)}
    if not elsewhere <= by.programmes:
        raise OutOfReach
    administration.reset_password(act, by, member, password, shop_roles=True)
    return member


def load(act: Act, merchant: Merchant, staff_id: int) -> MerchantStaff:
    """Somebody's place at the shop.

    Raises:
        NotFound: they have none.
    """
    place = _place(act, merchant, staff_id)
    if place is None:
        raise NotFound
    return place


def of(act: Act, merchant: Merchant) -> list[MerchantStaff]:
    """Everybody with a place at the shop, owners first."""
    return list(
        act.session.scalars(
            select(MerchantStaff)
            .where(MerchantStaff.merchant_id == merchant.id)
            .options(joinedload(MerchantStaff.staff))
            .order_by(MerchantStaff.role.desc(), MerchantStaff.id)
        )
    )


def places_of(act: Act, staff_id: int) -> list[MerchantStaff]:
    """The shops where somebody works."""
    return list(
        act.session.scalars(
            select(MerchantStaff)
            .where(MerchantStaff.staff_id == staff_id)
            .options(joinedload(MerchantStaff.merchant))
            .order_by(MerchantStaff.merchant_id)
        )
    )


def roles_of(session: Session, staff_id: int) -> set[Role]:
    """The roles that somebody holds at any shop."""
    held = select(MerchantStaff.role).where(MerchantStaff.staff_id == staff_id).distinct()
    return {Role(role) for role in session.scalars(held)}


def at_till(act: Act, merchant: Merchant) -> int:
    """The staff id of whoever acts, who must work at the shop: every redemption has a cashier.

    Raises:
        NotAllowed: they don't.
    """
    actor = act.actor
    if actor.kind != "staff" or actor.id is None or _place(act, merchant, actor.id) is None:
        raise NotAllowed
    return actor.id


def _place(act: Act, merchant: Merchant, staff_id: int) -> MerchantStaff | None:
    return act.session.scalar(
        select(MerchantStaff).where(
            MerchantStaff.staff_id == staff_id, MerchantStaff.merchant_id == merchant.id
        )
    )


def _note(act: Act, merchant: Merchant, action: str, **detail: Any) -> None:
    audit.record(
        act, action, f"merchant:{merchant.id}", programme_id=merchant.programme_id, **detail
    )
