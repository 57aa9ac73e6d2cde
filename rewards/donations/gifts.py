"""Gifts: one record whatever was given, where it is in its life, and the points it brings."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import awards, cards, ledger
from rewards.act import Act
from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.donations.causes import Cause, check_open
from rewards.errors import N_, NotFound, Refused
from rewards.residents import Resident
from rewards.schemes import facts, versions
from rewards.schemes.facts import Outcome
from rewards.schemes.rules import Factor, Per, Source
from rewards.schemes.versions import Version
from rewards.staff import Staff

# What an award for a gift names as its source.
SOURCE = "donation"


class Kind(StrEnum):
    """What was given, and how it came."""

    CARD = "card"
    CASH = "cash"
    GOODS = "goods"


class Status(StrEnum):
    """Where a gift is: the first six for payments by card, the others for the desk.

    ``HELD`` is money that isn't what was agreed: it brings no points until it is looked into.
    """

    STARTED = "started"
    PAID = "paid"
    HELD = "held"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"

    RECORDED = "recorded"
    ATTESTED = "attested"
    REFUSED = "refused"
    REVERSED = "reversed"


# Where a gift has yet to bring its points.
WAITING = (Status.STARTED, Status.RECORDED)


class Donation(Base):
    """One gift. ``amount_fen`` is money, or what goods are attested to be worth; ``items`` is how
    many they are, 0 where nobody counted.

    ``reference`` is opaque: it stands for the gift in Stripe's books and on the receipt.
    ``version`` is the scheme in force when it was given, so that it brings what the page promised.
    What went back to the giver (refunded by us, or withdrawn by the bank for a dispute and
    reinstated if we won it) is counted beside the amount, never taken off it.
    """

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen AND "
            "withdrawn_fen >= 0 AND withdrawn_fen <= amount_fen AND "
            "reinstated_fen >= 0 AND reinstated_fen <= amount_fen",
            name="returned_within_amount",
        ),
        CheckConstraint("kind IN ('card', 'cash', 'goods')", name="kind_known"),
        CheckConstraint("(kind = 'goods') = (goods <> '')", name="goods_named"),
        CheckConstraint("items >= 0 AND (kind = 'goods' OR items = 0)", name="items_of_goods"),
        CheckConstraint(
            "kind = 'card' AND status IN "
            "('started', 'paid', 'held', 'failed', 'expired', 'refunded') OR "
            "kind <> 'card' AND status IN ('recorded', 'attested', 'refused', 'reversed')",
            name="status_of_kind",
        ),
        CheckConstraint("(kind = 'card') = (recorded_by_id IS NULL)", name="desk_recorded"),
        CheckConstraint("attested_by_id <> recorded_by_id", name="second_person"),
        Index(None, "community_id", "id"),
        Index(None, "resident_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    cause_id: Mapped[int] = mapped_column(ForeignKey("cause.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[str] = mapped_column(String(10))
    amount_fen: Mapped[int] = mapped_column(BigId)
    goods: Mapped[str] = mapped_column(String(200), default="")
    items: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(10))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    given_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    attested_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_because: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="zh")
    checkout_session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    checkout_url: Mapped[str | None] = mapped_column(Text)
    payment_intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    refunded_fen: Mapped[int] = mapped_column(BigId, default=0)
    withdrawn_fen: Mapped[int] = mapped_column(BigId, default=0)
    reinstated_fen: Mapped[int] = mapped_column(BigId, default=0)
    disputed_at: Mapped[datetime | None]
    dispute_closed_at: Mapped[datetime | None]

    cause: Mapped[Cause] = relationship()
    resident: Mapped[Resident] = relationship()
    version: Mapped[Version] = relationship()
    recorded_by: Mapped[Staff | None] = relationship(foreign_keys=[recorded_by_id])
    attested_by: Mapped[Staff | None] = relationship(foreign_keys=[attested_by_id])

    @property
    def kept_fen(self) -> int:
        """What is left of the gift after all that went back."""
        withdrawn = max(0, self.withdrawn_fen - self.reinstated_fen)
        return max(0, self.amount_fen - self.refunded_fen - withdrawn)

    @property
    def payable(self) -> bool:
        """Whether it waits to be paid by card."""
        return self.status == Status.STARTED

    @property
    def disputed(self) -> bool:
        """Whether the giver's bank questions the payment and hasn't decided yet."""
        return self.disputed_at is not None and self.dispute_closed_at is None


class GiftSettled(Refused):
    """The gift has gone on: what was asked for can't be done to it any more."""

    code = "gift_settled"
    message = N_("This gift was dealt with already. Reload the page to see how it stands.")


