"""Why an act isn't recorded, approved or undone, each by its name."""

from rewards.errors import N_, Refused


class NobodyNamed(Refused):
    """An act is somebody's."""

    code = "nobody_named"
    status = 422
    message = N_("Name at least one resident.")


class TooManyNamed(Refused):
    """More residents than one page can check."""

    code = "too_many_named"
    status = 422
    message = N_("Name at most %(most)s residents at a time.")


class LineUnknown(Refused):
    """One line of the list names nobody here; ``line`` counts from 1."""

    code = "line_unknown"
    status = 422
    message = N_("Line %(line)s, “%(who)s”: nobody here has this card, telephone number or name.")


class LineAmbiguous(Refused):
    """One line of the list names more than one resident."""

    code = "line_ambiguous"
    status = 422
    message = N_("Line %(line)s, “%(who)s”: several have this name. Use the card or the number.")


class CardUnusable(Refused):
    """One line of the list is the code of a card that isn't in use."""

    code = "card_unusable"
    status = 422
    message = N_("Line %(line)s, “%(who)s”: this card is blocked, replaced or expired.")


class NotYetHappened(Refused):
    """Only what was done brings points."""

    code = "not_yet_happened"
    status = 422
    message = N_("This is still to come. Record it when it has happened.")


class QuantityMissing(Refused):
    """The rules count what was served or brought, and nothing was entered."""

    code = "quantity_missing"
    status = 422
    message = N_("Enter how much it was: the rules count it.")


class MeetingMissing(Refused):
    """A team's award was decided somewhere, and that stays on record."""

    code = "meeting_missing"
    status = 422
    message = N_("Note which meeting decided this, when, and who was there.")


class ReferredMissing(Refused):
    """Nobody says who was referred."""

    code = "referred_missing"
    status = 422
    message = N_("Say who was referred. They have to be registered.")


class NewcomerUnknown(Refused):
    """What names the newcomer names nobody here, or several."""

    code = "newcomer_unknown"
    status = 422
    message = N_("Nobody here, or more than one, goes by this. Register the newcomer first.")


class ReferredSelf(Refused):
    """Nobody refers themselves."""

    code = "referred_self"
    status = 422
    message = N_("Nobody can refer themselves. Name somebody else.")


class ReferredBefore(Refused):
    """Points were asked for the same newcomer before."""

    code = "referred_before"
    message = N_("%(name)s was recorded as referred before.")


class OneReferrer(Refused):
    """A newcomer is referred by one resident."""

    code = "one_referrer"
    status = 422
    message = N_("One resident refers a newcomer. Name only one.")


class UnknownDeduction(Refused):
    """The scheme of that day takes no points for this."""

    code = "unknown_deduction"
    status = 422
    message = N_("The points rules of that day take no points for this. Choose another one.")


class SamePerson(Refused):
    """Whoever recorded an act can't approve it too."""

    code = "same_person"
    status = 403
    message = N_("You recorded this yourself. Somebody else must approve it.")


class DeedDecided(Refused):
    """Somebody approved or refused it before."""

    code = "deed_decided"
    message = N_("This was decided already. Reload the page to see how it stands.")


class WorthChanged(Refused):
    """The points are not those that were checked; nothing was awarded."""

    code = "worth_changed"
    message = N_("The points have changed since you checked them, so nothing was done. Look again.")


class NothingDeducted(Refused):
    """No deduction stands that could be given back."""

    code = "nothing_deducted"
    message = N_("No deduction stands for this, so there is nothing to give back.")
