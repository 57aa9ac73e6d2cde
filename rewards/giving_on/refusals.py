"""What is refused about giving points on, beyond the scheme's limits and the ledger's."""

from rewards.errors import N_, Refused


class NoWorkingCard(Refused):
    """The giver has no card that works: whoever may not spend may not give either."""

    code = "no_working_card"
    message = N_(
        "Points can be given only with a card that works. Ask at the community office for a new "
        "one; the points are safe."
    )


class TooLateToUndo(Refused):
    """The giver's time for second thoughts is over; the office may still do it."""

    code = "too_late_to_undo"
    message = N_(
        "A gift can be taken back by oneself for %(minutes)s minutes only. Ask at the community "
        "office, if it was a mistake."
    )


class TooLateForOffice(Refused):
    """The gift is too old to be undone at all."""

    code = "too_late_for_office"
    message = N_(
        "A gift can be undone for %(days)s days only. The neighbour can give the points back."
    )
