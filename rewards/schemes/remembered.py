"""The rules of spending in force, remembered: a till asks for them with every purchase.

They are kept in memory under the stamp that the programme gets whenever its schemes change, so
that whoever has read the programme needs no further reading, and never goes by old rules.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from rewards.schemes.scheme import Spending
from rewards.schemes.spending import OPEN
from rewards.schemes.versions import Version, Withdrawal

MOST = 256


@dataclass(frozen=True)
class Timeline:
    """A programme's rules of spending, and from when on each of them holds."""

    begins: tuple[datetime, ...]
    rules: tuple[Spending, ...]

    def at(self, moment: datetime) -> Spending:
        """The rules in force at *moment*; before the first ones nothing is ruled."""
        number = bisect_right(self.begins, moment)
        return self.rules[number - 1] if number else OPEN


_timelines: OrderedDict[str, Timeline] = OrderedDict()


def spending(
    session: Callable[[], Session], programme_id: int, stamp: str, moment: datetime
) -> Spending:
    """The programme's rules of spending in force at *moment*; *stamp* is what it bears now.

    They are read by the *session*, if they aren't in memory.
    """
    if not stamp:
        return OPEN
    timeline = _timelines.get(stamp)
    if timeline is None:
        timeline = _timelines[stamp] = _read(session(), programme_id)
        while len(_timelines) > MOST:
            _timelines.popitem(last=False)
    return timeline.at(moment)


def _read(session: Session, programme_id: int) -> Timeline:
    versions = session.scalars(
        select(Version)
        .where(
            Version.programme_id == programme_id,
            ~exists().where(Withdrawal.version_id == Version.id),
        )
        .order_by(Version.effective_from, Version.id)
    ).all()
    return Timeline(
        tuple(version.effective_from for version in versions),
        tuple(version.scheme.spending for version in versions),
    )
