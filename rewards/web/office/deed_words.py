"""A recorded act's codes in a reader's words."""

from flask_babel import lazy_gettext as _l

from rewards.deeds.model import Kind, Status

KINDS = {
    Kind.PHOTO_REPORT: _l("Photo report"),
    Kind.VISIT: _l("Visit"),
    Kind.REFERRAL: _l("Referral of a volunteer"),
    Kind.TEAM: _l("Team"),
    Kind.MANUAL: _l("Other act"),
    Kind.DEDUCTION: _l("Deduction"),
}

ABOUT = {
    Kind.PHOTO_REPORT: _l("Somebody photographed a hazard or mess and reported it."),
    Kind.VISIT: _l("Somebody visited neighbours."),
    Kind.REFERRAL: _l("Somebody brought a new volunteer, who is registered."),
    Kind.TEAM: _l("A meeting decided to reward a team, case by case."),
    Kind.MANUAL: _l("Anything else that the points rules know."),
    Kind.DEDUCTION: _l("Something that the points rules take points for."),
}

ICONS = {
    Kind.PHOTO_REPORT: "camera",
    Kind.VISIT: "people",
    Kind.REFERRAL: "plus",
    Kind.TEAM: "badge",
    Kind.MANUAL: "edit",
    Kind.DEDUCTION: "minus",
}

# The words and the kind of tag that each state is shown by.
STATES = {
    Status.RECORDED: (_l("To be approved"), "look"),
    Status.APPROVED: (_l("Approved"), "done"),
    Status.REFUSED: (_l("Given back"), "plain"),
}

STATE_CHOICES = [(state.value, words) for state, (words, _) in STATES.items()]
