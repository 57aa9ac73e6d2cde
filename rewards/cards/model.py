"""Service cards: opaque, revocable tokens that find a wallet."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.act import Act
from rewards.cards.codes import read_code
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.referring import kept
from rewards.residents import Resident


class CardStatus(StrEnum):
    """Where a card is in its life. Expiry is by date and needs no job."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"


@kept
class Card(Base):
    """A printed or shown card. ``code`` is all that the QR holds, and says nothing of anybody.

    A resident has at most one active card. ``activated_at`` is when the PIN was set with it;
    each ``activation_round`` has an activation code of its own, so that a used slip is waste
    paper.
    """

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'blocked', 'replaced')", name="status_known"),
        Index(
            "uq_card_active",
            "resident_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), default=CardStatus.ACTIVE.value)
    issued_at: Mapped[datetime]
    expires_on: Mapped[date | None] = mapped_column(Date)
    printed_at: Mapped[datetime | None]
    activation_round: Mapped[int] = mapped_column(default=1)
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(200), default="")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))

    resident: Mapped[Resident] = relationship()

    def expired(self, today: date) -> bool:
        """Whether the card's date is past."""
        return self.expires_on is not None and self.expires_on < today


class UnknownCard(Refused):
    """The code is well formed but names no card of this programme."""

    code = "unknown_card"
    status = 404
    message = N_("This card isn't known here. It may belong to another programme.")


class BlockedCard(Refused):
    """The card was blocked, as lost or by the office."""

    code = "blocked_card"
    message = N_("This card is blocked. The resident can ask the community office.")


class ReplacedCard(Refused):
    """A newer card took this one's place."""

    code = "replaced_card"
    message = N_("This card was replaced by a newer one. Ask for the newer card.")


class ExpiredCard(Refused):
    """The card is past its date."""

    code = "expired_card"
    message = N_("This card has expired. The community office can issue a new one.")


def find(act: Act, scanned: str) -> Card:
    """The card that was scanned or typed, usable or not, of any programme.

    Raises:
        NotACard, UnknownCard: it is no card, or none of ours.
    """
    card = act.session.scalar(select(Card).where(Card.code == read_code(scanned)))
    if card is None:
        raise UnknownCard
    return card


def identify(act: Act, scanned: str, programme_id: int, today: date) -> Card:
    """The usable card that was scanned or typed.

    Raises:
        NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard: why it isn't usable.
    """
    card = find(act, scanned)
    if card.resident.community.programme_id != programme_id:
        raise UnknownCard
    check_usable(card, today)
    return card


class Usable(Protocol):
    """What is asked of a card before it is used."""

    @property
    def status(self) -> str: ...

    def expired(self, today: date) -> bool: ...


def check_usable(card: Usable, today: date) -> None:
    """Refuse a card that is blocked, replaced or past its date."""
    if card.status == CardStatus.BLOCKED:
        raise BlockedCard
    if card.status == CardStatus.REPLACED:
        raise ReplacedCard
    if card.expired(today):
        raise ExpiredCard


def load(act: Act, card_id: int, community_id: int) -> Card:
    """The card of that id, if its resident belongs to the community.

    Raises:
        NotFound: there is none, or none here.
    """
    card = act.session.get(Card, card_id)
    if card is None or card.resident.community_id != community_id:
        raise NotFound
    return card


def active_card(act: Act, resident_id: int) -> Card | None:
    """The resident's active card."""
    return act.session.scalar(
        select(Card).where(Card.resident_id == resident_id, Card.status == CardStatus.ACTIVE.value)
    )
