"""The days that a list of the office is limited to, as they stand in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rewards.communities import Community
from rewards.reports.movements import midnight


@dataclass(frozen=True)
class Period:
    """From ``first`` through ``last``, each open if None."""

    first: date | None
    last: date | None

    @classmethod
    def read(cls, source: Mapping[str, str]) -> "Period":
        """The days in ``since`` and ``until``; what isn't a day is no limit."""
        return cls(_day(source.get("since")), _day(source.get("until")))

    def since(self, community: Community) -> datetime | None:
        """The moment at which the period begins."""
        return midnight(community, self.first) if self.first else None

    def until(self, community: Community) -> datetime | None:
        """The moment at which it is over."""
        return midnight(community, self.last + timedelta(days=1)) if self.last else None


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Beyond these a time zone's arithmetic has no room left.
    return day if 1900 <= day.year <= 9000 else None
