"""What is asked about acts done outside events."""

from flask_babel import lazy_gettext as _l

from rewards.deeds.model import LONGEST_NOTE, LONGEST_PLACE, LONGEST_REASON
from rewards.forms import Input, Key, LocalMoment, LongText, Text, Whole


class DeedInput(Input):
    """An act as it is recorded. Classes, grades, levels and deductions are the scheme's."""

    key = Key()
    who = LongText(
        _l("Who did it"),
        longest=6000,
        required=True,
        hint=_l("One resident a line: card code, full telephone number, or full name."),
    )
    referred = Text(
        _l("Who was referred"),
        longest=300,
        load_default="",
        hint=_l("The newcomer, registered already: card code, telephone number, or full name."),
    )
    deduction = Text(_l("What for"), longest=40, load_default="")
    happened_at = LocalMoment(_l("When it happened"), required=True)
    service = Text(_l("Class"), longest=40, load_default=None)
    grade = Text(_l("Grade"), longest=40, load_default=None)
    level = Text(_l("Level"), longest=40, load_default=None)
    minutes = Whole(_l("Minutes"), most=100_000, load_default=0)
    items = Whole(_l("How many"), most=100_000, load_default=0)
    place = Text(_l("Place"), longest=LONGEST_PLACE, load_default="")
    reason = Text(
        _l("What happened"),
        longest=LONGEST_REASON,
        required=True,
        hint=_l("The residents read it on their statement."),
    )
    note = LongText(
        _l("Note of the meeting"),
        longest=LONGEST_NOTE,
        load_default="",
        hint=_l("Which meeting decided it, when, and who was there."),
    )


class Approval(Input):
    """The points in all that the second person saw."""

    points = Whole(_l("Points"), least=0, required=True)


class DeedReason(Input):
    """Why a recorded act is given back."""

    reason = Text(_l("Reason"), longest=LONGEST_REASON, required=True)


class DeductionReversal(Input):
    """Why a deduction is undone."""

    key = Key()
    reason = Text(
        _l("Reason"),
        longest=LONGEST_REASON,
        required=True,
        hint=_l("The residents read it on their statement."),
    )