def new(
    act: Act, resident: Resident, cause: Cause, kind: Kind, status: Status, amount_fen: int
) -> Donation:
    """A gift, not yet added to the session, by the scheme in force now.

    Raises:
        CauseClosed, NoScheme: it can't be given now.
    """
    check_open(cause)
    return Donation(
        reference="".join(secrets.choice(cards.ALPHABET) for _ in range(12)),
        community_id=resident.community_id,
        cause=cause,
        resident=resident,
        kind=kind.value,
        status=status.value,
        amount_fen=amount_fen,
        version=versions.in_force(act, resident.community.programme_id, act.now),
        given_at=act.now,
    )


def load(act: Act, donation_id: int, community_id: int) -> Donation:
    """The gift of that id, if it was given in the community."""
    donation = act.session.get(Donation, donation_id)
    if donation is None or donation.community_id != community_id:
        raise NotFound
    return donation


def load_own(act: Act, donation_id: int, resident: Resident) -> Donation:
    """The gift of that id, if *resident* gave it."""
    donation = act.session.get(Donation, donation_id)
    if donation is None or donation.resident_id != resident.id:
        raise NotFound
    return donation


def lock(act: Act, donation: Donation) -> None:
    """Hold the gift's row until the commit and read it anew: its steps are taken one by one.

    Always taken before an operation's key, so that two steps never wait for each other.
    """
    act.session.refresh(donation, with_for_update=True)


def worth(act: Act, donation: Donation) -> Outcome:
    """What is left of the gift brings so much: after what came before it, if it was rewarded."""
    award = award_of(act, donation)
    deed = what(donation)
    tally = awards.tally(act, donation.version, [deed], before=award.id if award else None)
    return donation.version.engine.evaluate(deed, tally)


def prospect(act: Act, resident: Resident, amounts: Sequence[int]) -> list[int]:
    """The points that each of these amounts in fen would bring, given by card now.

    Raises:
        NoScheme: the programme has no scheme in force.
    """
    version = versions.in_force(act, resident.community.programme_id, act.now)
    deeds = [deed_of(resident, Kind.CARD, act.now, fen) for fen in amounts]
    tally = awards.tally(act, version, deeds)
    return [version.engine.evaluate(deed, tally).points for deed in deeds]


def what(donation: Donation) -> facts.Deed:
    """What is left of the gift as rules look at it."""
    kind, fen = Kind(donation.kind), donation.kept_fen
    return deed_of(donation.resident, kind, donation.given_at, fen, donation.items)


def deed_of(
    resident: Resident, kind: Kind, given_at: datetime, fen: int, items: int = 0
) -> facts.Deed:
    """A gift as rules look at it."""
    given = facts.Kind.GOODS if kind is Kind.GOODS else facts.Kind.MONEY
    return awards.deed(resident, given, given_at, fen=fen, items=items)


def counts_items(act: Act, community: Community) -> bool:
    """Whether the rules in force pay for goods by the item."""
    version = versions.find(act, community.programme_id, act.now)
    rules = version.scheme.rules if version else ()
    amounts = [rule.amount for rule in rules if rule.source is Source.GOODS]
    return any(not isinstance(a, Factor) and a.per is Per.ITEM for a in amounts)


def reward(
    act: Act,
    op: ledger.Operation,
    donation: Donation,
    when_full: ledger.WhenFull | None = None,
) -> int:
    """Give the points that the gift is worth, within a claimed operation; answers how many.

    Before the operation is claimed, its version is to be held (``awards.hold``).

    Raises:
        awards.NoRoom: they don't fit into the wallet; nothing was written.
    """
    due = awards.Due(
        resident=donation.resident,
        source=SOURCE,
        source_id=donation.id,
        worth=worth(act, donation),
        reason=donation.cause.title,
        happened_at=donation.given_at,
    )
    programme = donation.resident.community.programme
    granted = awards.grant_all(act, op, programme, donation.version, [due], when_full=when_full)
    return sum(award.points for award in granted)


def award_of(act: Act, donation: Donation) -> awards.Award | None:
    """The award that the gift brought, while it stands."""
    return awards.standing(act, SOURCE, [donation.id]).get(donation.id)


def points_of(act: Act, donations: Sequence[Donation]) -> dict[int, int]:
    """The points that each gift brought and that weren't taken back, by the gift's id."""
    standing = awards.standing(act, SOURCE, [d.id for d in donations])
    returned = {d.id for d in donations if d.kept_fen < d.amount_fen}
    return {
        number: awards.left(act, award) if number in returned else award.points
        for number, award in standing.items()
    }
