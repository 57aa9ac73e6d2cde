"""Awards: why a resident was given points. Whatever was done for them, they come this way.

The ledger moves the points; the award keeps what they were for, the rates that they were
computed by and the arithmetic, so that "why 14?" has an answer.
"""

from rewards.awards.granting import Due, Granted, NoRoom, grant_all
from rewards.awards.model import Award, by_transfer, left, load, not_added, standing
from rewards.awards.taking_back import (
    MoreThanLeft,
    Outlook,
    ReasonMissing,
    outlook,
    reverse,
    take_back,
)

__all__ = [
    "Award",
    "Due",
    "Granted",
    "MoreThanLeft",
    "NoRoom",
    "Outlook",
    "ReasonMissing",
    "by_transfer",
    "grant_all",
    "left",
    "load",
    "not_added",
    "outlook",
    "reverse",
    "standing",
    "take_back",
]
