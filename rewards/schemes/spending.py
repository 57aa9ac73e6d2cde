"""Whether points may be spent, by a scheme's rules: facts in, leave or a named refusal out.

Pure. The refusals are read at the counter by a cashier and a resident: each says what stands in
the way, and from when on it won't.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rewards.errors import N_, Refused
from rewards.schemes.calendar import first_day
from rewards.schemes.rules import Window
from rewards.schemes.scheme import Allowance, Spending

# At least as many days as any such window has, and fewer than two of them.
SPANS = {Window.DAY: 1, Window.WEEK: 7, Window.MONTH: 31, Window.QUARTER: 92, Window.YEAR: 366}
LONGEST_WAIT = timedelta(days=366 * 40)
A_DAY = timedelta(days=1)
OPEN = Spending()


@dataclass(frozen=True)
class Spent:
    """What was spent before on a day, and not given back; points set aside count as well."""

    day: date
    points: int


@dataclass(frozen=True)
class Purchase:
    """What is to be spent: where, when, how many points, and whether a bill or an offer says so."""

    category: str
    day: date
    points: int
    by_price: bool


class NotSpendable(Refused):
    """The rules don't allow it; its kinds say why."""

    code = "not_spendable"
    message = N_("By the programme's rules points can't be spent so.")


class SpendingNotOpen(NotSpendable):
    """Not enough hours were served for points to be spent."""

    code = "spending_not_open"
    message = N_(
        "Points can be spent once %(hours)s hours are served. So far it is %(served_hours)s h "
        "%(served_minutes)s min."
    )


class NoSpendingDay(NotSpendable):
    """It isn't a day on which points can be spent."""

    code = "no_spending_day"
    message = N_("Points can't be spent today. The next day for it is %(next)s.")


class NotThisShop(NotSpendable):
    """The rules leave this class of shop out."""

    code = "not_this_shop"
    message = N_("By the programme's rules points can't be spent at this class of shop.")


class BillNeeded(NotSpendable):
    """Points pay for a share of a bill only, so it has to be known."""

    code = "bill_needed"
    status = 422
    message = N_("Enter the bill: points pay for at most %(percent)s%% of it.")


class SpentOften(NotSpendable):
    """All the redemptions of a week, a month, … are used up."""

    code = "spent_often"
    message = N_(
        "From %(since)s to %(until)s at most %(most)s redemptions are allowed, and they are used "
        "up. Points can be spent again from %(again)s."
    )


class SpentOftenToday(NotSpendable):
    """All the redemptions of a day are used up."""

    code = "spent_often_today"
    message = N_(
        "At most %(most)s redemptions a day are allowed, and today's are used up. Points can be "
        "spent again from %(again)s."
    )


class SpendingMuch(NotSpendable):
    """More points than a week, a month, … has left."""

    code = "spending_much"
    message = N_(
        "From %(since)s to %(until)s at most %(most)s points can be spent: %(left)s are left of "
        "them. All of them are free again from %(again)s."
    )


class SpendingMuchToday(NotSpendable):
    """More points than the day has left."""

    code = "spending_much_today"
    message = N_(
        "At most %(most)s points a day can be spent: %(left)s are left of today's. All of them are "
        "free again from %(again)s."
    )


class SpendingMuchAtOnce(NotSpendable):
    """More points than one purchase may take."""

    code = "spending_much_at_once"
    message = N_("At most %(most)s points can be spent at once.")


def restricts(spending: Spending) -> bool:
    """Whether the rules can refuse a purchase at all, beyond setting its price."""
    asked = (
        spending.after_hours,
        spending.weekdays,
        spending.month_days,
        spending.categories,
        spending.times,
        spending.points,
        spending.bill_percent < 100,
    )
    return any(asked)


def looks_back(spending: Spending, day: date) -> date | None:
    """From which day on earlier purchases matter; None if none does."""
    windows = [allowed.window for allowed in (*spending.times, *spending.points)]
    return min((first_day(w, day) for w in windows if w is not Window.ACT), default=None)


def rate(spending: Spending, own: int) -> int:
    """How many points a yuan costs, at a shop with a rate of its *own*."""
    return spending.points_per_yuan or own


def payable(spending: Spending, bill_fen: int) -> int:
    """How many fen of a bill points may pay for."""
    return bill_fen * spending.bill_percent // 100


def check(
    spending: Spending, purchase: Purchase, minutes: int, before: Sequence[Spent] = ()
) -> None:
    """Whether somebody who served *minutes* and spent that *before* may spend this.

    Raises:
        NotSpendable: one of its kinds, which says why.
    """
    if minutes < spending.after_hours * 60:
        hours, rest = divmod(minutes, 60)
        raise SpendingNotOpen(hours=spending.after_hours, served_hours=hours, served_minutes=rest)
    if spending.categories and purchase.category not in spending.categories:
        raise NotThisShop
    if not _open_on(spending, purchase.day):
        raise NoSpendingDay(next=_next_open(spending, purchase.day).isoformat())
    if spending.bill_percent < 100 and not purchase.by_price:
        raise BillNeeded(percent=spending.bill_percent)
    _check_times(spending, purchase, before)
    _check_points(spending, purchase, before)


def _check_times(spending: Spending, purchase: Purchase, before: Sequence[Spent]) -> None:
    for turn in turns(spending.times, purchase.day):
        if len(turn.of(before)) >= turn.most:
            again = _next_open(spending, turn.until)
            if turn.window is Window.DAY:
                raise SpentOftenToday(most=turn.most, again=again.isoformat())
            raise SpentOften(most=turn.most, again=again.isoformat(), **turn.span)


def _check_points(spending: Spending, purchase: Purchase, before: Sequence[Spent]) -> None:
    for allowed in spending.points:
        if allowed.window is Window.ACT and purchase.points > allowed.most:
            raise SpendingMuchAtOnce(most=allowed.most)
    for turn in turns(spending.points, purchase.day):
        left = max(0, turn.most - sum(spent.points for spent in turn.of(before)))
        if purchase.points > left:
            again = _next_open(spending, turn.until)
            facts = {"most": turn.most, "left": left, "again": again.isoformat()}
            if turn.window is Window.DAY:
                raise SpendingMuchToday(**facts)
            raise SpendingMuch(**facts, **turn.span)


@dataclass(frozen=True)
class Turn:
    """One week, month, … with what it allows: its first and its last day."""

    window: Window
    most: int
    since: date
    until: date

    @property
    def span(self) -> dict[str, str]:
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @property
    def again(self) -> date:
        """The day after, when all of it is free again."""
        return self.until + A_DAY

    def of(self, before: Sequence[Spent]) -> list[Spent]:
        return [spent for spent in before if self.since <= spent.day <= self.until]


def turns(allowances: Sequence[Allowance], day: date) -> Iterator[Turn]:
    """The windows of some allowances around *day*."""
    for allowed in allowances:
        if allowed.window is not Window.ACT:
            since = first_day(allowed.window, day)
            following = first_day(allowed.window, since + timedelta(SPANS[allowed.window]))
            yield Turn(allowed.window, allowed.most, since, following - A_DAY)


def _open_on(spending: Spending, day: date) -> bool:
    return (not spending.weekdays or day.isoweekday() in spending.weekdays) and (
        not spending.month_days or day.day in spending.month_days
    )


def _next_open(spending: Spending, day: date) -> date:
    """The first day after *day* on which points can be spent."""
    following = day + A_DAY
    while not _open_on(spending, following) and following - day < LONGEST_WAIT:
        following += A_DAY
    return following
