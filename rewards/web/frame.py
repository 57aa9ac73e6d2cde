"""What every page shares: language, elder mode, formats, and what the shell shows."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

from rewards.ledger import NEVER
from rewards.schemes.wording import explain
from rewards.web import access
from rewards.web.edge import language

LOCALES = {"zh": "zh_Hans", "en": "en"}
DEFAULT_ZONE = "Asia/Shanghai"

babel = Babel()


def chosen_locale() -> str:
    """The language chosen on this device, or that a program asks for; Chinese until one is."""
    if not has_request_context():
        return "zh_Hans"
    if request.path.startswith("/api/v1/"):
        asked = request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh")
        return LOCALES[asked[:2]]
    return LOCALES.get(request.cookies.get("language", ""), "zh_Hans")


def explained(because: Mapping[str, Any]) -> list[str]:
    """The arithmetic that an award keeps, in the reader's sentences."""
    return explain(because, language())


def install(app: Flask) -> None:
    """Set up translation, the templates' filters and what they all may use."""
    babel.init_app(
        app,
        locale_selector=chosen_locale,
        default_locale="zh_Hans",
        default_translation_directories=str(app.root_path) + "/translations",
    )
    app.jinja_env.filters.update(
        points=points,
        yuan=yuan,
        day=day,
        short_day=short_day,
        month=month,
        short_month=short_month,
        moment=moment,
        clock=clock_time,
        grouped=grouped,
        explained=explained,
    )

    @app.context_processor
    def _shared() -> dict[str, Any]:
        who = access.person()
        return {
            "language": language(),
            "elder": request.cookies.get("elder") == "1",
            "person": who,
            "community": _community(who),
            "office": g.get("office"),
        }


def _community(who: access.Person | None) -> Any:
    if who is None:
        return None
    if who.kind == "resident":
        return access.me().community
    found = g.get("office")
    return found.community if found else None


def zone() -> ZoneInfo:
    """The time zone that the page at hand shows moments in: its programme's.

    A page that stands in no community, such as a till's, names it in ``g.timezone``.
    """
    if named := g.get("timezone"):
        return ZoneInfo(named)
    community = _community(access.person())
    return ZoneInfo(community.programme.timezone if community else DEFAULT_ZONE)


def points(amount: int) -> str:
    return format_decimal(amount, locale=get_locale())


def yuan(fen: int) -> str:
    return f"¥{format_decimal(fen / 100, format='#,##0.00', locale=get_locale())}"


def day(value: date | datetime | None) -> str:
    """A day in the reader's language; ``NEVER`` is the template's to word."""
    if value is None or value == NEVER:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return format_date(value, format="long", locale=get_locale())


def short_day(value: date) -> str:
    """A day without its year, where the year is plain."""
    short: str = format_skeleton("MMMd", value, locale=get_locale())
    return short


def month(value: date) -> str:
    """A month and its year, by any day of it."""
    named: str = format_skeleton("yMMMM", value, locale=get_locale())
    return named


def short_month(value: date) -> str:
    """A month without its year, where the year is plain."""
    short: str = format_skeleton("MMM", value, locale=get_locale())
    return short


def moment(value: datetime | None) -> str:
    if value is None:
        return ""
    pattern = "MMM d, y, HH:mm" if language() == "en" else "y年M月d日 HH:mm"
    return format_datetime(value.astimezone(zone()), pattern, locale=get_locale())


def clock_time(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(zone()).strftime("%H:%M")


def grouped(code: str) -> str:
    """A card's code in groups of four, as it is printed."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))
