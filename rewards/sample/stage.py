"""Where the sample season plays: one session, an agenda by the clock, one dice."""

import heapq
import itertools
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rewards.act import SYSTEM, Act, Actor
from rewards.staff import Staff

WEEKS = 12
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class SignIn:
    """A way into the sample: who, where, and what to type there."""

    role: str
    address: str
    name: str
    secret: str


@dataclass
class Stage:
    """Plays scenes in the order of their moments, up to now, so that history reads as it went.

    The dice is seeded: every sample is the same season.
    Passwords are not: they are made anew each time, and told in ``sign_ins``.
    """

    session: Session
    now: datetime
    dice: random.Random = field(default_factory=lambda: random.Random(2026))
    sign_ins: list[SignIn] = field(default_factory=list)
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _count: "itertools.count[int]" = field(default_factory=itertools.count)

    def act(self, moment: datetime, by: Staff | None = None) -> Act:
        """An act at *moment*, by a member of staff or by the system."""
        actor = SYSTEM if by is None else Actor("staff", by.id, by.name)
        return Act(self.session, actor, moment)

    def at(self, moment: datetime, scene: Callable[[], None]) -> None:
        """Put *scene* on the agenda; what would be after now is left to the future."""
        heapq.heappush(self._agenda, (moment, next(self._count), scene))

    def play(self) -> None:
        """Play the agenda; a scene may add later ones."""
        while self._agenda and self._agenda[0][0] <= self.now:
            heapq.heappop(self._agenda)[2]()

    def day(self, weeks_ago: int, weekday: int, hour: int, minute: int = 0) -> datetime:
        """A moment so many weeks ago (negative: ahead), Monday being 0, on the local clock."""
        today = self.now.astimezone(ZONE).date()
        monday = today - timedelta(days=today.weekday(), weeks=weeks_ago)
        day = monday + timedelta(days=weekday)
        return datetime.combine(day, time(hour, minute), tzinfo=ZONE)

    @property
    def opening(self) -> datetime:
        """When the season began: a Monday morning before its first week."""
        return self.day(WEEKS + 1, 0, 9)

    def password(self) -> str:
        return secrets.token_urlsafe(9)
