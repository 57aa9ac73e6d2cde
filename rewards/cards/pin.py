"""The second factor: a PIN that the resident sets at first use, by an activation code.

The activation code is handed over on a slip apart from the card. It is not kept anywhere: it
is derived from the card's code and a secret key, so that a slip can be printed again and a
copy of the database opens nothing.
"""

import hmac
from datetime import date
from itertools import pairwise

from sqlalchemy import select, update

from rewards import audit
from rewards.act import Act
from rewards.cards.model import Card, CardStatus, check_usable
from rewards.clock import local_date
from rewards.credentials import hash_secret, try_derived, try_secret
from rewards.errors import N_, Refused
from rewards.residents import Resident

PIN_DIGITS = 6


class WeakPin(Refused):
    """The PIN is one that a stranger would try first."""

    code = "weak_pin"
    status = 422
    message = N_(
        "This PIN is too easy to guess. Avoid repeats, runs such as 123456, "
        "and the end of your phone number."
    )


class AlreadyActivated(Refused):
    """The resident has a PIN, so the activation code is used up."""

    code = "already_activated"
    message = N_("This card has been activated. Sign in with your PIN.")


class NotActivated(Refused):
    """No PIN has been set yet."""

    code = "not_activated"
    message = N_("This card isn't activated yet. Use the activation code that came with it.")


def activation_key(secret: str) -> bytes:
    """The key of activation codes, apart from whatever else the service's secret signs."""
    return hmac.digest(secret.encode(), b"card activation", "sha256")


def activation_code(card: Card, key: bytes) -> str:
    """The eight digits that let the resident set a PIN with this card, in its present round."""
    digest = hmac.digest(key, f"{card.code}:{card.activation_round}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def check_pin(pin: str, phone: str | None) -> None:
    """Refuse a PIN that a finder would guess: repeats, runs, the telephone number's end.

    Raises:
        WeakPin: it is one of these.
    """
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    runs = len(steps) == 1 and steps <= {0, 1, 9}
    repeats = pin in (pin[:2] * 3, pin[:3] * 2)
    if runs or repeats or (phone is not None and phone.endswith(pin)):
        raise WeakPin


def activate(act: Act, card: Card, code: str, pin: str, key: bytes) -> Refused | None:
    """Set the resident's first PIN, if the activation code is right; else answer why not.

    Commit either way: wrong tries count, and the wait grows with them.

    Raises:
        BlockedCard, ReplacedCard, ExpiredCard, AlreadyActivated, WeakPin: no try was counted.
    """
    check_usable(card, _today(act, card.resident))
    resident = _locked(act, card.resident)
    if resident.pin_hash is not None:
        raise AlreadyActivated
    check_pin(pin, resident.phone)
    act.session.refresh(card)
    refusal = try_derived(resident, activation_code(card, key), code, act.now)
    if refusal is not None:
        return refusal
    resident.pin_hash = hash_secret(pin)
    card.activated_at = act.now
    act.session.flush()
    audit.record(act, "card.activate", f"card:{card.id}", community_id=resident.community_id)
    return None


def enter(act: Act, card: Card, pin: str) -> Refused | None:
    """Let the resident in by card and PIN; else answer why not. Commit either way.

    Raises:
        BlockedCard, ReplacedCard, ExpiredCard, NotActivated: no try was counted.
    """
    check_usable(card, _today(act, card.resident))
    resident = _locked(act, card.resident)
    if resident.pin_hash is None:
        raise NotActivated
    return try_secret(resident, resident.pin_hash, pin, act.now)


def prove(act: Act, resident: Resident, pin: str) -> Refused | None:
    """Ask whoever is signed in for the PIN once more; else answer why not. Commit either way.

    Raises:
        NotActivated: no try was counted.
    """
    resident = _locked(act, resident)
    if resident.pin_hash is None:
        raise NotActivated
    return try_secret(resident, resident.pin_hash, pin, act.now)


def change_pin(act: Act, resident: Resident, current: str, new: str) -> Refused | None:
    """Change the PIN and sign out everywhere, if the current one is right. Commit either way.

    Raises:
        WeakPin, NotActivated: no try was counted.
    """
    resident = _locked(act, resident)
    if resident.pin_hash is None:
        raise NotActivated
    check_pin(new, resident.phone)
    refusal = try_secret(resident, resident.pin_hash, current, act.now)
    if refusal is not None:
        return refusal
    resident.pin_hash = hash_secret(new)
    resident.epoch += 1
    act.session.flush()
    audit.record(
        act, "resident.change_pin", f"resident:{resident.id}", community_id=resident.community_id
    )
    return None


def reset_pin(act: Act, resident: Resident, *, reason: str) -> None:
    """Forget the PIN and sign out everywhere; the card then asks for a new activation code.

    Slips printed before are waste paper, whether they were used or not.
    """
    resident = _locked(act, resident)
    resident.pin_hash = None
    resident.epoch += 1
    resident.wrong_tries = 0
    resident.wait_until = None
    act.session.execute(
        update(Card)
        .where(Card.resident_id == resident.id, Card.status != CardStatus.REPLACED.value)
        .values(activation_round=Card.activation_round + 1, activated_at=None)
    )
    act.session.flush()
    audit.record(
        act,
        "resident.reset_pin",
        f"resident:{resident.id}",
        community_id=resident.community_id,
        reason=reason,
    )


def _locked(act: Act, resident: Resident) -> Resident:
    """The resident's row, locked, so that parallel tries are counted one by one."""
    return act.session.scalars(
        select(Resident)
        .where(Resident.id == resident.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _today(act: Act, resident: Resident) -> date:
    return local_date(act.now, resident.community.programme.timezone)
