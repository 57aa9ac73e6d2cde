"""The log's codes in a reader's words. A code that isn't listed is shown as it is."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

FAMILIES = {
    "attendance": _l("Attendance"),
    "award": _l("Awards"),
    "card": _l("Cards"),
    "cause": _l("Causes"),
    "complaint": _l("Complaints"),
    "deed": _l("Acts outside events"),
    "donation": _l("Donations"),
    "event": _l("Events"),
    "gift": _l("Points given on"),
    "hold": _l("Points set aside"),
    "import": _l("Imports"),
    "merchant": _l("Shops"),
    "offer": _l("Offers"),
    "points": _l("Points"),
    "rates": _l("Points rates"),
    "redemption": _l("Redemptions"),
    "resident": _l("Residents"),
    "scheme": _l("Points rules"),
    "staff": _l("Staff"),
    "suggestion": _l("Suggestions"),
    "audit": _l("Audit log"),
}

ACTIONS = {
    "attendance.add": _l("Added somebody to a sheet"),
    "attendance.attest": _l("Attested a line of a sheet"),
    "attendance.correct": _l("Corrected a line of a sheet"),
    "audit.export": _l("Took out the audit log"),
    "award.reverse": _l("Reversed an award"),
    "card.activate": _l("Activated a card"),
    "card.block": _l("Blocked a card"),
    "card.issue": _l("Issued a card"),
    "card.print": _l("Printed cards"),
    "card.print_slip": _l("Printed an activation slip"),
    "card.replace": _l("Replaced a card"),
    "card.unblock": _l("Unblocked a card"),
    "cause.add": _l("Added a cause"),
    "cause.close": _l("Closed a cause"),
    "cause.edit": _l("Edited a cause"),
    "cause.reopen": _l("Reopened a cause"),
    "complaint.dismiss": _l("Dismissed a complaint"),
    "complaint.lift": _l("Lifted a complaint"),
    "complaint.record": _l("Recorded a complaint"),
    "complaint.uphold": _l("Upheld a complaint"),
    "community.add": _l("Added a community"),
    "deed.approve": _l("Approved a recorded act"),
    "deed.give_back": _l("Gave deducted points back"),
    "deed.record": _l("Recorded an act"),
    "deed.refuse": _l("Gave a recorded act back"),
    "donation.attest": _l("Attested a gift"),
    "donation.dispute": _l("A gift is disputed"),
    "donation.dispute_closed": _l("A gift's dispute is closed"),
    "donation.expired": _l("A gift was not paid in time"),
    "donation.export": _l("Took out the list of gifts"),
    "donation.failed": _l("A gift's payment failed"),
    "donation.hold": _l("Held a gift back"),
    "donation.paid": _l("A gift was paid"),
    "donation.record": _l("Recorded a gift"),
    "donation.refund": _l("Refunded a gift"),
    "donation.refuse": _l("Refused a gift"),
    "donation.reinstate": _l("Reinstated a gift"),
    "donation.reverse": _l("Reversed a gift"),
    "donation.start": _l("Began a gift"),
    "donation.withdraw": _l("A gift was withdrawn by the bank"),
    "event.award": _l("Awarded an event"),
    "event.cancel": _l("Cancelled an event"),
    "event.create": _l("Made an event"),
    "event.edit": _l("Edited an event"),
    "event.publish": _l("Published an event"),
    "event.reverse": _l("Reversed an event's awards"),
    "gift.give": _l("Gave points on"),
    "gift.undo": _l("Undid a gift of points"),
    "hold.place": _l("Set points aside"),
    "hold.release": _l("Let go points set aside"),
    "hold.take": _l("Took points set aside"),
    "import.confirm": _l("Imported residents"),
    "import.discard": _l("Discarded an import"),
    "import.upload": _l("Uploaded a file of residents"),
    "merchant.add": _l("Added a shop"),
    "merchant.close": _l("Closed a shop"),
    "merchant.dismiss": _l("Removed somebody from a shop"),
    "merchant.edit": _l("Edited a shop"),
    "merchant.engage": _l("Gave somebody a place at a shop"),
    "merchant.reopen": _l("Reopened a shop"),
    "offer.add": _l("Added an offer"),
    "offer.bring_back": _l("Brought an offer back"),
    "offer.edit": _l("Edited an offer"),
    "offer.withdraw": _l("Withdrew an offer"),
    "points.expire": _l("Swept expired points out"),
    "points.export": _l("Took out the movements of points"),
    "programme.found": _l("Began a programme"),
    "rates.set": _l("Set points rates"),
    "redemption.export": _l("Took out a shop's redemptions"),
    "redemption.take": _l("Redeemed points"),
    "redemption.void": _l("Voided a redemption"),
    "resident.change_pin": _l("Changed the PIN"),
    "resident.edit": _l("Edited a resident"),
    "resident.phone": _l("Looked at a telephone number"),
    "resident.register": _l("Registered a resident"),
    "resident.reset_pin": _l("Reset a PIN"),
    "resident.export": _l("Took out the list of residents"),
    "scheme.discard": _l("Put a draft of rules away"),
    "scheme.draft": _l("Began a draft of rules"),
    "scheme.publish": _l("Approved rules"),
    "scheme.return": _l("Gave a draft of rules back"),
    "scheme.submit": _l("Submitted a draft of rules"),
    "scheme.withdraw": _l("Withdrew rules"),
    "staff.deactivate": _l("Deactivated an account"),
    "staff.grant": _l("Gave a role"),
    "staff.password": _l("Set a password"),
    "staff.reactivate": _l("Reactivated an account"),
    "staff.register": _l("Added somebody to the staff"),
    "staff.ungrant": _l("Removed a role"),
    "suggestion.adopt": _l("Adopted a suggestion"),
    "suggestion.reverse": _l("Reversed a suggestion's award"),
    "suggestion.take": _l("Took a suggestion for a resident"),
}

SUBJECTS = {
    "attendance": _l("Line %(number)s of a sheet"),
    "award": _l("Award %(number)s"),
    "card": _l("Card %(number)s"),
    "cause": _l("Cause %(number)s"),
    "community": _l("Community %(number)s"),
    "complaint": _l("Complaint %(number)s"),
    "deed": _l("Recorded act %(number)s"),
    "donation": _l("Gift %(number)s"),
    "event": _l("Event %(number)s"),
    "gift": _l("Gift of points %(number)s"),
    "hold": _l("Points set aside, number %(number)s"),
    "import": _l("Import %(number)s"),
    "merchant": _l("Shop %(number)s"),
    "offer": _l("Offer %(number)s"),
    "programme": _l("Programme %(number)s"),
    "redemption": _l("Redemption %(number)s"),
    "resident": _l("Resident %(number)s"),
    "scheme_draft": _l("Draft of rules %(number)s"),
    "scheme_version": _l("Rules %(number)s"),
    "staff": _l("Staff member %(number)s"),
    "suggestion": _l("Suggestion %(number)s"),
}

_DETAILS = {
    "amount": _l("points"),
    "because": _l("why"),
    "before": _l("minutes before"),
    "card": _l("card"),
    "cards": _l("cards"),
    "changed": _l("changed"),
    "channel": _l("came in by"),
    "correction_id": _l("correction"),
    "currency": _l("currency"),
    "effective_from": _l("in force from"),
    "fen": _l("fen"),
    "giver": _l("giver"),
    "goods": _l("goods"),
    "items": _l("items"),
    "kind": _l("kind"),
    "last_day": _l("last day"),
    "lines": _l("lines"),
    "lots": _l("lots"),
    "merchant": _l("shop"),
    "minutes": _l("minutes"),
    "name": _l("name"),
    "number": _l("number"),
    "old_points": _l("points before"),
    "old_rate": _l("rate before"),
    "outcome": _l("outcome"),
    "owed": _l("owed"),
    "points": _l("points"),
    "rate": _l("rate"),
    "rates_id": _l("rates"),
    "reason": _l("reason"),
    "receipt": _l("receipt"),
    "registered": _l("registered"),
    "replaced_by": _l("newer card"),
    "resident": _l("resident"),
    "residents": _l("residents"),
    "role": _l("role"),
    "round": _l("round"),
    "searched": _l("searched for"),
    "staff": _l("staff member"),
    "state": _l("state"),
    "taken": _l("taken back"),
    "title": _l("title"),
    "to": _l("to"),
    "username": _l("user name"),
}


def families() -> dict[str, str]:
    """What an action's first part stands for, by its words."""
    return dict(
        sorted(((code, str(words)) for code, words in FAMILIES.items()), key=lambda f: f[1])
    )


def action_words(action: str) -> str:
    """What was done."""
    return str(ACTIONS.get(action, action))


def subject_words(subject: str) -> str:
    """To what it was done."""
    kind, _, number = subject.partition(":")
    return str(SUBJECTS[kind]) % {"number": number} if kind in SUBJECTS and number else subject


def actor_words(reference: str, name: str) -> str:
    """Who did it: by name, or in words where nobody did."""
    nobody = {
        "system": gettext("The system"),
        "anyone": gettext("Somebody not signed in"),
        "stripe": "Stripe",
    }
    return name or nobody.get(reference) or subject_words(reference)


def detail_words(detail: Mapping[str, Any]) -> str:
    """The rest of what was noted, in one line."""
    return ", ".join(
        f"{_DETAILS.get(key, key)}: {value}" for key, value in detail.items() if value is not None
    )
