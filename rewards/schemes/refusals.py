"""Why a scheme can't be drafted, approved, withdrawn or asked for."""

from rewards.errors import N_, Refused


class NoScheme(Refused):
    """The programme had no scheme in force at the moment asked for."""

    code = "no_scheme"
    message = N_("The programme has no points rules in force yet. An administrator can set them.")


class InForceAlready(Refused):
    """What has begun stays: awards were computed by it."""

    code = "scheme_in_force_already"
    message = N_("These rules are in force already. To change them, begin new ones.")


class WithdrawnAlready(Refused):
    """It was withdrawn before."""

    code = "scheme_withdrawn_already"
    message = N_("These rules were withdrawn already.")


class WithdrawalReasonMissing(Refused):
    """The rules were public, so everybody may read why they don't come."""

    code = "scheme_withdrawal_reason_missing"
    status = 422
    message = N_("Say why, so that residents can read it.")


class PastDate(Refused):
    """A scheme can't take effect on a day that is over: what was awarded then stands."""

    code = "past_date"
    status = 422
    message = N_("Choose today or a later day. What was awarded before isn't changed.")


class OverlappingVersions(Refused):
    """Two versions would begin on the same day, and only one of them could be in force."""

    code = "overlapping_versions"
    message = N_(
        "Version %(number)s begins on %(day)s too. Choose another day, or withdraw that version."
    )


class DraftChanged(Refused):
    """Somebody else changed the draft after the page was drawn."""

    code = "scheme_draft_changed"
    message = N_("Somebody else has changed this draft meanwhile. Look at it again.")


class WrongStatus(Refused):
    """The draft isn't where this could be done to it: submitted, approved or discarded."""

    code = "scheme_draft_moved_on"
    message = N_("This draft has moved on meanwhile. Look at how it stands.")


class SamePerson(Refused):
    """Whoever submitted a scheme can't approve it too."""

    code = "scheme_same_person"
    status = 403
    message = N_("You submitted these rules yourself. Somebody else must approve them.")


class ReturnReasonMissing(Refused):
    """Whoever drafted it needs to know what to change."""

    code = "scheme_return_reason_missing"
    status = 422
    message = N_("Say what should be changed.")
