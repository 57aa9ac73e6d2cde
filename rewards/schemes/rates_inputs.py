"""What an administrator types to set a programme's rates."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Day, Input, Whole
from rewards.ledger import expiry
from rewards.ledger.expiry import Idle, Months, Never, Policy, YearEnd
from rewards.schemes.rates import LONGEST_GRACE, REFUSE, TRIM, Rates

MOST_POINTS = 1_000_000
NEEDED = _l("Enter this; it can't be left empty.")

# The ways of expiring as an administrator chooses them, with the field that each needs.
LENGTHS = {
    "never": None,
    "month_end": "expiry_months",
    "to_the_day": "expiry_months",
    "year_end": "expiry_years",
    "idle": "expiry_months",
}


class RatesInput(Input):
    """New rates. A cap of 0 means none; the expiry's parts load as one policy."""

    points_per_hour = Whole(_l("Points an hour"), least=0, most=MOST_POINTS, required=True)
    hours_cap = Whole(
        _l("Most hours that count for one event"),
        least=0,
        most=24 * 31,
        required=True,
        hint=_l("0 means no limit."),
    )
    points_per_yuan = Whole(_l("Points a yuan"), least=0, most=MOST_POINTS, required=True)
    donation_cap = Whole(
        _l("Most points for one donation"),
        least=0,
        most=MOST_POINTS,
        required=True,
        hint=_l("0 means no limit."),
    )
    points_per_suggestion = Whole(
        _l("Points for an adopted suggestion"), least=0, most=MOST_POINTS, required=True
    )
    suggestions_cap = Whole(
        _l("Most rewarded suggestions for one resident a month"),
        least=0,
        most=1000,
        required=True,
        hint=_l("0 means no limit."),
    )
    expiry_kind = Choice(
        _l("When points expire"),
        [
            ("month_end", _l("Months after they are earned, at the end of the month")),
            ("to_the_day", _l("Months after they are earned, to the day")),
            ("year_end", _l("At the end of a calendar year")),
            ("idle", _l("When the wallet rests: nothing earned or spent for months")),
            ("never", _l("Never")),
        ],
        required=True,
    )
    expiry_months = Whole(
        _l("Months until points expire"),
        least=1,
        most=expiry.LONGEST_MONTHS,
        load_default=None,
        hint=_l("For the choices that count months."),
    )
    expiry_years = Whole(
        _l("Years until points expire"),
        least=0,
        most=expiry.LONGEST_YEARS,
        load_default=None,
        hint=_l("For the end of a calendar year: 0 is the year they are earned in, 1 the next."),
    )
    grace_days = Whole(
        _l("Days to spend points that come back late"),
        least=0,
        most=LONGEST_GRACE,
        load_default=0,
        hint=_l("For points of an undone purchase whose last day is over. 0: they stay expired."),
    )
    wallet_limit = Whole(
        _l("Most points one wallet can hold"),
        least=1,
        most=MOST_POINTS,
        load_default=None,
        hint=_l("Empty: no limit."),
    )
    when_full = Choice(
        _l("When an award doesn't fit"),
        [
            (TRIM, _l("Give as many points as fit")),
            (REFUSE, _l("Refuse the whole award")),
        ],
        load_default=TRIM,
    )
    effective_on = Day(
        _l("In force from"),
        required=True,
        hint=_l("Today or later. Today means from this moment on."),
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _length_given(self, data: dict[str, Any], **kwargs: Any) -> None:
        needed = LENGTHS[data["expiry_kind"]]
        if needed is not None and data[needed] is None:
            raise ma.ValidationError(str(NEEDED), needed)

    @ma.post_load
    def _one_policy(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        kind, months, years = (data.pop(f"expiry_{part}") for part in ("kind", "months", "years"))
        policies: dict[str, Any] = {
            "never": lambda: Never(),
            "month_end": lambda: Months(months, True),
            "to_the_day": lambda: Months(months, False),
            "year_end": lambda: YearEnd(years),
            "idle": lambda: Idle(months),
        }
        return {**data, "expiry": expiry.serialize(policies[kind]())}


def typed(row: Rates) -> dict[str, Any]:
    """The rates of *row* as they would be typed into the form, without a day to begin on."""
    known = {name: getattr(row, name, None) for name in RatesInput().fields}
    return known | _typed_expiry(expiry.parse(row.expiry))


def _typed_expiry(policy: Policy) -> dict[str, Any]:
    match policy:
        case Months(months, to_month_end):
            kind = "month_end" if to_month_end else "to_the_day"
            return {"expiry_kind": kind, "expiry_months": months}
        case YearEnd(years):
            return {"expiry_kind": "year_end", "expiry_years": years}
        case Idle(months):
            return {"expiry_kind": "idle", "expiry_months": months}
        case Never():
            return {"expiry_kind": "never"}
