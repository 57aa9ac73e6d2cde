"""A gift's codes in a reader's words, for pages and for the file."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from rewards.donations.gifts import Donation, Kind, Status

KINDS = {Kind.CARD: _l("By card"), Kind.CASH: _l("Cash"), Kind.GOODS: _l("Goods")}

# The words and the kind of tag that each state is shown by.
STATES = {
    Status.STARTED: (_l("Not paid yet"), "note"),
    Status.PAID: (_l("Paid"), "done"),
    Status.HELD: (_l("Held: look into it"), "look"),
    Status.FAILED: (_l("Payment failed"), "problem"),
    Status.EXPIRED: (_l("Not paid"), "plain"),
    Status.REFUNDED: (_l("Refunded"), "plain"),
    Status.RECORDED: (_l("To be attested"), "look"),
    Status.ATTESTED: (_l("Attested"), "done"),
    Status.REFUSED: (_l("Refused"), "problem"),
    Status.REVERSED: (_l("Undone"), "plain"),
}

# What the list can be narrowed to: every state, and the disputed, which are in one besides.
FILTER = [(state.value, words) for state, (words, _) in STATES.items()] + [
    ("disputed", _l("Disputed"))
]


def header() -> list[str]:
    """The columns of the file."""
    return [
        gettext("When"),
        gettext("Reference"),
        gettext("Resident"),
        gettext("Cause"),
        gettext("What was given"),
        gettext("Goods"),
        gettext("Items"),
        gettext("Amount in yuan"),
        gettext("Returned in yuan"),
        gettext("State"),
        gettext("Points"),
    ]


def row(gift: Donation, points: int) -> list[object]:
    """One gift's line in the file."""
    return [
        gift.given_at.isoformat(),
        gift.reference,
        gift.resident.name,
        gift.cause.title,
        str(KINDS[Kind(gift.kind)]),
        gift.goods,
        gift.items or "",
        f"{gift.amount_fen / 100:.2f}",
        f"{(gift.amount_fen - gift.kept_fen) / 100:.2f}",
        str(STATES[Status(gift.status)][0]),
        points,
    ]
