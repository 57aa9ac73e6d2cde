"""Previews: what a draft of the rules would have given for a past period, beside what was given.

Asked for on a draft, worked out in the background with progress, and kept until the next one
of the same draft.
"""

from rewards.previews.asking import PeriodTooLong, PeriodTurned, PeriodUnfinished, ask, latest
from rewards.previews.model import Preview, PreviewLine, Status
from rewards.previews.people import Page, Show, every, page
from rewards.previews.running import begin, run

__all__ = [
    "Page",
    "PeriodTooLong",
    "PeriodTurned",
    "PeriodUnfinished",
    "Preview",
    "PreviewLine",
    "Show",
    "Status",
    "ask",
    "begin",
    "every",
    "latest",
    "page",
    "run",
]
