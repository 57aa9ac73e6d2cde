"""What is typed when a draft is submitted, given back or withdrawn."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Day, Input, LongText

LONGEST_REASON = 200


class SubmitInput(Input):
    """The day from which a draft shall hold."""

    effective_on = Day(
        _l("In force from"),
        required=True,
        hint=_l("Today or later. Today means as soon as it is approved."),
    )


class ReasonInput(Input):
    """Why something is given back or withdrawn."""

    reason = LongText(_l("Your reason"), longest=LONGEST_REASON, required=True)
