"""Asking for a preview of a draft, and finding the one that was asked for last."""

from datetime import date

from sqlalchemy import delete, select, update

from rewards.act import Act
from rewards.clock import local_date
from rewards.errors import N_, Refused
from rewards.previews.model import Preview, PreviewLine, Status
from rewards.schemes.checking import problems
from rewards.schemes.drafts import Draft
from rewards.schemes.problems import BadScheme

LONGEST_DAYS = 366


class PeriodTurned(Refused):
    """The last day is before the first."""

    code = "period_turned"
    status = 422
    message = N_("The last day can't be before the first.")


class PeriodUnfinished(Refused):
    """Days to come have no acts yet."""

    code = "period_unfinished"
    status = 422
    message = N_("Choose days that have been: up to %(today)s.")


class PeriodTooLong(Refused):
    """More than a year."""

    code = "period_too_long"
    status = 422
    message = N_("Choose at most %(days)s days.")


def ask(act: Act, draft: Draft, first: date, last: date) -> tuple[Preview, bool]:
    """A preview of the draft as it is now, and whether it is new and has yet to begin.

    The same that is being worked on is handed out again; it takes the place of any other of
    this draft.

    Raises:
        PeriodTurned, PeriodUnfinished, PeriodTooLong: nothing was written.
        BadScheme: the draft has rules that can't take effect.
    """
    _check_period(act, draft, first, last)
    if wrong := problems(draft.scheme):
        raise BadScheme(wrong)
    before = latest(act, draft.id)
    if before is not None and before.works(act.now) and _is_same(before, draft, first, last):
        return before, False
    _supersede(act, draft.id)
    preview = Preview(
        draft_id=draft.id,
        revision=draft.revision,
        first=first,
        last=last,
        status=Status.RUNNING.value,
        acts=0,
        done=0,
        asked_by=act.actor.reference,
        asked_at=act.now,
        moved_at=act.now,
    )
    act.session.add(preview)
    act.session.flush()
    return preview, True


def latest(act: Act, draft_id: int) -> Preview | None:
    """The preview of this draft that was asked for last, None if none was."""
    rows = select(Preview).where(Preview.draft_id == draft_id).order_by(Preview.id.desc())
    return act.session.scalar(rows.limit(1))


def _check_period(act: Act, draft: Draft, first: date, last: date) -> None:
    today = local_date(act.now, draft.programme.timezone)
    if last < first:
        raise PeriodTurned
    if last > today:
        raise PeriodUnfinished(today=today.isoformat())
    if (last - first).days >= LONGEST_DAYS:
        raise PeriodTooLong(days=LONGEST_DAYS)


def _is_same(preview: Preview, draft: Draft, first: date, last: date) -> bool:
    asked = (preview.revision, preview.first, preview.last)
    return asked == (draft.revision, first, last)


def _supersede(act: Act, draft_id: int) -> None:
    """Forget what earlier previews of the draft found; one that is being worked on ends."""
    earlier = select(Preview.id).where(Preview.draft_id == draft_id)
    act.session.execute(delete(PreviewLine).where(PreviewLine.preview_id.in_(earlier)))
    act.session.execute(
        update(Preview)
        .where(Preview.draft_id == draft_id)
        .values(status=Status.SUPERSEDED.value, result=None)
    )
