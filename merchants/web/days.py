"""Days and months as they stand in an address; what isn't one is None."""

from datetime import date


def read_day(text: str | None) -> date | None:
    """The day in ``2026-11-21``."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Neighbours of a day are linked to, and the calendar has ends.
    return day if 1900 <= day.year <= 9000 else None


def read_month(text: str | None) -> date | None:
    """The first day of the month in ``2026-11``."""
    return read_day(f"{text}-01") if text else None
