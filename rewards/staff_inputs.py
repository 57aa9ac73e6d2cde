"""What staff and residents type to come in."""

from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Secret, Text

PASSWORD_LEAST = 10


class SignIn(Input):
    """A member of staff's user name and password."""

    username = Text(_l("User name"), longest=40, required=True, autocomplete="username")
    password = Secret(_l("Password"), longest=200, required=True, autocomplete="current-password")


class ScopedRole(Input):
    """A role, here or in every community of the programme."""

    role = Choice(
        _l("Role"),
        [("organiser", _l("Organiser")), ("administrator", _l("Administrator"))],
        required=True,
    )
    scope = Choice(
        _l("Where"),
        [
            ("community", _l("In this community")),
            ("programme", _l("In every community of the programme")),
        ],
        required=True,
    )


class NewStaff(ScopedRole):
    """Somebody new on the staff. Without a password, one is made."""

    name = Text(_l("Name"), longest=60, required=True)
    username = Text(
        _l("User name"),
        longest=40,
        shortest=3,
        required=True,
        hint=_l("What they type to sign in: 3 to 40 characters."),
        autocomplete="off",
    )
    password = Secret(
        _l("First password"),
        longest=200,
        shortest=PASSWORD_LEAST,
        hint=_l("Leave it empty and a password is made for you. It is shown once."),
        autocomplete="new-password",
    )

    class Meta:
        fields = ("name", "username", "role", "scope", "password")


class FurtherRole(ScopedRole):
    """A role for somebody who signs in already."""

    username = Text(_l("User name"), longest=40, required=True, autocomplete="off")

    class Meta:
        fields = ("username", "role", "scope")


class ChangePassword(Input):
    """One's own password, the old one first."""

    current = Secret(
        _l("Present password"), longest=200, required=True, autocomplete="current-password"
    )
    new = Secret(
        _l("New password"),
        longest=200,
        shortest=PASSWORD_LEAST,
        required=True,
        hint=_l("At least 10 characters. Several words that you can remember are a good choice."),
        autocomplete="new-password",
    )
