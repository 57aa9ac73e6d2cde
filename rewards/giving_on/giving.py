"""Giving points on: to a neighbour by a card, or to a cause, once for each key."""

import secrets
from typing import Any

from rewards import audit, cards, ledger
from rewards.act import Act
from rewards.donations.causes import Cause
from rewards.giving_on import quoting
from rewards.giving_on.model import PointsGift
from rewards.giving_on.quoting import Receiver
from rewards.residents import Resident
from rewards.schemes import giving, versions


def to_neighbour(
    act: Act, giver: Resident, *, scanned: str, points: int, key: str
) -> ledger.Answer:
    """Give *points* to whoever holds the card that was scanned or typed.

    The actor is the giver, or staff at whose desk the giver's card was shown. Answers what
    :func:`receipt` says.

    Raises:
        NotACard, KeyReused: the key isn't used up. Any other refusal is in the answer,
        remembered: of the cards, NoScheme, NotGiveable, and what ``ledger.give`` refuses.
    """
    code = cards.read_code(scanned)

    def work(op: ledger.Operation) -> dict[str, Any]:
        return _give(act, op, giver, quoting.neighbour(act, giver, code), points)

    return ledger.once(act, _scope(giver), key, {"card": code, "points": points}, work)


def to_cause(act: Act, giver: Resident, *, cause_id: int, points: int, key: str) -> ledger.Answer:
    """Give *points* to a cause of the giver's community.

    Raises:
        KeyReused. Any other refusal is in the answer, remembered: NotFound, CauseClosed,
        NoWorkingCard, NoScheme, NotGiveable, and what ``ledger.give`` refuses.
    """

    def work(op: ledger.Operation) -> dict[str, Any]:
        return _give(act, op, giver, quoting.cause(act, giver, cause_id), points)

    return ledger.once(act, _scope(giver), key, {"cause": cause_id, "points": points}, work)


def receipt(gift: PointsGift, left: int) -> dict[str, Any]:
    """What a gift came to, as JSON values; ``left`` is what the giver could spend after it."""
    return {
        "reference": gift.reference,
        "to": gift.to_name,
        "points": gift.points,
        "left": left,
        "given_at": gift.given_at.isoformat(),
    }


def _scope(giver: Resident) -> str:
    return f"giving-on:resident:{giver.id}"


def _give(
    act: Act, op: ledger.Operation, giver: Resident, to: Receiver, points: int
) -> dict[str, Any]:
    quoting.check_giver(act, giver)
    version = versions.in_force(act, giver.community.programme_id, act.now)
    rules, limit = version.scheme.spending.giving_on, version.scheme.wallet.limit
    quoting.check_receiver(giver, to, rules)
    today = quoting.today(act, giver)
    account = to.account_id if isinstance(to, Cause) else to.wallet_id
    gift = PointsGift(
        reference="".join(secrets.choice(cards.ALPHABET) for _ in range(12)),
        giver=giver,
        receiver=to if isinstance(to, Resident) else None,
        cause=to if isinstance(to, Cause) else None,
        points=points,
        transfer_id=ledger.give(op, giver.wallet_id, account, points, today=today, limit=limit),
        scheme_id=version.id,
        day=today,
        given_at=act.now,
        recorded_by_id=act.actor.id if act.actor.kind == "staff" else None,
    )
    act.session.add(gift)
    act.session.flush()
    # The giver's wallet is locked by now, so that no other gift comes between sum and limit.
    given = quoting.before(act, giver, rules, today, but_for=gift.id)
    giving.check(rules, points, today, given)
    audit.record(
        act,
        "gift.give",
        f"gift:{gift.id}",
        community_id=giver.community_id,
        giver=giver.id,
        to=f"cause:{to.id}" if isinstance(to, Cause) else f"resident:{to.id}",
        points=points,
    )
    left = ledger.spendable(act.session, giver.wallet_id, today, now=act.now)
    return receipt(gift, left)
