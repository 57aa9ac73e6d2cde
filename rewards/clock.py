"""Time, as the domain sees it: always aware, always handed in."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment, in UTC. The one place that asks the machine."""
    return datetime.now(UTC)


def local_date(moment: datetime, timezone: str) -> date:
    """The business day that *moment* falls on in *timezone* (an IANA name)."""
    return moment.astimezone(ZoneInfo(timezone)).date()
