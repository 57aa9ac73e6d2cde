"""What archiving refuses, each by its name."""

from rewards.errors import N_, Refused


class Archived(Refused):
    """The transfer left the ledger with its month; it can be read in the archive's file."""

    code = "archived"
    message = N_(
        "This entry is in the archive of older months, and can't be undone any more. "
        "Put it right with a new award or a new redemption."
    )


class MonthNotOver(Refused):
    """The month, or the day after it, is not over: what is in it can still be undone."""

    code = "month_not_over"
    message = N_("Only months that have been over for a day can be archived.")


class NothingToArchive(Refused):
    """No whole tile of sealed transfers is that old."""

    code = "nothing_to_archive"
    message = N_(
        "Nothing to archive: only sealed entries move, 256 at a time. Seal first, "
        "or choose a later month."
    )


class LedgerDrifts(Refused):
    """The ledger doesn't verify; nothing may leave it."""

    code = "ledger_drifts"
    message = N_("The ledger doesn't verify. Nothing was archived; run “verify” to find out why.")


class BadArchive(Refused):
    """The file isn't what was written: it can't be read, or its digest is another."""

    code = "bad_archive"
    status = 422
    message = N_("The archive file is damaged: %(why)s")


class TruncatedArchive(BadArchive):
    """The file ends before its trailer."""

    code = "truncated_archive"
    message = N_("The archive file is cut off: its end is missing.")


class ForeignArchive(BadArchive):
    """The file is of another ledger, or of another stretch of this one."""

    code = "foreign_archive"
    message = N_("The archive file is not of these entries of this ledger: %(why)s")


class UnprovenArchive(BadArchive):
    """The entries in the file don't lead to the checkpoint that they should be in."""

    code = "unproven_archive"
    message = N_("The entries of the archive file are not those that were sealed: %(why)s")
