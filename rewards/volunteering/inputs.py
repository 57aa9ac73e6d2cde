"""What organisers type about events, for pages and API alike."""

from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Key, LocalMoment, LongText, Text, Whole

LONGEST = timedelta(hours=24)


class EventInput(Input):
    """An event as it is drafted or changed; its class, grade and level are the scheme's."""

    title = Text(_l("Title"), longest=80, required=True)
    service = Text(_l("Class of service"), longest=40, required=True)
    grade = Text(_l("Grade"), longest=40, load_default=None)
    level = Text(_l("Level"), longest=40, load_default=None)
    place = Text(_l("Place"), longest=100, required=True)
    starts_at = LocalMoment(_l("Starts"), required=True)
    ends_at = LocalMoment(_l("Ends"), required=True, hint=_l("At most 24 hours later."))
    description = LongText(
        _l("Description"), hint=_l("What to bring, where to meet, whom to ask."), load_default=""
    )
    capacity = Whole(
        _l("Places for volunteers"),
        most=10_000,
        hint=_l("How many can sign up. Leave empty for no limit."),
        load_default=None,
    )

    @ma.validates_schema
    def _in_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        starts_at: datetime | None = data.get("starts_at")
        ends_at: datetime | None = data.get("ends_at")
        if starts_at is None or ends_at is None:
            return
        if ends_at <= starts_at:
            raise ma.ValidationError(str(_l("Enter an end that is after the start.")), "ends_at")
        if ends_at - starts_at > LONGEST:
            raise ma.ValidationError(
                str(_l("An event lasts at most 24 hours. Make one for each day.")), "ends_at"
            )


class Cancellation(Input):
    """Why an event is called off."""

    reason = Text(
        _l("Reason"), longest=200, required=True, hint=_l("Those who signed up can read it.")
    )


class Passing(Input):
    """A card at the door, coming or going: the text that was scanned or typed."""

    code = Text(_l("Card code"), longest=300, required=True)
    mode = Choice(
        _l("Direction"), [("in", _l("Check in")), ("out", _l("Check out"))], required=True
    )


class Minutes(Input):
    """Minutes put in place of those measured."""

    minutes = Whole(_l("Minutes that count"), least=0, most=24 * 60, required=True)
    reason = Text(_l("Reason"), longest=200, required=True, hint=_l("It stays on the sheet."))


class Forgotten(Minutes):
    """A resident whom the door did not see."""

    who = Text(
        _l("Resident"),
        longest=300,
        required=True,
        hint=_l("Card code, full telephone number, or the full name if nobody shares it."),
    )

    class Meta(Minutes.Meta):
        fields = ("who", "minutes", "reason")


class Who(Input):
    """A resident, named at the desk."""

    who = Text(
        _l("Resident"),
        longest=300,
        required=True,
        hint=_l("Card code, full telephone number, or the full name if nobody shares it."),
    )


class Attestation(Input):
    """The correction that the second person saw."""

    correction = Whole(_l("Correction"), required=True)


class AwardInput(Input):
    """The sheet as it was checked: which round of awards, and its points in all."""

    round_number = Whole(_l("Round"), required=True)
    points = Whole(_l("Points"), required=True)


class ReversalInput(Input):
    """Why points are taken back."""

    key = Key()
    reason = Text(
        _l("Reason"),
        longest=200,
        required=True,
        hint=_l("The residents read it on their statement."),
    )
