"""Merchants: the shops where points buy something."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit, ledger
from rewards.act import Act
from rewards.communities import Programme
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.ledger import Account
from rewards.referring import kept


class Category(StrEnum):
    """The four classes of shop that the programme's residents look for."""

    DINING = "dining"
    ENTERTAINMENT = "entertainment"
    EDUCATION = "education"
    MEDICAL = "medical"


@kept
class Merchant(Base):
    """A shop that takes points. ``points_per_yuan`` points pay for one yuan of a bill.

    A closed one (not ``active``) takes nothing more; its history stays.
    """

    __tablename__ = "merchant"
    __table_args__ = (
        UniqueConstraint("programme_id", "name_zh"),
        CheckConstraint("points_per_yuan > 0", name="rate_positive"),
        CheckConstraint(
            "category IN ('dining', 'entertainment', 'education', 'medical')",
            name="category_known",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    hours: Mapped[str] = mapped_column(String(100), default="")
    points_per_yuan: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)

    programme: Mapped[Programme] = relationship()
    account: Mapped[Account] = relationship()

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_zh


class ShopNameTaken(Refused):
    """Another shop of the programme has this Chinese name."""

    code = "shop_name_taken"
    message = N_("Another shop has this name. Add the branch or the street to tell them apart.")


class ClosedMerchant(Refused):
    """The shop has left the programme, or has been closed for a while."""

    code = "merchant_closed"
    message = N_("This shop is closed in the programme and takes no points. Ask the office.")


def add(
    act: Act,
    programme: Programme,
    *,
    name_zh: str,
    name_en: str,
    category: str,
    points_per_yuan: int,
    address: str = "",
    phone: str = "",
    hours: str = "",
) -> Merchant:
    """Take a shop into the programme and open its account.

    Raises:
        ShopNameTaken: nothing was written.
    """
    _check_name(act, programme.id, name_zh, None)
    account = ledger.open_account(act.session, ledger.MERCHANT, name_zh, programme.id)
    merchant = Merchant(
        programme_id=programme.id,
        account_id=account.id,
        name_zh=name_zh,
        name_en=name_en,
        category=category,
        points_per_yuan=points_per_yuan,
        address=address,
        phone=phone,
        hours=hours,
    )
    act.session.add(merchant)
    act.session.flush()
    _note(act, merchant, "merchant.add", name=name_zh)
    return merchant


def edit(
    act: Act,
    merchant: Merchant,
    *,
    name_zh: str,
    name_en: str,
    category: str,
    points_per_yuan: int,
    address: str = "",
    phone: str = "",
    hours: str = "",
) -> None:
    """Change what is said of the shop; its account, and so every statement, follows its name.

    Raises:
        ShopNameTaken: nothing was written.
    """
    _check_name(act, merchant.programme_id, name_zh, merchant.id)
    old_rate = merchant.points_per_yuan
    merchant.name_zh, merchant.name_en, merchant.category = name_zh, name_en, category
    merchant.address, merchant.phone, merchant.hours = address, phone, hours
    merchant.points_per_yuan = points_per_yuan
    merchant.account.name = name_zh
    act.session.flush()
    _note(act, merchant, "merchant.edit", rate=points_per_yuan, old_rate=old_rate)


def close(act: Act, merchant: Merchant) -> None:
    """Stop the shop from taking points. Its people still see its history."""
    merchant.active = False
    act.session.flush()
    _note(act, merchant, "merchant.close")


def reopen(act: Act, merchant: Merchant) -> None:
    """Let a closed shop take points again."""
    merchant.active = True
    act.session.flush()
    _note(act, merchant, "merchant.reopen")


def load(act: Act, merchant_id: int, programme_id: int) -> Merchant:
    """The shop of that id, if it belongs to the programme.

    Raises:
        NotFound: there is none, or none here.
    """
    merchant = act.session.get(Merchant, merchant_id)
    if merchant is None or merchant.programme_id != programme_id:
        raise NotFound
    return merchant


def _check_name(act: Act, programme_id: int, name_zh: str, own_id: int | None) -> None:
    taken = act.session.scalar(
        select(Merchant.id).where(
            Merchant.programme_id == programme_id, Merchant.name_zh == name_zh
        )
    )
    if taken is not None and taken != own_id:
        raise ShopNameTaken


def _note(act: Act, merchant: Merchant, action: str, **detail: Any) -> None:
    audit.record(
        act, action, f"merchant:{merchant.id}", programme_id=merchant.programme_id, **detail
    )
