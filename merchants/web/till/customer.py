"""The customer at the counter: whose card was scanned last, kept in the cashier's session."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from merchants.checkout import Ask

# A card that was shown is for this purchase: nobody spends from it after the customer has left.
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Customer:
    """A card's code, and a mark of this showing of the card."""

    code: str
    showing: str

    def key(self, ask: Ask) -> str:
        """The idempotency key of taking *ask* at this showing.

        It is the same however often the page is drawn: if an answer is lost and the cashier
        goes back and confirms again, that is the same act and takes nothing more.
        """
        parts = {"o": ask.offer_id, "p": ask.points, "b": ask.bill_fen}
        return f"{self.showing}." + "".join(f"{k}{v}" for k, v in parts.items() if v is not None)


def begin(code: str, now: datetime) -> Customer:
    """A card was shown (or, after a refusal, is to be tried anew): a new showing begins."""
    customer = Customer(code, secrets.token_urlsafe(12))
    session["customer"] = [customer.code, customer.showing, int(now.timestamp())]
    return customer


def current(now: datetime) -> Customer | None:
    """The customer at the counter, unless it was too long ago."""
    code, showing, since = session.get("customer") or ("", "", 0)
    if now.timestamp() - since > PATIENCE.total_seconds():
        return None
    return Customer(code, showing)


def leave() -> None:
    """The customer has what they came for; the next has to show a card."""
    session.pop("customer", None)
