"""What is asked about complaints."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Input, Key, LongText, Tick, Whole
from rewards.volunteering.complaints.model import LONGEST_REASON

READ = _l("The resident reads this.")


class ComplaintInput(Input):
    """A complaint as it is recorded."""

    reason = LongText(
        _l("What the complaint is about"),
        longest=LONGEST_REASON,
        required=True,
        hint=_l("The resident reads this. Don't name whoever complained."),
    )


class Upholding(Input):
    """That a complaint is upheld: why, and the points to be taken back as they were shown."""

    key = Key()
    points = Whole(_l("Points"), least=0, required=True)
    finding = LongText(_l("What was found"), longest=LONGEST_REASON, required=True, hint=READ)
    owe = Tick(
        _l("If points were spent, take what is left"),
        hint=_l("The rest is recorded as owed. Without this, nothing is taken if any was spent."),
    )


class Finding(Input):
    """Why a complaint is dismissed."""

    finding = LongText(_l("What was found"), longest=LONGEST_REASON, required=True, hint=READ)


class Lifting(Input):
    """Why an upheld complaint is lifted."""

    reason = LongText(_l("Reason"), longest=LONGEST_REASON, required=True, hint=READ)
