"""What is asked about residents."""

from flask_babel import lazy_gettext as _l
from marshmallow.fields import Raw

from rewards.forms import Choice, Input, Key, LongText, Phone, Text, Tick, Ticks, Whole
from rewards.residents import LONGEST_BUILDING, LONGEST_HOUSEHOLD, LONGEST_NAME, LONGEST_NOTE


class ResidentEntry(Input):
    """A resident as registered at the desk, or as a line of an import has them."""

    name = Text(_l("Name"), longest=LONGEST_NAME, required=True, autocomplete="off")
    phone = Phone(
        _l("Phone"),
        hint=_l("A mobile or landline number. Leave it empty if there is none."),
        load_default=None,
    )
    building = Text(
        _l("Building"),
        longest=LONGEST_BUILDING,
        hint=_l("Such as building 3, entrance 2."),
        load_default="",
        autocomplete="off",
    )
    note = Text(
        _l("Remark"),
        longest=LONGEST_NOTE,
        hint=_l("Only staff see it."),
        load_default="",
        autocomplete="off",
    )

    household = Text(
        _l("Household"),
        longest=LONGEST_HOUSEHOLD,
        hint=_l("Such as 3-2-501. Residents with the same one count as one household."),
        load_default="",
        autocomplete="off",
    )
    tags = Ticks(_l("Identity"), hint=_l("The points rules may ask for it."))


class ResidentChanges(ResidentEntry):
    """Changed details. The number isn't shown, so an empty one leaves it as it is."""

    phone = Phone(
        _l("New phone number"),
        hint=_l("Leave this empty to keep the number as it is."),
        load_default=None,
    )
    no_phone = Tick(_l("Remove the number: this resident has no phone"))


class ResidentList(Input):
    """What a list of residents shows: who, in which order, which page."""

    q = Text(_l("Search"), longest=100, load_default="")
    card = Choice(
        _l("Card"),
        [("with", _l("With a card")), ("without", _l("Without a card"))],
        load_default="",
    )
    sort = Choice(
        _l("Order"),
        [
            ("name", _l("By name")),
            ("building", _l("By building")),
            ("points", _l("Most points first")),
            ("newest", _l("Newest first")),
        ],
        load_default="name",
    )
    page = Whole(_l("Page"), most=100_000, load_default=1)


class ResidentFile(Input):
    """A list of residents to import; the file itself comes beside the form's fields."""

    file = Raw(metadata={"label": _l("File")})


class TakeBack(Input):
    """How much of an award is taken back, why, and what if its points were spent."""

    points = Whole(
        _l("Points to take back"), hint=_l("Leave it empty for all of them."), load_default=None
    )
    reason = LongText(_l("Reason"), longest=200, hint=_l("The resident reads this."), required=True)
    owe = Tick(
        _l("If points were spent, take what is left"),
        hint=_l("The rest is recorded as owed. Without this, nothing is taken if any was spent."),
    )
    key = Key()
