"""Offers: what a shop gives for a fixed number of points."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from merchants.partners import Merchant
from rewards import audit
from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.referring import kept


@kept
class Offer(Base):
    """Something at a fixed price. A redemption keeps the title and price of its own day."""

    __tablename__ = "offer"
    __table_args__ = (CheckConstraint("points > 0", name="points_positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    points: Mapped[int] = mapped_column(BigId)
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]

    merchant: Mapped[Merchant] = relationship()


class WithdrawnOffer(Refused):
    """The offer isn't made any more."""

    code = "offer_withdrawn"
    message = N_("“%(title)s” is not offered any more. Choose another offer.")


def add(act: Act, merchant: Merchant, *, title: str, points: int) -> Offer:
    """Add an offer to a shop."""
    offer = Offer(merchant=merchant, title=title, points=points, added_at=act.now)
    act.session.add(offer)
    act.session.flush()
    _note(act, offer, "offer.add", points=points)
    return offer


def edit(act: Act, offer: Offer, *, title: str, points: int) -> None:
    """Change an offer's title or price; what was redeemed before keeps its own."""
    old_points = offer.points
    offer.title, offer.points = title, points
    act.session.flush()
    _note(act, offer, "offer.edit", points=points, old_points=old_points)


def withdraw(act: Act, offer: Offer) -> None:
    """Stop making the offer."""
    _set_active(act, offer, False)


def bring_back(act: Act, offer: Offer) -> None:
    """Make a withdrawn offer again."""
    _set_active(act, offer, True)


def _set_active(act: Act, offer: Offer, active: bool) -> None:
    offer.active = active
    act.session.flush()
    _note(act, offer, "offer.bring_back" if active else "offer.withdraw")


def _note(act: Act, offer: Offer, action: str, **detail: int) -> None:
    audit.record(
        act,
        action,
        f"merchant:{offer.merchant_id}",
        programme_id=offer.merchant.programme_id,
        title=offer.title,
        **detail,
    )


def load(act: Act, offer_id: int, merchant: Merchant) -> Offer:
    """The shop's offer of that id.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    offer = act.session.get(Offer, offer_id)
    if offer is None or offer.merchant_id != merchant.id:
        raise NotFound
    return offer


def of(act: Act, merchant: Merchant, *, withdrawn: bool = False) -> list[Offer]:
    """The shop's offers, the cheapest first; those *withdrawn* too, if asked for, at the end."""
    query = select(Offer).where(Offer.merchant_id == merchant.id)
    if not withdrawn:
        query = query.where(Offer.active)
    return list(act.session.scalars(query.order_by(Offer.active.desc(), Offer.points, Offer.id)))
