"""Passwords and PINs: hashed with argon2id, and slower to try after every five mistakes."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from rewards.errors import N_, Refused

TRIES_BEFORE_WAIT = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=24)

_hasher = PasswordHasher()


class WrongSecret(Refused):
    """The password or PIN is wrong; ``left`` tries remain before there is a wait."""

    code = "wrong_secret"
    status = 403
    message = N_("That isn't right. %(left)s more tries before you have to wait.")


class MustWait(Refused):
    """Too many wrong tries; ``minutes`` must pass before the next."""

    code = "must_wait"
    status = 429
    message = N_("Too many wrong tries. Wait %(minutes)s minutes, then try again.")


class Holder(Protocol):
    """Whoever has a secret: the columns that count wrong tries."""

    wrong_tries: int
    wait_until: datetime | None


def hash_secret(secret: str) -> str:
    """An argon2id hash of *secret*, with its own salt."""
    return _hasher.hash(secret)


def try_secret(
    holder: Holder | None, hashed: str | None, given: str, now: datetime
) -> Refused | None:
    """Compare *given* with *hashed* and count the try on *holder*.

    Answers None if it is right, else the refusal. The refusal is answered, not raised,
    because the count has to be committed. After five wrong tries each further one doubles
    the wait. Lock the holder's row first, so that parallel tries are counted one by one.
    """
    if holder is None or hashed is None:
        _matches(_nobody(), given)
        return WrongSecret(left=TRIES_BEFORE_WAIT - 1)
    return _count(holder, lambda: _matches(hashed, given), now)


def try_derived(holder: Holder, expected: str, given: str, now: datetime) -> Refused | None:
    """Compare *given* with a code that can be derived again, and count the try likewise."""
    return _count(holder, lambda: hmac.compare_digest(expected.encode(), given.encode()), now)


def _count(holder: Holder, right: Callable[[], bool], now: datetime) -> Refused | None:
    if holder.wait_until is not None and now < holder.wait_until:
        return MustWait(minutes=_minutes(holder.wait_until - now))
    if right():
        holder.wrong_tries = 0
        holder.wait_until = None
        return None
    holder.wrong_tries += 1
    over = holder.wrong_tries - TRIES_BEFORE_WAIT
    if over < 0:
        return WrongSecret(left=-over)
    wait = min(FIRST_WAIT * 2 ** min(over, 12), LONGEST_WAIT)
    holder.wait_until = now + wait
    return MustWait(minutes=_minutes(wait))


@cache
def _nobody() -> str:
    """Compared with where there is nobody: an unknown name takes as long as a wrong word."""
    return _hasher.hash("nobody")


def _matches(hashed: str, given: str) -> bool:
    try:
        return _hasher.verify(hashed, given)
    except (Argon2Error, InvalidHashError):
        return False


def _minutes(wait: timedelta) -> int:
    return max(1, -(-int(wait.total_seconds()) // 60))
