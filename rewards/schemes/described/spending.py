"""What becomes of points: how many a wallet holds, and how they are spent and given on."""

from rewards.schemes.described.bounds import (
    LONGEST_GRACE,
    MOST_POINTS,
    NOTHING,
    WEEKDAYS,
    WHEN_OVER,
)
from rewards.schemes.described.lasting import Expiry
from rewards.schemes.rules import Window
from rewards.schemes.scheme import NEVER, Allowance, GivingOn, ShopClass, Spending, Wallet
from rewards.schemes.shapes import Choice, Flag, Whole
from rewards.schemes.structures import Record, Set, Several

WALLET = Record(
    Wallet,
    expiry=(Expiry(), NEVER),
    grace_days=(Whole(0, LONGEST_GRACE), 0),
    limit=(Whole(1, MOST_POINTS), None),
    when_full=WHEN_OVER,
)

_TURNS = (Window.DAY, Window.WEEK, Window.MONTH, Window.QUARTER, Window.YEAR)
_TIMES = Record(Allowance, most=Whole(1, MOST_POINTS), window=Choice(Window, _TURNS))
_POINTS = Record(
    Allowance, most=Whole(1, MOST_POINTS), window=Choice(Window, (Window.ACT, *_TURNS))
)

SPENDING = Record(
    Spending,
    after_hours=(Whole(0, MOST_POINTS), 0),
    weekdays=WEEKDAYS,
    month_days=(Set(Whole(1, 31), 31), NOTHING),
    times=(Several(_TIMES, len(_TURNS)), ()),
    points=(Several(_POINTS, len(_TURNS) + 1), ()),
    points_per_yuan=(Whole(1, MOST_POINTS), None),
    bill_percent=(Whole(1, 100), 100),
    categories=(Set(Choice(ShopClass), len(ShopClass)), NOTHING),
    giving_on=(
        Record(
            GivingOn,
            to_neighbours=(Flag(), False),
            to_causes=(Flag(), False),
            points=(_POINTS, None),
        ),
        GivingOn(),
    ),
)
