"""Ledger health: what the last verification found, the ledger in a few sums, seals and archives.

The check itself takes too long for a request: a command does it, every night and on demand.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.ledger import seals, verification
from rewards.ledger.archive import model as archive
from rewards.staff import Role
from rewards.web import access
from rewards.web.edge import act

bp = access.office_only(
    Blueprint("office_ledger", __name__, url_prefix="/office/ledger"), Role.ADMINISTRATOR
)

SHOWN = 10
# It runs every night; a night may be missed, not two.
STALE = timedelta(hours=50)


@bp.get("")
def index() -> ResponseReturnValue:
    session = act().session
    runs = verification.latest(session, SHOWN)
    return render_template(
        "office/ledger.html",
        runs=runs,
        last=runs[0] if runs else None,
        stale=bool(runs) and act().now - runs[0].ran_at > STALE,
        in_words=in_words,
        seal=seals.latest(session),
        archives=archive.every(session),
    )


def in_words(drift: Mapping[str, Any]) -> str:
    """A drift as it was kept, in the reader's language."""
    words = drift["words"]
    sentence: str = gettext(words)
    return sentence % drift


@bp.app_template_global()
def archived_through(wallet_id: int | None = None) -> datetime | None:
    """When the last entry was recorded that is in an archive, of the wallet's or of all."""
    return archive.archived_through(act().session, wallet_id)
