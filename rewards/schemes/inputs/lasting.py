"""How long points last, as it is typed: the parts of one policy of expiry."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Whole
from rewards.ledger import expiry
from rewards.ledger.expiry import Idle, Months, Never, Policy, YearEnd

NEEDED = _l("Enter this; it can't be left empty.")

KINDS: list[tuple[str, Any]] = [
    ("month_end", _l("Months after they are earned, at the end of the month")),
    ("to_the_day", _l("Months after they are earned, to the day")),
    ("year_end", _l("At the end of a calendar year")),
    ("never", _l("Never")),
]
IDLE = ("idle", _l("When the wallet rests: nothing earned or spent for months"))

# The field that each kind needs.
LENGTHS = {
    "month_end": "expiry_months",
    "to_the_day": "expiry_months",
    "idle": "expiry_months",
    "year_end": "expiry_years",
}


class Lasting(Input):
    """Parent of the inputs that say when points expire; each declares its ``expiry_kind``."""

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

    @ma.validates_schema(skip_on_field_errors=True)
    def _length_given(self, data: dict[str, Any], **kwargs: Any) -> None:
        needed = LENGTHS.get(data["expiry_kind"])
        if needed is not None and data[needed] is None:
            raise ma.ValidationError(str(NEEDED), needed)


class RuleLasting(Lasting):
    """When the points of one rule expire."""

    expiry_kind = Choice(
        _l("When the points of this rule expire"),
        [("as_all", _l("As all points of the scheme")), *KINDS],
        load_default="as_all",
    )


def policy(data: dict[str, Any]) -> Policy | None:
    """What was typed as a policy; None for that of the scheme."""
    months, years = data["expiry_months"], data["expiry_years"]
    match data["expiry_kind"]:
        case "month_end":
            return Months(months, True)
        case "to_the_day":
            return Months(months, False)
        case "year_end":
            return YearEnd(years)
        case "idle":
            return Idle(months)
        case "never":
            return Never()
    return None


def typed_policy(policy: Policy | None) -> dict[str, Any]:
    """*policy* as it would be typed."""
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
    return {"expiry_kind": "as_all"}
