"""What is typed when a draft is tried out on the past."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Day, Input


class PreviewInput(Input):
    """The days whose acts are evaluated anew."""

    first = Day(_l("First day"), required=True)
    last = Day(_l("Last day"), required=True)
