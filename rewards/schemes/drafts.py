"""Drafts of a scheme: written, submitted for a day, approved by a second person or given back."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.schemes import versions
from rewards.schemes.checking import problems
from rewards.schemes.document import parse
from rewards.schemes.problems import BadScheme
from rewards.schemes.refusals import (
    DraftChanged,
    OverlappingVersions,
    PastDate,
    ReturnReasonMissing,
    SamePerson,
    WrongStatus,
)
from rewards.schemes.scheme import Scheme
from rewards.schemes.versions import LONGEST_NOTE, LONGEST_REASON, Version


class Status(StrEnum):
    """Where a draft is. Returned is a draft again, with the reason why."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    DISCARDED = "discarded"


class Draft(Base):
    """A scheme that is being written. ``revision`` counts its changes, so that none is lost.

    ``based_on_id`` is the version that it began from. ``effective_on`` is the day for which it
    was or shall be submitted, ``version_id`` what it became.
    """

    __tablename__ = "scheme_draft"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'approved', 'discarded')",
            name="status_known",
        ),
        CheckConstraint("(status = 'approved') = (version_id IS NOT NULL)", name="approved_is"),
        CheckConstraint(
            "status NOT IN ('submitted', 'approved') OR "
            "(effective_on IS NOT NULL AND submitted_by IS NOT NULL)",
            name="submitted_whole",
        ),
        Index(None, "programme_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(10), default=Status.DRAFT.value)
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("scheme_version.id"))
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    effective_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(40))
    returned_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("scheme_version.id"), unique=True)

    programme: Mapped[Programme] = relationship()
    based_on: Mapped[Version | None] = relationship(foreign_keys=[based_on_id])

    @property
    def scheme(self) -> Scheme:
        """The rules as they are drafted."""
        return parse(self.document)

    @property
    def is_open(self) -> bool:
        """Whether it can be changed."""
        return self.status in (Status.DRAFT, Status.RETURNED)


def start(
    act: Act,
    programme: Programme,
    document: dict[str, Any],
    name: str,
    *,
    based_on: Version | None = None,
    effective_on: date | None = None,
) -> Draft:
    """Begin a draft with a document: a preset's, a file's, or that of the version *based_on*.

    ``effective_on`` is the day that the file asks for; it is chosen when the draft is submitted.

    Raises:
        BadScheme: the document describes no scheme; nothing was written.
    """
    parse(document)
    draft = Draft(
        programme=programme,
        name=name,
        document=document,
        revision=1,
        status=Status.DRAFT.value,
        based_on=based_on,
        effective_on=effective_on,
        drafted_by=act.actor.reference,
        drafted_at=act.now,
        changed_at=act.now,
    )
    act.session.add(draft)
    act.session.flush()
    _note(act, "scheme.draft", draft, name=name)
    return draft


def change(
    act: Act, draft: Draft, document: dict[str, Any], *, revision: int, name: str | None = None
) -> None:
    """Put *document* in place of what revision *revision* of the draft said.

    It may say what can't take effect yet: that is found when it is submitted. Sent twice, it is
    changed once.

    Raises:
        BadScheme, WrongStatus, DraftChanged: nothing was written.
    """
    parse(document)
    _lock(act, draft)
    if not draft.is_open:
        raise WrongStatus
    name = draft.name if name is None else name
    if (draft.document, draft.name) == (document, name):
        return
    if draft.revision != revision:
        raise DraftChanged
    draft.document, draft.name = document, name
    draft.revision += 1
    draft.changed_at = act.now
    act.session.flush()


def submit(act: Act, draft: Draft, effective_on: date) -> None:
    """Ask a second person to approve the draft for a day; until then it can't be changed.

    Raises:
        BadScheme: it has rules that can't take effect; all that is wrong with them is named.
        WrongStatus, PastDate, OverlappingVersions: nothing was written.
    """
    _lock(act, draft)
    if not draft.is_open:
        raise WrongStatus
    _check(act, draft, effective_on)
    draft.status = Status.SUBMITTED.value
    draft.effective_on, draft.submitted_by = effective_on, act.actor.reference
    draft.returned_because = None
    act.session.flush()
    _note(act, "scheme.submit", draft, effective_on=effective_on.isoformat())


