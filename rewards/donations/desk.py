"""Gifts at the desk: one person records cash or goods, a second attests, points follow."""

from typing import Any

from rewards import audit, awards, ledger
from rewards.act import Act
from rewards.donations import gifts
from rewards.donations.causes import Cause
from rewards.donations.gifts import Donation, GiftSettled, Kind, Status
from rewards.errors import N_, Refused
from rewards.residents import Resident


class SamePerson(Refused):
    """Whoever recorded a gift can't attest it too."""

    code = "same_person"
    status = 403
    message = N_("You recorded this gift yourself. Somebody else must attest it.")


class GoodsUnnamed(Refused):
    """Goods were given, but nobody said which."""

    code = "goods_unnamed"
    status = 422
    message = N_("Say which goods were given.")


class GoodsUncounted(Refused):
    """The rules pay for goods by the item, and nobody said how many there are."""

    code = "goods_uncounted"
    status = 422
    message = N_("Enter how many items there are: the points rules count them.")


def record(
    act: Act,
    resident: Resident,
    cause: Cause,
    *,
    kind: Kind,
    amount_fen: int,
    key: str,
    goods: str = "",
    items: int = 0,
) -> ledger.Answer:
    """Record cash, or goods of a stated value; no points yet. Answers ``{"donation": id}``.

    ``items`` is how many the goods are, 0 if nobody counted.

    Raises (from the answer too):
        GoodsUnnamed, GoodsUncounted, CauseClosed, NoScheme: nothing was written.
    """
    if kind is Kind.GOODS and not goods:
        raise GoodsUnnamed
    if kind is Kind.GOODS and not items and gifts.counts_items(act, resident.community):
        raise GoodsUncounted
    if kind is Kind.CASH:
        goods, items = "", 0

    def work(op: ledger.Operation) -> dict[str, int]:
        donation = gifts.new(act, resident, cause, kind, Status.RECORDED, amount_fen)
        donation.goods, donation.items = goods, items
        donation.recorded_by_id = act.actor.id
        act.session.add(donation)
        act.session.flush()
        counted = {"items": items} if items else {}
        _note(act, "donation.record", donation, kind=kind.value, fen=amount_fen, **counted)
        return {"donation": donation.id}

    asked = {
        "resident": resident.id,
        "cause": cause.id,
        "kind": kind.value,
        "fen": amount_fen,
        "goods": goods,
        "items": items,
    }
    return ledger.once(act, f"gift:desk:{resident.community_id}", key, asked, work)


def attest(act: Act, donation: Donation) -> ledger.Answer:
    """Confirm as a second person that the gift arrived: its points are given, once.

    Answers ``{"points": …}``.

    Raises:
        SamePerson, GiftSettled, awards.NoRoom: nothing was written.
    """
    gifts.lock(act, donation)
    if donation.recorded_by_id == act.actor.id:
        raise SamePerson
    again = donation.status == Status.ATTESTED and donation.attested_by_id == act.actor.id
    if donation.status != Status.RECORDED and not again:
        raise GiftSettled
    awards.hold(act, donation.version)

    def work(op: ledger.Operation) -> dict[str, int]:
        donation.status, donation.settled_at = Status.ATTESTED.value, act.now
        donation.attested_by_id = act.actor.id
        points = gifts.reward(act, op, donation)
        _note(act, "donation.attest", donation, points=points)
        return {"points": points}

    answer = ledger.once(act, "gift:attest", f"donation:{donation.id}", {}, work)
    # A refusal is raised rather than remembered, or the gift could never be attested.
    answer.result()
    return answer


def refuse(act: Act, donation: Donation, reason: str) -> None:
    """Close a recorded gift without points, because it didn't arrive or was recorded wrongly.

    Raises:
        GiftSettled: nothing was written.
    """
    gifts.lock(act, donation)
    if donation.status != Status.RECORDED:
        raise GiftSettled
    donation.status, donation.ended_because = Status.REFUSED.value, reason
    act.session.flush()
    _note(act, "donation.refuse", donation, reason=reason)


def reverse(
    act: Act, donation: Donation, *, reason: str, when_spent: ledger.WhenSpent, key: str
) -> ledger.Answer:
    """Undo an attested gift and take its points back. Answers ``{"taken": …, "owed": …}``.

    Raises (from the answer too):
        GiftSettled, ledger.AlreadySpent: nothing was written.
    """
    gifts.lock(act, donation)

    def work(op: ledger.Operation) -> dict[str, int]:
        if donation.status != Status.ATTESTED:
            raise GiftSettled
        donation.status, donation.ended_because = Status.REVERSED.value, reason
        award = gifts.award_of(act, donation)
        taken = ledger.Taken(None, 0, 0)
        if award is not None:
            taken = awards.reverse(act, op, award, reason=reason, when_spent=when_spent)
        _note(act, "donation.reverse", donation, reason=reason, taken=taken.taken, owed=taken.owed)
        return {"taken": taken.taken, "owed": taken.owed}

    asked = {"reason": reason, "when_spent": when_spent.value}
    return ledger.once(act, f"gift:reverse:{donation.id}", key, asked, work)


def _note(act: Act, action: str, donation: Donation, **detail: Any) -> None:
    audit.record(
        act, action, f"donation:{donation.id}", community_id=donation.community_id, **detail
    )
