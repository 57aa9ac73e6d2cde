"""Redemptions: what was taken at a shop, by whom, and the number on its receipt."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from merchants.partners import Merchant
from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.referring import reference, referring
from rewards.residents import Resident
from rewards.staff import Staff


@referring(
    merchant_id="merchant",
    resident_id="resident",
    card_id="card",
    offer_id="offer",
    cashier_id="staff",
)
class Redemption(Base):
    """Points taken at a shop, once. A void fills its last four columns; nothing else changes.

    ``business_day`` is the day in the programme's zone. ``offer_title`` is the offer's at that
    moment, empty where points or a bill (``bill_fen``) were typed. ``balance_after`` is what
    the resident could spend when it was done, as the receipt says.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("bill_fen IS NULL OR bill_fen > 0", name="bill_positive"),
        CheckConstraint("balance_after >= 0", name="balance_not_negative"),
        CheckConstraint("(void_transfer_id IS NULL) = (voided_at IS NULL)", name="void_whole"),
        CheckConstraint("(voided_by_id IS NULL) = (voided_at IS NULL)", name="void_by_somebody"),
        reference("merchant_id", "merchant"),
        reference("resident_id", "resident"),
        reference("card_id", "card"),
        reference("offer_id", "offer"),
        reference("cashier_id", "staff"),
        # No row is left out. But PostgreSQL can look up by it only what asks for days, and not
        # what a card paid just now, for which it would take either while there are few.
        Index(
            None, "merchant_id", "business_day", postgresql_where=text("business_day IS NOT NULL")
        ),
        Index(None, "merchant_id", "resident_id", "redeemed_at"),
        # Few redemptions are voided: the others needn't be kept by it.
        Index(
            "uq_redemption_void_transfer_id",
            "void_transfer_id",
            unique=True,
            sqlite_where=text("void_transfer_id IS NOT NULL"),
            postgresql_where=text("void_transfer_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merchant_id: Mapped[int] = mapped_column(BigId)
    resident_id: Mapped[int] = mapped_column(BigId)
    card_id: Mapped[int] = mapped_column(BigId)
    offer_id: Mapped[int | None] = mapped_column(BigId)
    offer_title: Mapped[str] = mapped_column(String(60), default="")
    points: Mapped[int] = mapped_column(BigId)
    bill_fen: Mapped[int | None] = mapped_column(BigId)
    balance_after: Mapped[int] = mapped_column(BigId)
    transfer_id: Mapped[int] = mapped_column(BigId, unique=True)
    receipt_number: Mapped[str] = mapped_column(String(30), unique=True)
    cashier_id: Mapped[int] = mapped_column(BigId)
    redeemed_at: Mapped[datetime]
    business_day: Mapped[date] = mapped_column(Date)
    void_transfer_id: Mapped[int | None] = mapped_column(BigId)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    void_reason: Mapped[str] = mapped_column(String(200), default="")

    merchant: Mapped[Merchant] = relationship()
    resident: Mapped[Resident] = relationship()
    cashier: Mapped[Staff] = relationship(foreign_keys=[cashier_id])
    voided_by: Mapped[Staff | None] = relationship(foreign_keys=[voided_by_id])

    @property
    def voided(self) -> bool:
        return self.void_transfer_id is not None

    @property
    def balance_before(self) -> int:
        return self.balance_after + self.points

    def receipt(self) -> dict[str, Any]:
        """What the receipt says, as JSON values."""
        return receipt_of(self, self.resident.masked_name)


class Receipted(Protocol):
    """What a receipt says something of: a redemption, or what is about to become one."""

    @property
    def receipt_number(self) -> str: ...
    @property
    def merchant_id(self) -> int: ...
    @property
    def offer_title(self) -> str: ...
    @property
    def points(self) -> int: ...
    @property
    def bill_fen(self) -> int | None: ...
    @property
    def balance_before(self) -> int: ...
    @property
    def balance_after(self) -> int: ...
    @property
    def redeemed_at(self) -> datetime: ...
    @property
    def voided_at(self) -> datetime | None: ...
    @property
    def void_reason(self) -> str: ...


def receipt_of(taken: Receipted, masked_name: str) -> dict[str, Any]:
    """What a receipt says, as JSON values. The name is masked: it lies on a counter."""
    return {
        "receipt_number": taken.receipt_number,
        "merchant_id": taken.merchant_id,
        "name": masked_name,
        "offer": taken.offer_title,
        "points": taken.points,
        "bill_fen": taken.bill_fen,
        "balance_before": taken.balance_before,
        "balance_after": taken.balance_after,
        "redeemed_at": taken.redeemed_at.isoformat(),
        "voided_at": taken.voided_at.isoformat() if taken.voided_at else None,
        "void_reason": taken.void_reason,
    }


def receipt_number(day: date, transfer_id: int) -> str:
    """``261120-0042-2``: the day, the transfer, and a check digit for who reads it aloud."""
    six, number = day.isoformat()[2:].replace("-", ""), f"{transfer_id:04d}"
    return f"{six}-{number}-{check_digit(six + number)}"


# The digits' sum of twice a digit.
_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def check_digit(body: str) -> str:
    """The Luhn digit: it finds any one wrong digit and nearly every swap of neighbours."""
    digits = list(map(int, reversed(body)))
    twice = map(_TWICE.__getitem__, digits[::2])
    return str(-(sum(twice) + sum(digits[1::2])) % 10)


def read_number(typed: str) -> str | None:
    """The receipt's number in what somebody typed, or None where a digit is wrong."""
    digits = re.sub(r"[\s\-–—]", "", unicodedata.normalize("NFKC", typed))
    if re.fullmatch(r"[0-9]{11,26}", digits) is None or check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:6]}-{digits[6:-1]}-{digits[-1]}"


def load(act: Act, number: str, merchant: Merchant) -> Redemption:
    """The shop's redemption of that receipt number, however it was typed.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    redemption = act.session.scalar(
        select(Redemption).where(
            Redemption.receipt_number == read_number(number),
            Redemption.merchant_id == merchant.id,
        )
    )
    if redemption is None:
        raise NotFound
    return redemption
