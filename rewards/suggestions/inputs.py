"""What residents and staff type about suggestions."""

from flask_babel import lazy_gettext as _l
from marshmallow import fields

from rewards.forms import Choice, Input, Key, LongText, Text, Tick
from rewards.suggestions.model import Category, Channel

CATEGORIES = [
    (Category.ENVIRONMENT.value, _l("Environment")),
    (Category.SAFETY.value, _l("Safety")),
    (Category.FACILITIES.value, _l("Facilities")),
    (Category.SERVICE.value, _l("Services")),
    (Category.CULTURE.value, _l("Culture")),
    (Category.OTHER.value, _l("Something else")),
]


class Content(Input):
    """What a suggestion says."""

    text = LongText(
        _l("Your suggestion"),
        longest=1000,
        required=True,
        hint=_l("What did you see, or what would you improve?"),
    )
    category = Choice(_l("What is it about?"), CATEGORIES, required=True)
    place = Text(
        _l("Where is it?"),
        longest=100,
        load_default="",
        hint=_l("So that we find it, such as: by the east gate."),
    )


class Sending(Content):
    """A suggestion as its author sends it. The photos' own checks look at the files."""

    key = Key()
    photos = fields.Raw(metadata={"label": _l("Photos")})


class Taking(Content):
    """A suggestion that the desk takes down for a resident."""

    key = Key()
    code = Text(
        _l("The resident's card code"),
        longest=200,
        required=True,
        hint=_l("The 16 characters on the card; a hand scanner can read them here."),
    )
    channel = Choice(
        _l("How did it come in?"),
        [(Channel.DESK.value, _l("At the desk")), (Channel.PHONE.value, _l("By phone"))],
        required=True,
    )


class Reply(Input):
    """Words of the desk's that the resident reads."""

    words = LongText(_l("What the resident will read"), longest=500, required=True)


class Adopting(Input):
    """What the office says when it adopts a suggestion."""

    public_title = Text(
        _l("Title on the public board"),
        longest=60,
        required=True,
        hint=_l("Anyone can read it. No names, telephone numbers or flat numbers."),
    )
    photos_public = Tick(
        _l("Show the photos on the public board"),
        hint=_l("Only if nobody can be recognised in them."),
    )
    words = LongText(_l("What the resident will read"), longest=500, load_default="")


class Reversing(Input):
    """Why an adoption is taken back."""

    key = Key()
    reason = LongText(_l("Reason, which the resident will read"), longest=200, required=True)
