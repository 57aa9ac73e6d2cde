"""Fields of input schemas: each knows its shape and how a form draws it."""

import re
import unicodedata
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
import phonenumbers
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate

# Beyond it a double, and so a browser, can't hold every integer.
LARGEST = 2**53 - 1


def plain(text: str) -> str:
    """*text* without surrounding blanks, full-width digits and letters made plain."""
    return unicodedata.normalize("NFKC", text).strip()


def shown_as(label: Any, hint: Any, **more: Any) -> dict[str, Any]:
    """What an HTML form needs to draw a field, beside what marshmallow needs to check it."""
    return {"label": label, "hint": hint, **more}


REQUIRED = {
    "required": _l("Enter this; it can't be left empty."),
    "null": _l("Enter this; it can't be left empty."),
}


# Unicode's category Cc without tab and ends of lines.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Text(fields.String):
    """One line of text, at most *longest* characters, no control characters."""

    kind = "text"

    def __init__(
        self,
        label: Any,
        *,
        longest: int = 100,
        shortest: int = 0,
        hint: Any = None,
        autocomplete: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.longest = longest
        super().__init__(
            validate=validate.Length(
                min=shortest or None,
                max=longest,
                error=_l("Use at most {max} characters.")
                if not shortest
                else _l("Use {min} to {max} characters."),
            ),
            metadata=shown_as(label, hint, maxlength=longest, autocomplete=autocomplete),
            error_messages={**REQUIRED, "invalid": _l("Enter text.")},
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _CONTROL.search(text):
            raise ma.ValidationError(str(_l("Remove the control characters.")))
        return text


class LongText(Text):
    """Several lines of text."""

    kind = "longtext"

    def __init__(self, label: Any, *, longest: int = 2000, **kwargs: Any) -> None:
        super().__init__(label, longest=longest, **kwargs)


class Secret(Text):
    """A password, PIN or activation code: never shown again, never logged."""

    kind = "secret"

    def __init__(self, label: Any, *, digits: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.metadata = {**self.metadata, "digits": digits}


class TimeOfDay(fields.Time):
    """A time of day to the minute, ``18:30``."""

    kind = "time"

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(
            metadata=shown_as(label, hint),
            error_messages={**REQUIRED, "invalid": _l("Enter a time, such as 18:30.")},
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        text = plain(str(value))
        if not re.fullmatch(r"\d{1,2}:\d{2}(:00)?", text):
            raise self.make_error("invalid", input=value, obj_type="time")
        return super()._deserialize(text.zfill(5), attr, data, **kwargs)


class Day(fields.Date):
    """A calendar day, ``2026-11-21``."""

    kind = "day"

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(
            format="iso",
            metadata=shown_as(label, hint),
            error_messages={**REQUIRED, "invalid": _l("Enter a date, such as 2026-11-21.")},
            **kwargs,
        )


class LocalMoment(fields.Field[datetime]):
    """A moment. A form gives it as wall-clock time in the programme's zone
    (``2026-11-21T09:30``, placed by ``context['timezone']``), JSON with its offset."""

    kind = "moment"

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(metadata=shown_as(label, hint), error_messages=REQUIRED, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(plain(str(value)))
        except ValueError:
            raise ma.ValidationError(
                str(_l("Enter a date and time, such as 2026-11-21 09:30."))
            ) from None
        if moment.tzinfo is None:
            zone = getattr(self.root, "timezone", None)
            if zone is None:
                raise ma.ValidationError(str(_l("Give the time with its offset from UTC.")))
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment


class Choice(fields.String):
    """One of a few values; ``choices`` pairs each value with its label."""

    kind = "choice"

    def __init__(
        self, label: Any, choices: list[tuple[str, Any]], *, hint: Any = None, **kwargs: Any
    ) -> None:
        self.choices = choices
        super().__init__(
            validate=validate.OneOf(
                [value for value, _ in choices], error=_l("Choose one from the list.")
            ),
            metadata=shown_as(label, hint, choices=choices),
            error_messages={**REQUIRED, "invalid": _l("Choose one from the list.")},
            **kwargs,
        )


class Tick(fields.Boolean):
    """A box to tick."""

    kind = "tick"

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(
            load_default=False,
            truthy={"1", "on", "true", True},
            falsy={"0", "off", "false", False},
            metadata=shown_as(label, hint),
            error_messages=REQUIRED,
            **kwargs,
        )


class Phone(fields.String):
    """A telephone number; loads in E.164 form, read as a mainland number without a prefix."""

    kind = "phone"

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(
            metadata=shown_as(label, hint, inputmode="tel", autocomplete="tel"),
            error_messages=REQUIRED,
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = phone_number(str(value))
        if number is None:
            raise ma.ValidationError(str(_l("Enter a telephone number, such as 138 0013 8000.")))
        return number


def phone_number(text: str, region: str = "CN") -> str | None:
    """*text* as an E.164 number, or None where it isn't a possible number.

    Letters are refused, where the library would dial them, and so is a mainland mobile
    number with a digit too few or too many, which it takes for a possible landline.
    """
    text = plain(text)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    is_mobile = number.country_code == 86 and re.match("1[3-9]", national) is not None
    if (
        re.search("[A-Za-z]", text)
        or not phonenumbers.is_possible_number(number)
        or (is_mobile and len(national) != 11)
    ):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Key(fields.String):
    """An idempotency key: made by the sender, the same for every retry of one act."""

    kind = "hidden"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=True,
            validate=validate.Regexp(
                r"[A-Za-z0-9._:-]{8,80}\Z", error=_l("The idempotency key is malformed.")
            ),
            metadata=shown_as(_l("Idempotency key"), None),
            error_messages=REQUIRED,
            **kwargs,
        )
