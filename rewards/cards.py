"""Service cards: opaque, revocable tokens that find a wallet."""

import re
import secrets
import unicodedata
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit
from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import N_, Refused
from rewards.residents import Resident

# No I, L, O, U or Z to be misread; 31 is prime, so the check character below misses nothing.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"


class CardStatus(StrEnum):
    """Where a card is in its life. Expiry is by date and needs no job."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"


class Card(Base):
    """A printed or shown card. ``code`` is all that the QR holds, and says nothing of anybody.

    A resident has at most one active card. ``activated_at`` is when the PIN was set with it.
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
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(200), default="")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))

    resident: Mapped[Resident] = relationship()


def new_code() -> str:
    """Fifteen random characters, 74 bits, and a check character, of :data:`ALPHABET`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(15))
    return body + check_character(body)


def check_character(body: str) -> str:
    """A weighted sum modulo 31 that finds any one wrong character and any swap of neighbours."""
    total = sum(weight * ALPHABET.index(c) for weight, c in enumerate(body, start=2))
    return ALPHABET[total % 31]


class NotACard(Refused):
    """What was scanned or typed isn't a service card's code."""

    code = "not_a_card"
    status = 422
    message = N_("This isn't a service card. Scan the card's QR code or type its 16 characters.")


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


def read_code(scanned: str) -> str:
    """The card's code in what a camera, a hand scanner or a person typed.

    Takes the address in the QR code, or the sixteen characters with or without blanks and
    hyphens, in full width too; letters that the alphabet leaves out are read as the digits
    that they resemble.

    Raises:
        NotACard: it is something else, or a character is wrong.
    """
    typed = unicodedata.normalize("NFKC", scanned).strip().upper()
    if "://" in typed:
        found = re.fullmatch(r"HTTPS?://[^/\s]+/C/([0-9A-Z]{16})/?", typed)
        if found is None:
            raise NotACard
        typed = found[1]
    code = re.sub(r"[\s\-·]", "", typed).translate(str.maketrans("OILUZ", "011V2"))
    if (
        len(code) != 16
        or any(c not in ALPHABET for c in code)
        or check_character(code[:15]) != code[15]
    ):
        raise NotACard
    return code


def identify(act: Act, scanned: str, programme_id: int, today: date) -> Card:
    """The usable card that was scanned or typed.

    Raises:
        NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard: why it isn't usable.
    """
    card = act.session.scalar(select(Card).where(Card.code == read_code(scanned)))
    if card is None or card.resident.community.programme_id != programme_id:
        raise UnknownCard
    check_usable(card, today)
    return card


def check_usable(card: Card, today: date) -> None:
    """Refuse a card that is blocked, replaced or past its date."""
    if card.status == CardStatus.BLOCKED:
        raise BlockedCard
    if card.status == CardStatus.REPLACED:
        raise ReplacedCard
    if card.expires_on is not None and card.expires_on < today:
        raise ExpiredCard


class HasCard(Refused):
    """The resident has an active card; a second comes only by replacing it."""

    code = "has_card"
    message = N_("This resident has an active card. Replace it if it is lost or worn.")


def issue(act: Act, resident: Resident, *, expires_on: date | None = None) -> Card:
    """Issue a first card to *resident*.

    Raises:
        HasCard: there is an active one.
    """
    if active_card(act, resident.id) is not None:
        raise HasCard
    card = Card(
        code=new_code(),
        resident_id=resident.id,
        status=CardStatus.ACTIVE.value,
        issued_at=act.now,
        expires_on=expires_on,
    )
    act.session.add(card)
    act.session.flush()
    audit.record(act, "card.issue", f"card:{card.id}", community_id=resident.community_id)
    return card


def active_card(act: Act, resident_id: int) -> Card | None:
    """The resident's active card."""
    return act.session.scalar(
        select(Card).where(Card.resident_id == resident_id, Card.status == CardStatus.ACTIVE.value)
    )
