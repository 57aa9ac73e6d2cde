"""What is refused about suggestions, each by its name."""

from rewards.errors import N_, Refused


class WrongStep(Refused):
    """The suggestion isn't where this step begins; somebody may have been quicker."""

    code = "suggestion_wrong_step"
    message = N_("This can't be done to the suggestion as it stands now.")


class CannotEdit(WrongStep):
    """Its author may change a suggestion only while it waits."""

    code = "suggestion_cannot_edit"
    message = N_(
        "The office has begun to handle this suggestion, so it can't be changed any more. "
        "Send another one if something is missing."
    )


class CannotAccept(WrongStep):
    """It was accepted or refused before."""

    code = "suggestion_cannot_accept"
    message = N_("Only a suggestion that is waiting can be accepted. See where this one stands.")


class CannotRefuse(WrongStep):
    """It was refused, adopted or solved before."""

    code = "suggestion_cannot_refuse"
    message = N_(
        "Only a suggestion that is waiting or accepted can be refused. See where this one stands."
    )


class CannotAdopt(WrongStep):
    """Nobody has accepted it yet, or it was refused."""

    code = "suggestion_cannot_adopt"
    message = N_("Only an accepted suggestion can be adopted. See where this one stands.")


class AlreadyAdopted(WrongStep):
    """Its points were given when it was adopted."""

    code = "suggestion_already_adopted"
    message = N_("This suggestion was adopted before. Nothing was changed, no points were added.")


class CannotSolve(WrongStep):
    """Only what was adopted can be solved."""

    code = "suggestion_cannot_solve"
    message = N_("Only an adopted suggestion can be marked as solved. See where this one stands.")


class CannotReverse(WrongStep):
    """There is no adoption that stands."""

    code = "suggestion_cannot_reverse"
    message = N_("This suggestion isn't adopted, so there is no adoption to take back.")


class SentBefore(Refused):
    """The form was sent before with other words; whoever sends it means a second one."""

    code = "suggestion_sent_before"
    message = N_("This form was sent before. Send it again if this is another suggestion.")


class TooManyToday(Refused):
    """So many from one resident in one day that something must be wrong."""

    code = "suggestion_too_many_today"
    status = 429
    message = N_("You have sent %(most)s suggestions today. Send the next one tomorrow.")


class AuthorElsewhere(Refused):
    """The card's holder belongs to another community, whose desk takes their suggestions."""

    code = "suggestion_author_elsewhere"
    message = N_("This card's holder belongs to another community. Its own desk can take this.")


class BadPhoto(Refused):
    """A file sent as a photo is none that can be kept; ``name`` is what its sender calls it."""

    code = "bad_photo"
    status = 422
    message = N_("%(name)s can't be taken as a photo.")


class TooManyPhotos(BadPhoto):
    """More files than a suggestion can have."""

    code = "too_many_photos"
    message = N_("Choose at most %(most)s photos.")


class PhotoTooLarge(BadPhoto):
    """The file is larger than any camera's photo need be."""

    code = "photo_too_large"
    message = N_("%(name)s is larger than %(most)s MB. Choose a smaller photo.")


class NotAPhoto(BadPhoto):
    """By its content it is no JPEG, PNG or WebP picture, whatever its name says."""

    code = "not_a_photo"
    message = N_("%(name)s isn't a photo. Choose a JPEG, PNG or WebP picture.")


class PhotoDamaged(BadPhoto):
    """It begins like a picture and can't be decoded to its end."""

    code = "photo_damaged"
    message = N_("%(name)s is damaged or incomplete. Take it again or choose another photo.")


class PhotoTooManyPixels(BadPhoto):
    """So large when decoded that it may be meant to do harm."""

    code = "photo_too_many_pixels"
    message = N_("%(name)s has more than %(most)s million pixels. Choose a smaller photo.")
