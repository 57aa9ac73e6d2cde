"""Points set aside at a shop for a later visit: taken then, let go, or back when time is over."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from merchants import people
from merchants.checkout import rules
from merchants.checkout.model import Redemption, receipt_number
from merchants.checkout.quoting import business_day, find_card
from merchants.checkout.rules import NoBillYet
from merchants.partners import ClosedMerchant, Merchant
from rewards import audit, cards, ledger
from rewards.act import Act
from rewards.clock import local_date
from rewards.db import Base
from rewards.errors import N_, NotFound, Refused
from rewards.immutable import frozen
from rewards.ledger import Hold, HoldEnd
from rewards.residents import Resident
from rewards.schemes.spending import Purchase
from rewards.staff import Staff

USUAL_DAYS, MOST_DAYS = 7, 30


@frozen()
class ShopHold(Base):
    """At which shop, from which card and by whom a hold of the ledger was placed; immutable."""

    __tablename__ = "shop_hold"

    hold_id: Mapped[int] = mapped_column(
        ForeignKey("hold.id"), primary_key=True, autoincrement=False
    )
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    cashier_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    hold: Mapped[Hold] = relationship()
    merchant: Mapped[Merchant] = relationship()
    resident: Mapped[Resident] = relationship()
    cashier: Mapped[Staff] = relationship()

    @property
    def last_day(self) -> date:
        """The last day on which the points can be taken, where the programme is."""
        over = self.hold.until - timedelta(microseconds=1)
        return local_date(over, self.merchant.programme.timezone)

    def slip(self) -> dict[str, Any]:
        """What was set aside, as JSON values. The name is masked: it lies on a counter."""
        return {
            "hold_id": self.hold_id,
            "merchant_id": self.merchant_id,
            "name": self.resident.masked_name,
            "points": self.hold.amount,
            "note": self.hold.reason,
            "placed_at": self.hold.placed_at.isoformat(),
            "last_day": self.last_day.isoformat(),
        }


class HoldDay(Refused):
    """The last day is past, or too far ahead."""

    code = "hold_day"
    status = 422
    message = N_("Points can be set aside until a day from today, %(first)s, to %(last)s.")


def days(act: Act, merchant: Merchant) -> tuple[date, date, date]:
    """Today, the usual and the latest last day of points set aside now."""
    today = business_day(act, merchant)
    return today, today + timedelta(USUAL_DAYS), today + timedelta(MOST_DAYS)


def set_aside(
    act: Act,
    merchant: Merchant,
    *,
    key: str,
    scanned: str,
    points: int,
    last_day: date | None = None,
    note: str = "",
) -> ledger.Answer:
    """Set points of the card aside for the shop, once for each *key*; answers the slip.

    They can be taken through *last_day* (a week from now without it). *note* says what for; the
    resident reads it.

    Raises:
        NotAllowed, NotACard, KeyReused: the key isn't used up. Any other refusal is in the
        answer, remembered: HoldDay, NotSpendable, of the card, the points.
    """
    people.at_till(act, merchant)
    code = cards.read_code(scanned)

    def work(op: ledger.Operation) -> dict[str, Any]:
        return _place(act, op, merchant, code, points, last_day, note).slip()

    day = last_day.isoformat() if last_day else None
    body = {"card": code, "points": points, "last_day": day, "note": note}
    return ledger.once(act, f"hold:merchant:{merchant.id}", key, body, work)


def take(
    act: Act, merchant: Merchant, placed: ShopHold, *, key: str, points: int | None = None
) -> ledger.Answer:
    """Take what was set aside, or a part of it, and give the rest back; answers a receipt.

    The card isn't asked for again: it was shown when the points were set aside.

    Raises:
        NotAllowed, NotFound, KeyReused: the key isn't used up. Any other refusal is in the
        answer, remembered: CaptureOverHold, HoldEnded, HoldTimedOut, ClosedMerchant.
    """
    cashier_id = people.at_till(act, merchant)
    _check_shop(placed, merchant)

    def work(op: ledger.Operation) -> dict[str, Any]:
        if not merchant.active:
            raise ClosedMerchant
        transfer_id = ledger.capture(op, placed.hold_id, points)
        redemption = _redemption(act, placed, transfer_id, cashier_id)
        _note(
            act,
            "hold.take",
            placed,
            points=redemption.points,
            receipt=redemption.receipt_number,
        )
        return redemption.receipt()

    body = {"hold": placed.hold_id, "points": points}
    return ledger.once(act, f"take:merchant:{merchant.id}", key, body, work)


def let_go(act: Act, merchant: Merchant, placed: ShopHold, *, key: str) -> ledger.Answer:
    """Give back to the card what was set aside, before its time is over; answers the slip.

    Raises:
        NotAllowed, NotFound, KeyReused: the key isn't used up.
        The answer may hold (and remembers) HoldEnded, HoldTimedOut.
    """
    people.at_till(act, merchant)
    _check_shop(placed, merchant)

    def work(op: ledger.Operation) -> dict[str, Any]:
        ledger.release(op, placed.hold_id)
        _note(act, "hold.release", placed, points=placed.hold.amount)
        return placed.slip()

    return ledger.once(act, f"let-go:merchant:{merchant.id}", key, {"hold": placed.hold_id}, work)


def load(act: Act, hold_id: int, merchant: Merchant) -> ShopHold:
    """What was set aside under that number at the shop.

    Raises:
        NotFound: nothing, or another shop's.
    """
    placed = act.session.get(ShopHold, hold_id)
    if placed is None or placed.merchant_id != merchant.id:
        raise NotFound
    return placed


def open_at(act: Act, merchant: Merchant, resident_id: int | None = None) -> list[ShopHold]:
    """What the shop can still take (from one resident), what ends first before the rest."""
    rows = (
        select(ShopHold)
        .join(ShopHold.hold)
        .where(Hold.to_id == merchant.account_id, Hold.until > act.now, ledger.not_ended())
        .options(joinedload(ShopHold.hold), joinedload(ShopHold.resident))
        .order_by(Hold.until, Hold.id)
    )
    if resident_id is not None:
        rows = rows.where(ShopHold.resident_id == resident_id)
    return list(act.session.scalars(rows))


def ending(act: Act, placed: ShopHold) -> HoldEnd | None:
    """How it ended, None while it can still be taken or is only overdue."""
    return act.session.get(HoldEnd, placed.hold_id)


def receipt_of(act: Act, placed: ShopHold) -> Redemption | None:
    """The redemption by which it was taken, if it was."""
    end = ending(act, placed)
    if end is None or end.transfer_id is None:
        return None
    return act.session.scalar(select(Redemption).where(Redemption.transfer_id == end.transfer_id))


def _place(
    act: Act,
    op: ledger.Operation,
    merchant: Merchant,
    code: str,
    points: int,
    last_day: date | None,
    note: str,
) -> ShopHold:
    today, usual, latest = days(act, merchant)
    last = last_day or usual
    if not today <= last <= latest:
        raise HoldDay(first=today.isoformat(), last=latest.isoformat())
    card = find_card(act, merchant, code)
    placed = ShopHold(
        hold_id=ledger.place(
            op,
            card.resident.wallet_id,
            merchant.account_id,
            points,
            today=today,
            until=_end_of(last, merchant),
            reason=note,
        ),
        merchant=merchant,
        resident=card.resident,
        card_id=card.id,
        cashier_id=people.at_till(act, merchant),
    )
    act.session.add(placed)
    act.session.flush()
    _check_rules(act, placed)
    _note(act, "hold.place", placed, points=points, last_day=last.isoformat())
    return placed


def _check_rules(act: Act, placed: ShopHold) -> None:
    """Refuse what couldn't be spent either; the wallet is locked by now, so nothing comes between.

    Raises:
        NotSpendable: one of its kinds, which says why.
    """
    merchant = placed.merchant
    percent = rules.of(act.session, merchant, act.now).bill_percent
    if percent < 100:
        raise NoBillYet(percent=percent)
    day = business_day(act, merchant)
    purchase = Purchase(merchant.category, day, placed.hold.amount, by_price=True)
    rules.check(
        act.session, merchant, placed.resident.id, purchase, act.now, but_for=placed.hold_id
    )


def _check_shop(placed: ShopHold, merchant: Merchant) -> None:
    if placed.merchant_id != merchant.id:
        raise NotFound


def _end_of(day: date, merchant: Merchant) -> datetime:
    """The moment at which *day* is over, where the programme is."""
    zone = ZoneInfo(merchant.programme.timezone)
    return datetime.combine(day + timedelta(1), time.min, zone)


def _redemption(act: Act, placed: ShopHold, transfer_id: int, cashier_id: int) -> Redemption:
    """The row by which the shop is paid, as for any other redemption."""
    merchant, today = placed.merchant, business_day(act, placed.merchant)
    transfer = act.session.get_one(ledger.Transfer, transfer_id)
    redemption = Redemption(
        merchant_id=merchant.id,
        resident=placed.resident,
        card_id=placed.card_id,
        points=transfer.amount,
        balance_after=ledger.spendable(act.session, placed.resident.wallet_id, today, now=act.now),
        transfer_id=transfer_id,
        receipt_number=receipt_number(today, transfer_id),
        cashier_id=cashier_id,
        redeemed_at=act.now,
        business_day=today,
    )
    act.session.add(redemption)
    act.session.flush()
    return redemption


def _note(act: Act, action: str, placed: ShopHold, **detail: Any) -> None:
    audit.record(
        act,
        action,
        f"hold:{placed.hold_id}",
        community_id=placed.resident.community_id,
        programme_id=placed.merchant.programme_id,
        merchant=placed.merchant_id,
        **detail,
    )
