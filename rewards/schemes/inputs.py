"""What an administrator types to set a programme's rates."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Day, Input, Whole

MOST_POINTS = 1_000_000


class RatesInput(Input):
    """New rates. A cap of 0 means none; no months means that points never expire."""

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
    expiry_months = Whole(
        _l("Months until points expire"),
        least=1,
        most=1200,
        load_default=None,
        hint=_l("Counted from the end of the month they are earned in. Empty: they never expire."),
    )
    effective_on = Day(
        _l("In force from"),
        required=True,
        hint=_l("Today or later. Today means from this moment on."),
    )
