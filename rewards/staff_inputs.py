"""What staff and residents type to come in."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Input, Secret, Text


class SignIn(Input):
    """A member of staff's user name and password."""

    username = Text(_l("User name"), longest=40, required=True, autocomplete="username")
    password = Secret(_l("Password"), longest=200, required=True, autocomplete="current-password")
