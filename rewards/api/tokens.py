"""Where a program gets its token, and gives it back."""

from rewards import cards, staff, tokens
from rewards.api.framework import Blueprint
from rewards.api.inputs import Credentials
from rewards.api.shapes import TokenOut
from rewards.errors import Refused
from rewards.residents import Resident
from rewards.staff import Staff
from rewards.tokens import Issued
from rewards.web import access
from rewards.web.edge import act, commit

door = access.token_door(
    Blueprint("api_tokens", __name__, url_prefix="/api/v1/tokens", description="Getting a token")
)
bp = access.token_only(
    Blueprint("api_token", __name__, url_prefix="/api/v1/tokens", description="Ending a token")
)


@door.post("")
@door.arguments(Credentials)
@door.response(201, TokenOut)
@door.doc(security=[])
def issue(credentials: dict[str, str]) -> Issued:
    """Get a token

    For staff by user name and password, for a resident by card code and PIN. It is good for
    twelve hours. After five wrong tries there is a wait, longer each time.
    """
    holder, refusal = _sign_in(credentials)
    issued = tokens.issue(act(), holder) if holder is not None else None
    commit()  # wrong tries are counted
    if issued is None:
        raise refusal or Refused
    return issued


@bp.delete("/current")
@bp.response(204)
def revoke() -> None:
    """End the token that is shown

    It is refused from then on.
    """
    tokens.revoke(act(), access.bearer_secret() or "")
    commit()


def _sign_in(credentials: dict[str, str]) -> tuple[Staff | Resident | None, Refused | None]:
    if "username" in credentials:
        return staff.sign_in(act(), credentials["username"], credentials["password"])
    card = cards.find(act(), credentials["code"])
    refusal = cards.enter(act(), card, credentials["pin"])
    return (None, refusal) if refusal else (card.resident, None)
