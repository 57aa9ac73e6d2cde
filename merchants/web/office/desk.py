"""The blueprint of the office's shop pages, and who may change what on them."""

from flask import Blueprint

from merchants import partners
from merchants.partners import Merchant
from rewards.errors import NotAllowed
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act

bp = access.office_only(Blueprint("office_merchants", __name__, url_prefix="/office/merchants"))


def shop(merchant_id: int) -> Merchant:
    """The shop of that id, of the programme at hand."""
    return partners.load(act(), merchant_id, office().community.programme_id)


def own_shop(merchant_id: int) -> Merchant:
    """The same, to change something about it: a shop is the whole programme's."""
    administrators_only()
    return shop(merchant_id)


def administrators_only() -> None:
    """Refuse all but administrators of the whole programme.

    Raises:
        NotAllowed: whoever is signed in administers at most a community.
    """
    if not office().whole_programme:
        raise NotAllowed
