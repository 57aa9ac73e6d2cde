"""Fields that hold several values: boxes to tick, days, and lines of fields."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate

from rewards.forms.fields import plain


class Ticks(fields.List[str]):
    """Any of a few values, each with a box; ``choices`` pairs each value with its label.

    Where the choices are known only to the page, give it none, and the page its own.
    """

    kind: ClassVar[str] = "ticks"

    def __init__(
        self,
        label: Any,
        choices: Sequence[tuple[str, Any]] = (),
        *,
        hint: Any = None,
        **kwargs: Any,
    ) -> None:
        one = fields.String(
            validate=validate.OneOf([value for value, _ in choices])
            if choices
            else validate.Length(max=100),
            error_messages={"invalid": _l("Choose from the list.")},
        )
        super().__init__(
            one,
            load_default=list,
            metadata={"label": label, "hint": hint, "choices": choices},
            **kwargs,
        )


class Lines(fields.List[dict[str, Any]]):
    """Lines of the same fields, as many as are needed; ``row`` is the schema of one.

    A form's line counts as empty while all its fields of *needs* are.
    """

    kind: ClassVar[str] = "lines"

    def __init__(
        self,
        label: Any,
        row: type[ma.Schema],
        *,
        needs: tuple[str, ...],
        most: int = 50,
        hint: Any = None,
        **kwargs: Any,
    ) -> None:
        self.row, self.needs = row, needs
        super().__init__(
            fields.Nested(row),
            load_default=list,
            validate=validate.Length(max=most, error=_l("Use at most {max} lines.")),
            metadata={"label": label, "hint": hint},
            **kwargs,
        )


class DayList(fields.Field[frozenset[date]]):
    """Days, one a line or with commas between; ``2026-10-01 - 2026-10-07`` is a week of them."""

    kind: ClassVar[str] = "longtext"
    LONGEST = 366

    def __init__(self, label: Any, *, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(load_default=frozenset, metadata={"label": label, "hint": hint}, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> frozenset[date]:
        days: set[date] = set()
        for part in plain(str(value)).replace(",", "\n").replace("、", "\n").splitlines():
            if part.strip():
                days |= self._span(part.strip())
        return frozenset(days)

    def _span(self, part: str) -> set[date]:
        ends = [end.strip() for end in part.replace("–", " - ").replace("至", " - ").split(" - ")]
        try:
            first, last = date.fromisoformat(ends[0]), date.fromisoformat(ends[-1])
            if len(ends) > 2 or not 0 <= (last - first).days < self.LONGEST:
                raise ValueError
        except ValueError:
            wrong = _l("“%(part)s” is no day. Write 2026-10-01, or 2026-10-01 - 2026-10-07.")
            raise ma.ValidationError(str(wrong) % {"part": part[:40]}) from None
        return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def spelt(days: frozenset[date]) -> str:
    """*days* as :class:`DayList` reads them: days in a row as one span."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1][1:] = [day]
        else:
            spans.append([day])
    return "\n".join(" - ".join(end.isoformat() for end in span) for span in spans)
