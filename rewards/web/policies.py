"""The rules of expiry, grace and the wallet's limit in plain sentences, for every reader."""

from flask_babel import gettext, ngettext

from rewards.act import Act
from rewards.ledger import expiry
from rewards.ledger.expiry import Idle, Months, Never, YearEnd
from rewards.schemes import rates
from rewards.schemes.rates import REFUSE, Rates
from rewards.web.frame import points


def sentences(row: Rates) -> list[str]:
    """All that *row* says of how long points last and how many a wallet holds."""
    said = [
        expiry_sentence(row.expiry),
        grace_sentence(row.grace_days),
        limit_sentence(row.wallet_limit, row.when_full),
    ]
    return [sentence for sentence in said if sentence]


def sentences_now(act: Act, programme_id: int) -> list[str]:
    """What the rates in force say of it; nothing while there are none."""
    try:
        return sentences(rates.in_force(act, programme_id, act.now))
    except rates.NoRates:
        return []


def expiry_sentence(policy: object) -> str:
    """When points expire by *policy* (JSON)."""
    said: str
    match expiry.parse(policy):
        case Never():
            said = gettext("Points never expire.")
        case Months(months, True):
            said = ngettext(
                "Points expire at the end of the month after the one they are earned in.",
                "Points expire at the end of the month, %(num)s months after the one they are "
                "earned in.",
                months,
            )
        case Months(months, _):
            said = ngettext(
                "Points expire one month after the day they are earned.",
                "Points expire %(num)s months after the day they are earned.",
                months,
            )
        case YearEnd(0):
            said = gettext("Points expire at the end of the year they are earned in.")
        case YearEnd(years):
            said = ngettext(
                "Points expire at the end of the year after the one they are earned in.",
                "Points expire at the end of the year, %(num)s years after the one they are "
                "earned in.",
                years,
            )
        case Idle(months):
            said = ngettext(
                "Points expire when nothing is earned or spent for a month.",
                "Points expire when nothing is earned or spent for %(num)s months.",
                months,
            )
    return said


def grace_sentence(days: int) -> str:
    """What happens to points that come back after their last day; nothing without grace."""
    if not days:
        return ""
    said: str = ngettext(
        "Points of an undone purchase whose last day is over can be spent for one more day.",
        "Points of an undone purchase whose last day is over can be spent for %(num)s more days.",
        days,
    )
    return said


def limit_sentence(limit: int | None, when_full: str) -> str:
    """The wallet's limit, and what becomes of an award beyond it; nothing without a limit."""
    if limit is None:
        return ""
    said: str = (
        gettext(
            "A wallet holds at most %(points)s points; an award that doesn't fit is refused.",
            points=points(limit),
        )
        if when_full == REFUSE
        else gettext(
            "A wallet holds at most %(points)s points; of an award, only as many as fit are given.",
            points=points(limit),
        )
    )
    return said
