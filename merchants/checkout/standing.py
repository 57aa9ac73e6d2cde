"""Orders of programs: who sends them is asked together for all of a batch, in its transaction.

A program shows its token with every order. To look each of them up on its own costs as much as
the redemption itself; here one statement says for all whose token it is and where they stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from merchants.checkout.ordering import Counter, Order, ordered
from merchants.checkout.taking import take_all
from rewards import cards, ledger, tokens
from rewards.act import Actor
from rewards.bulk import Writer
from rewards.errors import N_, NotAllowed, NotFound, Refused
from rewards.procedures import Query


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

    @cached_property
    def code(self) -> str | None:
        """The card's code, None where what was scanned is no card's."""
        try:
            return cards.read_code(self.asked["scanned"])
        except cards.NotACard:
            return None


def settle(writer: Writer, orders: Sequence[Order | TokenOrder]) -> list[ledger.Answer | Refused]:
    """Take these orders, each once, in a transaction that is then to be committed.

    Answers them in their order.

    An outcome that is itself a refusal used no key up: NotInForce, NotAllowed, WhichShop,
    NotFound, or what :func:`order` raises, or KeyReused.
    """
    places = _Places(writer, orders)
    scan = cards.Scan(writer, {o.code for o in orders if o.code is not None})
    outcomes: dict[int, ledger.Answer | Refused] = {}
    known: dict[int, Order] = {}
    counters = places.counters()
    for position, wanted in enumerate(orders):
        try:
            known[position] = _known(writer, wanted, counters)
        except Refused as refusal:
            outcomes[position] = refusal
    if known:
        outcomes.update(zip(known, take_all(writer, list(known.values()), scan), strict=True))
    return [outcomes[position] for position in range(len(orders))]


def _known(
    writer: Writer, wanted: Order | TokenOrder, places: Mapping[str, list[Counter]]
) -> Order:
    if isinstance(wanted, Order):
        return wanted
    if wanted.secret not in places:
        raise NotInForce
    counter = named(places[wanted.secret], wanted.merchant_id)
    if wanted.code is None:
        raise cards.NotACard
    asked = {name: value for name, value in wanted.asked.items() if name != "scanned"}
    return ordered(lambda: writer.session, counter, wanted.now, code=wanted.code, **asked)


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

    def __init__(self, writer: Writer, orders: Sequence[Order | TokenOrder]) -> None:
        shown = [o for o in orders if isinstance(o, TokenOrder)]
        self._secrets = {tokens.digest(o.secret): o.secret for o in shown}
        self._asked = None
        if shown:
            self._asked = PLACES.ask(
                writer, digests=self._secrets, now=writer.moment(min(o.now for o in shown))
            )

    def counters(self) -> dict[str, list[Counter]]:
        """By token: the counters of the shops where its holder works; absent if it has ended.

        To be looked at once.
        """
        found: dict[str, list[Counter]] = {}
        for digest, staff_id, name, shop_id, *facts in self._asked.rows() if self._asked else ():
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


PLACES = Query(
    "token_places",
    {"digests": "text[]", "now": "timestamptz"},
    "t.digest, s.id, s.name, m.id, m.programme_id, m.account_id, p.timezone, "
    "m.points_per_yuan, m.active, m.category, p.scheme_stamp",
    "FROM api_token t JOIN staff s ON s.id = t.staff_id AND s.epoch = t.epoch AND s.active "
    "LEFT JOIN merchant_staff w ON w.staff_id = s.id LEFT JOIN merchant m ON m.id = w.merchant_id "
    "LEFT JOIN programme p ON p.id = m.programme_id "
    "WHERE t.digest {digests} AND t.expires_at > {now}",
    "m.id",
)
