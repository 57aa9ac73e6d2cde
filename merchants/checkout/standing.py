"""Orders of programs: who sends them is asked together for all of a batch, in its transaction.

A program shows its token with every order. To look each of them up on its own costs as much as
the redemption itself; here one statement says for all whose token it is and where they stand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from merchants.checkout.ordering import Counter, Order, order
from merchants.checkout.taking import take_all
from rewards import ledger, tokens
from rewards.act import Act, Actor
from rewards.bulk import Writer, writing
from rewards.errors import N_, NotAllowed, NotFound, Refused


class WhichShop(Refused):
    """Whoever asks works at several shops and named none of them."""

    code = "which_shop"
    status = 422
    message = N_("You work at several shops. Say which by merchant_id.")


class NotInForce(Refused):
    """The token is unknown or has ended, or is no member of staff's."""

    code = "token_not_in_force"
    status = 401
    message = N_("Sign in first.")


@dataclass(frozen=True)
class TokenOrder:
    """An order by whoever holds the token of *secret*; *asked* is what :func:`order` takes."""

    secret: str
    merchant_id: int | None
    asked: dict[str, Any]
    now: datetime


def settle(session: Session, orders: Sequence[Order | TokenOrder]) -> list[ledger.Answer | Refused]:
    """Take these orders, each once, in a transaction that is then to be committed.

    Answers them in their order.

    An outcome that is itself a refusal used no key up: NotInForce, NotAllowed, WhichShop,
    NotFound, or what :func:`order` raises, or KeyReused.
    """
    by_token = [o for o in orders if isinstance(o, TokenOrder)]
    places: dict[str, list[Counter]] = {}
    if by_token:
        with writing(session) as writer:
            asked = _Places(writer, {o.secret for o in by_token}, min(o.now for o in by_token))
            places = asked.counters()
    outcomes: dict[int, ledger.Answer | Refused] = {}
    known: dict[int, Order] = {}
    for position, wanted in enumerate(orders):
        try:
            known[position] = _known(session, wanted, places)
        except Refused as refusal:
            outcomes[position] = refusal
    if known:
        taken = take_all(session, list(known.values()), last=True)
        outcomes.update(zip(known, taken, strict=True))
    return [outcomes[position] for position in range(len(orders))]


def _known(session: Session, wanted: Order | TokenOrder, places: dict[str, list[Counter]]) -> Order:
    if isinstance(wanted, Order):
        return wanted
    if wanted.secret not in places:
        raise NotInForce
    counter = named(places[wanted.secret], wanted.merchant_id)
    act = Act(session, counter.cashier, wanted.now)
    return order(act, counter, **wanted.asked)


def named(counters: Sequence[Counter], merchant_id: int | None) -> Counter:
    """The counter of the shop that is meant: the one named, or the only one.

    Raises:
        NotAllowed, WhichShop, NotFound.
    """
    if not counters:
        raise NotAllowed
    if merchant_id is None:
        if len(counters) > 1:
            raise WhichShop
        return counters[0]
    for counter in counters:
        if counter.shop_id == merchant_id:
            return counter
    raise NotFound


class _Places:
    """Where the holders of some tokens stand."""

    def __init__(self, writer: Writer, secrets: Collection[str], now: datetime) -> None:
        self._secrets = {tokens.digest(secret): secret for secret in secrets}
        self._asked = writer.ask(
            "SELECT t.digest, s.id, s.name, m.id, m.programme_id, m.account_id, p.timezone, "
            "m.points_per_yuan, m.active, m.category, p.scheme_stamp FROM api_token t "
            "JOIN staff s ON s.id = t.staff_id AND s.epoch = t.epoch AND s.active "
            "LEFT JOIN merchant_staff w ON w.staff_id = s.id "
            "LEFT JOIN merchant m ON m.id = w.merchant_id "
            "LEFT JOIN programme p ON p.id = m.programme_id "
            f"WHERE {writer.among('t.digest', 'text')} AND t.expires_at > ? ORDER BY m.id",
            writer.many(self._secrets),
            writer.moment(now),
        )

    def counters(self) -> dict[str, list[Counter]]:
        """By token: the counters of the shops where its holder works; absent if it has ended."""
        found: dict[str, list[Counter]] = {}
        rows = self._asked.rows()
        for digest, staff_id, name, shop_id, *facts in rows:
            places = found.setdefault(self._secrets[digest], [])
            if shop_id is not None:
                programme_id, account, zone, rate, active, category, stamp = facts
                cashier = Actor("staff", staff_id, name)
                places.append(
                    Counter(
                        shop_id,
                        programme_id,
                        account,
                        zone,
                        rate,
                        bool(active),
                        cashier,
                        category,
                        stamp,
                    )
                )
        return found
