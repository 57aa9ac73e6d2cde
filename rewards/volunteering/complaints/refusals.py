"""Why a complaint isn't recorded or decided, each by its name."""

from rewards.errors import N_, Refused


class ComplaintReasonMissing(Refused):
    """A complaint says what it is about, and a decision why."""

    code = "complaint_reason_missing"
    status = 422
    message = N_("Say why, so that the resident can read it.")


class ComplaintStands(Refused):
    """One complaint about this service is open or upheld already."""

    code = "complaint_stands"
    message = N_("A complaint about this service is recorded already. Open it on the sheet's line.")


class ComplaintDecided(Refused):
    """Somebody decided about it before."""

    code = "complaint_decided"
    message = N_("This complaint was decided already. Reload the page to see how it stands.")


class NotUpheld(Refused):
    """Only an upheld complaint can be lifted."""

    code = "complaint_not_upheld"
    message = N_("This complaint isn't upheld, so there is nothing to lift.")


class SamePerson(Refused):
    """Whoever recorded a complaint can't decide about it too."""

    code = "same_person"
    status = 403
    message = N_("You recorded this complaint yourself. Somebody else must decide about it.")


class SameDecider(Refused):
    """Whoever upheld a complaint can't lift it alone."""

    code = "same_decider"
    status = 403
    message = N_("You upheld this complaint yourself. Somebody else must lift it.")


class EffectChanged(Refused):
    """The points to be taken back are not those that were shown; nothing was done."""

    code = "complaint_effect_changed"
    message = N_("The points have changed since you checked them, so nothing was done. Look again.")
