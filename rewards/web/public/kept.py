"""A form sent after its session had ended: carried through the door, then offered again."""

from dataclasses import dataclass

from flask import render_template, request

from rewards.web import access
from rewards.web.edge import local_path

# What a carried form's fields are called on the door's page, apart from its own.
PREFIX = "kept:"
LOST_FILES = "kept_lost_files"

SECRETS = {"password", "pin", "new_pin", "new_pin_again", "activation_code"}
UNSAID = {"key", "code", "next", "submit"}


@dataclass(frozen=True)
class Kept:
    """The fields of a form, where it was sent, and whether files were with it (they are lost)."""

    fields: list[tuple[str, str]]
    lost_files: bool = False
    prefix: str = PREFIX

    def __bool__(self) -> bool:
        return bool(self.fields) or self.lost_files

    @property
    def said(self) -> list[str]:
        """What the reader typed or chose, as it is shown before it is sent."""
        return [value for name, value in self.fields if value.strip() and name not in UNSAID]


def sent() -> Kept:
    """The form of this request, which found no session. Secrets are never carried."""
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in SECRETS]
    return Kept(fields, any(file.filename for file in request.files.values()))


def carried() -> Kept:
    """What the door's own form brings along."""
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    ]
    return Kept(fields, request.form.get(LOST_FILES) == "1")


def resume(next_path: str | None, kept: Kept) -> str:
    """The page after the door: what was kept, to be sent with one tap."""
    who = access.person()
    return render_template(
        "public/resume.html",
        action=local_path(next_path, "/"),
        kept=kept,
        home=access.landing(who) if who else "/",
    )
