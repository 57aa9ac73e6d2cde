"""The edge of the web: makes the act, commits once, and turns refusals into answers."""

from secrets import token_urlsafe
from typing import Any, cast
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import get_locale, gettext

from rewards.act import Act, Actor
from rewards.clock import Clock
from rewards.db import db
from rewards.errors import Refused
from rewards.ledger import Answer
from rewards.settings import Settings
from rewards.web import principal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def settings() -> Settings:
    """The settings that the application was made with."""
    return cast(Settings, current_app.extensions["settings"])


def act() -> Act:
    """What is being done: this request's session, whoever is signed in, and now."""
    who = principal.person()
    actor = Actor("anyone") if who is None else Actor(who.kind, who.id, who.name)
    return Act(db.session(), actor, clock()())


def clock() -> Clock:
    """The clock that the application was made with."""
    return cast(Clock, current_app.extensions["clock"])


def commit() -> None:
    """Commit the request's one transaction. The last thing a handler does before it answers."""
    if request.method in SAFE:
        raise RuntimeError("a request that only reads must not commit")
    db.session.commit()


def answered(answer: Answer) -> dict[str, Any]:
    """Commit the operation's answer, refusals too, then give it or raise it."""
    commit()
    return answer.result()


def new_key() -> str:
    """An idempotency key for a form that is about to be drawn."""
    return token_urlsafe(16)


def message(refusal: Refused) -> str:
    """The refusal's sentence in the reader's language."""
    sentence: str = gettext(refusal.message)
    return sentence % refusal.facts if refusal.facts else sentence


def language() -> str:
    """``zh`` or ``en``: what the reader reads."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def row_id(text: str) -> int:
    """A row's id in an address's query; one that no database can hold is none.

    Raises:
        ValueError: which ``request.args.get(…, type=row_id)`` takes as not given.
    """
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError
    return number


def local_path(address: str | None, otherwise: str) -> str:
    """*address* if it is a path of this site, so that no form can send a reader elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address
