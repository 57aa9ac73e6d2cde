"""What was done in a past period, and what was given for it: read in the order it was done in.

Only what was settled counts: sheets that were awarded, gifts that were paid or attested,
suggestions that were adopted, recorded acts that were approved. What was taken back wholly is
left out, unless it was for a complaint, and so are deductions: rules pay nothing for them.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from rewards import awards
from rewards.awards import Award
from rewards.communities import Community
from rewards.deeds import model as recorded
from rewards.deeds.model import Doer, RecordedDeed
from rewards.deeds.sheet import deed_of
from rewards.donations import gifts
from rewards.donations.gifts import Donation
from rewards.ledger.model import Reversed
from rewards.residents import Resident
from rewards.schemes.facts import Deed, Kind
from rewards.suggestions import Suggestion, adoption
from rewards.volunteering import sheet, worth
from rewards.volunteering.attendance import Attendance, Correction, counted, measured
from rewards.volunteering.complaints.model import Complaint
from rewards.volunteering.complaints.model import Status as ComplaintStatus
from rewards.volunteering.events import Event

# How many rows are read at a time.
AT_ONCE = 2_000

# What is left of an award that was taken back in part.
STANDING = Award.points - func.coalesce(Reversed.total, 0)


@dataclass(frozen=True)
class Done:
    """One thing done, and the points that were given for it and not taken back."""

    deed: Deed
    was: int


@dataclass(frozen=True)
class Past:
    """What was done in a programme from a moment on and before another."""

    programme_id: int
    since: datetime
    until: datetime

    def count(self, session: Session) -> int:
        """How many acts there are."""
        return sum(
            session.scalar(select(func.count()).select_from(rows.subquery())) or 0
            for rows in (
                self._services(Attendance.id),
                self._gifts(Donation.id),
                self._suggestions(Suggestion.id),
                self._records(Doer.id),
            )
        )

    def read(self, session: Session) -> Generator[Done, None, None]:
        """The acts in the order of time; whose they are is read once, beforehand."""
        found = session.scalars(select(Resident).where(self._here(Resident.community_id)))
        residents = {resident.id: resident for resident in found}
        yield from merge(
            self._served(session, residents),
            self._given(session),
            self._suggested(session),
            self._recorded(session),
            key=lambda done: done.deed.began_at,
        )

    def _served(self, session: Session, residents: Mapping[int, Resident]) -> Iterator[Done]:
        """Attendances as bare columns: of these there are many."""
        found = session.scalars(select(Event).where(*self._event()))
        events = {event.id: event for event in found}
        corrected: dict[int, int] = dict(session.execute(self._corrections()).all())
        a, starts = Attendance, Event.starts_at
        columns = (a.id, a.event_id, a.resident_id, a.in_at, a.in_way, a.out_at, a.out_way)
        rows = self._services(*columns, Complaint.id, STANDING).order_by(starts, a.id)
        with _some_at_a_time(session, rows) as lines:
            for row_id, event_id, resident_id, in_at, in_way, out_at, out_way, bad, points in lines:
                event, resident = events[event_id], residents[resident_id]
                seen = measured(in_at, out_at, event.starts_at, event.ends_at)
                minutes = counted(seen, corrected.get(row_id), event.minutes)
                how = worth.provenance(in_way, out_way, minutes, seen)
                deed = worth.served(resident, event, minutes, how, complaint=bad is not None)
                yield Done(deed, points or 0)

    def _corrections(self) -> Select[int, int]:
        """The minutes put in place of those measured, by attendance; the last one comes last."""
        return (
            select(Correction.attendance_id, Correction.minutes)
            .join(Attendance, Attendance.id == Correction.attendance_id)
            .join(Event, Event.id == Attendance.event_id)
            .where(*self._event())
            .order_by(Correction.id)
        )

    def _given(self, session: Session) -> Iterator[Done]:
        rows = self._gifts(Donation, STANDING).order_by(Donation.given_at, Donation.id)
        with _some_at_a_time(session, rows) as found:
            for gift, points in found:
                yield Done(gifts.what(gift), points or 0)

    def _suggested(self, session: Session) -> Iterator[Done]:
        rows = self._suggestions(Suggestion, STANDING)
        rows = rows.order_by(Suggestion.adopted_at, Suggestion.id)
        with _some_at_a_time(session, rows) as found:
            for idea, points in found:
                of_it = {"class_": idea.category, "place": idea.place}
                deed = awards.deed(idea.resident, Kind.SUGGESTION, idea.adopted_at, **of_it)
                yield Done(deed, points or 0)

    def _recorded(self, session: Session) -> Iterator[Done]:
        rows = self._records(Doer, STANDING).order_by(RecordedDeed.happened_at, Doer.id)
        act = contains_eager(Doer.deed).lazyload(RecordedDeed.doers)
        with _some_at_a_time(session, rows.options(act)) as found:
            for doer, points in found:
                yield Done(deed_of(doer), points or 0)

    def _services(self, *what: Any) -> Select[Any]:
        rows = select(*what).join(Event, Attendance.event_id == Event.id).where(*self._event())
        upheld = and_(
            Complaint.attendance_id == Attendance.id,
            Complaint.status == ComplaintStatus.UPHELD.value,
        )
        rows = rows.outerjoin(Complaint, upheld)
        rows = _with_award(rows, sheet.SOURCE, Attendance.id, Complaint.id.is_not(None))
        return rows.where(or_(Award.id.is_not(None), Event.rounds > 0))

    def _gifts(self, *what: Any) -> Select[Any]:
        settled = (gifts.Status.PAID.value, gifts.Status.ATTESTED.value)
        rows = select(*what).where(
            self._here(Donation.community_id),
            Donation.status.in_(settled),
            *self._within(Donation.given_at),
        )
        return _with_award(rows, gifts.SOURCE, Donation.id)

    def _suggestions(self, *what: Any) -> Select[Any]:
        rows = select(*what).where(
            self._here(Suggestion.community_id), *self._within(Suggestion.adopted_at)
        )
        return _with_award(rows, adoption.SOURCE, Suggestion.id)

    def _records(self, *what: Any) -> Select[Any]:
        rows = select(*what).join(RecordedDeed, RecordedDeed.id == Doer.deed_id)
        rows = rows.where(
            self._here(RecordedDeed.community_id),
            RecordedDeed.status == recorded.Status.APPROVED.value,
            RecordedDeed.kind != recorded.Kind.DEDUCTION.value,
            *self._within(RecordedDeed.happened_at),
        )
        return _with_award(rows, recorded.SOURCE, Doer.id)

    def _event(self) -> tuple[ColumnElement[bool], ...]:
        return self._here(Event.community_id), *self._within(Event.starts_at)

    def _here(self, community_id: Any) -> ColumnElement[bool]:
        programme = Community.programme_id == self.programme_id
        found: ColumnElement[bool] = community_id.in_(select(Community.id).where(programme))
        return found

    def _within(self, moment: Any) -> tuple[ColumnElement[bool], ...]:
        return moment >= self.since, moment < self.until


def _some_at_a_time(session: Session, rows: Select[Any]) -> Result[*tuple[Any, ...]]:
    """The rows as they are asked for; to be closed, because the database holds them ready."""
    return session.execute(rows.execution_options(yield_per=AT_ONCE))


def _with_award(
    rows: Select[Any], source: str, source_id: Any, *also: ColumnElement[bool]
) -> Select[Any]:
    """With the award that stands; without what had one that was taken back, but for *also*."""
    taken_back = aliased(Award)
    again = exists().where(
        taken_back.source == source,
        taken_back.source_id == source_id,
        taken_back.reversed_at.is_not(None),
    )
    standing = and_(
        Award.source == source, Award.source_id == source_id, Award.reversed_at.is_(None)
    )
    rows = rows.outerjoin(Award, standing)
    rows = rows.outerjoin(Reversed, Reversed.transfer_id == Award.transfer_id)
    return rows.where(or_(Award.id.is_not(None), ~again, *also))
