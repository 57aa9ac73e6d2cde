"""Whether points may be given on, by a scheme's rules: facts in, leave or a named refusal out.

Pure. The rules of spending at shops (hours served, days, shops) don't apply: giving has its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rewards.errors import N_, Refused
from rewards.schemes.calendar import first_day
from rewards.schemes.rules import Window
from rewards.schemes.scheme import GivingOn
from rewards.schemes.spending import Spent, turns


class NotGiveable(Refused):
    """The rules don't allow it; its kinds say why."""

    code = "not_giveable"
    message = N_("By the programme's rules points can't be given on so.")


class NotToNeighbours(NotGiveable):
    """The rules let nobody give points to a neighbour."""

    code = "not_to_neighbours"
    message = N_("By the programme's rules points can't be given to a neighbour.")


class NotToCauses(NotGiveable):
    """The rules let nobody give points to a cause."""

    code = "not_to_causes"
    message = N_("By the programme's rules points can't be given to a cause.")


class GivingMuchAtOnce(NotGiveable):
    """More points than one gift may have."""

    code = "giving_much_at_once"
    message = N_("At most %(most)s points can be given at once. Choose fewer.")


class GivingMuchToday(NotGiveable):
    """More points than the day has left."""

    code = "giving_much_today"
    message = N_(
        "At most %(most)s points a day can be given on: %(left)s are left of today's. All of them "
        "are free again from %(again)s."
    )


class GivingMuch(NotGiveable):
    """More points than a week, a month, … has left."""

    code = "giving_much"
    message = N_(
        "From %(since)s to %(until)s at most %(most)s points can be given on: %(left)s are left "
        "of them. All of them are free again from %(again)s."
    )


@dataclass(frozen=True)
class Room:
    """How many points may still be given on now, and through which day; None: any number."""

    points: int | None
    until: date | None = None


def looks_back(rules: GivingOn, day: date) -> date | None:
    """From which day on earlier gifts matter; None if none does."""
    if rules.points is None or rules.points.window is Window.ACT:
        return None
    return first_day(rules.points.window, day)


def check_open(rules: GivingOn, *, to_cause: bool) -> None:
    """Refuse a kind of receiver that the rules leave out.

    Raises:
        NotToNeighbours, NotToCauses.
    """
    if to_cause and not rules.to_causes:
        raise NotToCauses
    if not to_cause and not rules.to_neighbours:
        raise NotToNeighbours


def room(rules: GivingOn, day: date, before: Sequence[Spent] = ()) -> Room:
    """What the rules leave to somebody who gave that *before*, on *day*."""
    if rules.points is None:
        return Room(None)
    for turn in turns([rules.points], day):
        return Room(max(0, turn.most - sum(given.points for given in turn.of(before))), turn.until)
    return Room(rules.points.most)


def check(rules: GivingOn, points: int, day: date, before: Sequence[Spent] = ()) -> None:
    """Whether somebody who gave that *before* may give so many *points* on *day*.

    Raises:
        GivingMuch, GivingMuchAtOnce, GivingMuchToday: why not.
    """
    left = room(rules, day, before).points
    if rules.points is None or left is None or points <= left:
        return
    for turn in turns([rules.points], day):
        facts = {"most": turn.most, "left": left, "again": turn.again.isoformat()}
        if turn.window is Window.DAY:
            raise GivingMuchToday(**facts)
        raise GivingMuch(**facts, **turn.span)
    raise GivingMuchAtOnce(most=left)
