"""What organisers type about events, for pages and API alike."""

from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Key, LocalMoment, LongText, Text, Whole
from rewards.volunteering.events import Service

LONGEST = timedelta(hours=24)

SERVICES: list[tuple[str, Any]] = [
    (Service.ENVIRONMENT.value, _l("Environment")),
    (Service.ELDERS.value, _l("Help for older people")),
    (Service.CULTURE.value, _l("Culture and sports")),
    (Service.SAFETY.value, _l("Neighbourhood safety")),
    (Service.EDUCATION.value, _l("Education")),
    (Service.OTHER.value, _l("Other service")),
]


class EventInput(Input):
    """An event as it is drafted or changed. The rule's blanks are filled from the rates."""

    title = Text(_l("Title"), longest=80, required=True)
    service = Choice(_l("Class of service"), SERVICES, required=True)
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
    points_per_hour = Whole(
        _l("Points an hour"), least=0, most=1000, hint=_l("Counted by the minute.")
    )
    hours_cap = Whole(_l("Most hours that count"), least=0, most=24, hint=_l("0 for no limit."))
    bonus = Whole(
        _l("Fixed bonus"),
        least=0,
        most=1000,
        hint=_l("Points for everyone who served, besides their hours."),
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