def give_back(act: Act, draft: Draft, reason: str) -> None:
    """Hand a submitted draft back to be changed, or take one's own back.

    Raises:
        ReturnReasonMissing, WrongStatus: nothing was written.
    """
    if not reason.strip():
        raise ReturnReasonMissing
    _lock(act, draft)
    if draft.status != Status.SUBMITTED:
        raise WrongStatus
    draft.status, draft.returned_because = Status.RETURNED.value, reason.strip()
    act.session.flush()
    _note(act, "scheme.return", draft, reason=draft.returned_because)


def approve(act: Act, draft: Draft) -> Version:
    """Put a submitted draft into force as a second person: on its day, or now if that is today.

    Raises:
        SamePerson, WrongStatus, PastDate, OverlappingVersions, BadScheme: nothing was written.
    """
    _lock(act, draft)
    if draft.status != Status.SUBMITTED or draft.effective_on is None:
        raise WrongStatus
    if draft.submitted_by == act.actor.reference:
        raise SamePerson
    _check(act, draft, draft.effective_on)
    version = versions.publish(
        act,
        draft.programme_id,
        draft.document,
        effective_from=begins(act, draft.programme, draft.effective_on),
        drafted_by=draft.drafted_by,
        submitted_by=draft.submitted_by or "",
        note=draft.name,
    )
    draft.version_id = version.id
    draft.status = Status.APPROVED.value
    act.session.flush()
    return version


def begins(act: Act, programme: Programme, day: date) -> datetime:
    """When what takes effect on *day* begins: with the day, or now if that has begun."""
    midnight = datetime.combine(day, time.min, ZoneInfo(programme.timezone))
    return max(midnight, act.now)


def taken(act: Act, programme: Programme) -> dict[date, int]:
    """The days on which versions are to begin, with their numbers."""
    coming = versions.to_come(versions.history(act, programme.id))
    return {local_date(v.effective_from, programme.timezone): v.number for v in coming}


def discard(act: Act, draft: Draft) -> None:
    """Put a draft away that won't be submitted.

    Raises:
        WrongStatus: nothing was written.
    """
    _lock(act, draft)
    if not draft.is_open:
        raise WrongStatus
    draft.status = Status.DISCARDED.value
    act.session.flush()
    _note(act, "scheme.discard", draft)


def load(act: Act, draft_id: int, programme_id: int) -> Draft:
    """The draft of that id, if it is the programme's."""
    draft = act.session.get(Draft, draft_id)
    if draft is None or draft.programme_id != programme_id:
        raise NotFound
    return draft


def standing(act: Act, programme_id: int) -> list[Draft]:
    """The drafts that are being written or wait for approval, the latest changed first."""
    waiting = (Status.DRAFT.value, Status.SUBMITTED.value, Status.RETURNED.value)
    return list(
        act.session.scalars(
            select(Draft)
            .where(Draft.programme_id == programme_id, Draft.status.in_(waiting))
            .order_by(Draft.changed_at.desc(), Draft.id.desc())
        )
    )


def _lock(act: Act, draft: Draft) -> None:
    """Hold the programme, then read the draft afresh: drafts and versions move one by one."""
    versions.lock(act, draft.programme_id)
    act.session.refresh(draft)


def _check(act: Act, draft: Draft, effective_on: date) -> None:
    """Refuse what can't take effect on that day."""
    zone = draft.programme.timezone
    if effective_on < local_date(act.now, zone):
        raise PastDate
    if wrong := problems(draft.scheme):
        raise BadScheme(wrong)
    if number := taken(act, draft.programme).get(effective_on):
        raise OverlappingVersions(number=number, day=effective_on.isoformat())


def _note(act: Act, action: str, draft: Draft, **detail: Any) -> None:
    audit.record(act, action, f"scheme_draft:{draft.id}", programme_id=draft.programme_id, **detail)
