"""Awards: why a resident was given points. Whatever was done for them, they come this way.

The ledger moves the points; the award keeps what they were for, the version of the scheme that
they were computed by and the arithmetic, so that "why 14?" has an answer.
"""

from rewards.awards.granting import Due, Granted, NoRoom, grant_all
from rewards.awards.model import Award, AwardLine, by_transfer, left, load, not_added, standing
from rewards.awards.taking_back import (
    MoreThanLeft,
    Outlook,
    ReasonMissing,
    outlook,
    reverse,
    take_back,
)
from rewards.awards.tallying import deed, hold, tally

__all__ = [
    "Award",
    "AwardLine",
    "Due",
    "Granted",
    "MoreThanLeft",
    "NoRoom",
    "Outlook",
    "ReasonMissing",
    "by_transfer",
    "deed",
    "grant_all",
    "hold",
    "left",
    "load",
    "not_added",
    "outlook",
    "reverse",
    "standing",
    "take_back",
    "tally",
]
