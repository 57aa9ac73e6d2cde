"""What the ledger refuses, each by its name."""

from rewards.errors import N_, Refused


class BadAmount(Refused):
    """Not a whole number of points above zero that every client can hold."""

    code = "bad_amount"
    status = 422
    message = N_("The amount must be a whole number of points above zero.")


class UnknownAccount(Refused):
    """No such account, or not of the kind that the transfer needs."""

    code = "unknown_account"
    status = 404
    message = N_("There is no such account.")


class ForeignAccount(Refused):
    """The two accounts belong to different programmes: their points are not the same."""

    code = "foreign_account"
    message = N_("These points belong to another programme and can't be used here.")


class NotEnoughPoints(Refused):
    """The spendable points don't cover the amount; ``missing`` says by how many."""

    code = "not_enough_points"
    message = N_("Not enough points: %(missing)s more needed.")


class WalletFull(Refused):
    """More points than wallets may own; ``wallets`` and ``rooms`` say which and how many fit."""

    code = "wallet_full"
    message = N_("The wallet is full: it has room for only %(room)s more points.")


class GivenToOneself(Refused):
    """Giver and receiver are the same wallet."""

    code = "given_to_oneself"
    status = 422
    message = N_("Points can't be given to yourself. Choose a neighbour, or a cause.")


class OwedPoints(Refused):
    """What is owed can't be given on; ``owed`` and ``free`` say how much that is and isn't."""

    code = "owed_points"
    message = N_(
        "%(owed)s points are still owed to the office, so at most %(free)s can be given now. "
        "Choose fewer."
    )


class ReceiverFull(Refused):
    """The receiver's wallet may not own so many; by how many would tell what is in it."""

    code = "receiver_full"
    message = N_(
        "The neighbour's card can't take so many points: there is a limit to what a card may "
        "hold. Nothing was given; try fewer."
    )


class GiftGone(Refused):
    """The receiver has spent points of the gift, or they expired: it can't be undone."""

    code = "gift_gone"
    message = N_(
        "Some of these points were spent, set aside or have expired, so the gift can't be undone. "
        "Nothing was changed."
    )


class AlreadySpent(Refused):
    """The points of an award that should be taken back have been spent."""

    code = "already_spent"
    message = N_("Some of these points were spent already: %(missing)s can't be taken back.")


class AlreadyReversed(Refused):
    """The transfer, or so much of it, has been undone before."""

    code = "already_reversed"
    message = N_("This was undone before; nothing is left to undo.")


class NotReversible(Refused):
    """The transfer itself is an undoing, or isn't of the kind that is undone this way."""

    code = "not_reversible"
    message = N_("An entry of this kind can't be undone.")


class KeyReused(Refused):
    """The idempotency key was used for something else; nothing was done."""

    code = "idempotency_key_reused"
    status = 409
    message = N_("This request's key was used before for something else. Nothing was done.")


class BadUntil(Refused):
    """A hold must end at a moment to come, and the moment must say in which time zone."""

    code = "bad_until"
    status = 422
    message = N_("Points can be set aside only until a moment that is still to come.")


class UnknownHold(Refused):
    """There is no such hold."""

    code = "unknown_hold"
    status = 404
    message = N_("No points are set aside under that number.")


class CaptureOverHold(Refused):
    """More should be taken than was set aside; ``held`` says how much that is."""

    code = "capture_over_hold"
    message = N_("Only %(held)s points were set aside. Nothing was taken.")


class HoldEnded(Refused):
    """The hold was captured or released before: it ends once."""

    code = "hold_ended"
    message = N_("These points were taken or let go before.")


class HoldTimedOut(Refused):
    """The hold's time is over, whether or not the job that ends it has run."""

    code = "hold_timed_out"
    message = N_(
        "The time for which these points were set aside is over, and the card has them back. "
        "Nothing was taken."
    )
