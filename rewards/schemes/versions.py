"""Versions of a programme's scheme: each from a moment on, and kept as it was for ever.

A version is never edited: what changes is a new one (:mod:`rewards.schemes.drafts`), and every
award records the version that it was computed by.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards import audit
from rewards.act import Act
from rewards.communities import Programme
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.immutable import frozen
from rewards.schemes.document import parse
from rewards.schemes.evaluate import Engine
from rewards.schemes.refusals import (
    InForceAlready,
    NoScheme,
    WithdrawalReasonMissing,
    WithdrawnAlready,
)
from rewards.schemes.scheme import Scheme

LONGEST_NOTE, LONGEST_REASON = 100, 200


@frozen()
class Version(Base):
    """A programme's scheme from ``effective_from`` on, until the next one's.

    ``number`` counts a programme's versions from 1. ``submitted_by`` and ``approved_by`` are two
    persons, but for what the system itself put into force.
    """

    __tablename__ = "scheme_version"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        CheckConstraint(
            "approved_by <> submitted_by OR approved_by = 'system'", name="second_person"
        ),
        Index(None, "programme_id", "effective_from"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[datetime]
    drafted_by: Mapped[str] = mapped_column(String(40))
    submitted_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str] = mapped_column(String(40))
    approved_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE))

    @cached_property
    def engine(self) -> Engine:
        """The rules, ready to evaluate by."""
        return _read(json.dumps(self.document))

    @property
    def scheme(self) -> Scheme:
        """The rules themselves."""
        return self.engine.scheme


@frozen()
class Withdrawal(Base):
    """A version that was to come, and won't: by whom, when and why."""

    __tablename__ = "scheme_withdrawal"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_given"),)

    version_id: Mapped[int] = mapped_column(
        ForeignKey("scheme_version.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))


# Versions don't change, so each is understood once, whichever session read it.
@lru_cache(maxsize=64)
def _read(document: str) -> Engine:
    return Engine(parse(json.loads(document)))


class Standing(StrEnum):
    """Where a version stands at a moment."""

    TO_COME = "to_come"
    IN_FORCE = "in_force"
    PAST = "past"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Chapter:
    """One version in a programme's history; ``until`` is when the next one begins."""

    version: Version
    standing: Standing
    until: datetime | None
    withdrawal: Withdrawal | None


def publish(
    act: Act,
    programme_id: int,
    document: dict[str, Any],
    *,
    effective_from: datetime,
    drafted_by: str = "",
    submitted_by: str = "",
    note: str = "",
) -> Version:
    """Put a scheme into force from a moment on; whoever acts approved it.

    Raises:
        BadScheme: the document describes no scheme; nothing was written.
    """
    parse(document)
    lock(act, programme_id)
    last = act.session.scalar(
        select(func.max(Version.number)).where(Version.programme_id == programme_id)
    )
    by = act.actor.reference
    version = Version(
        programme_id=programme_id,
        number=(last or 0) + 1,
        document=document,
        effective_from=effective_from,
        drafted_by=drafted_by or by,
        submitted_by=submitted_by or by,
        approved_by=by,
        approved_at=act.now,
        note=note,
    )
    act.session.add(version)
    act.session.flush()
    _stamp(act, programme_id)
    audit.record(
        act,
        "scheme.publish",
        f"scheme_version:{version.id}",
        programme_id=programme_id,
        number=version.number,
        effective_from=effective_from.isoformat(),
    )
    return version


def withdraw(act: Act, version: Version, reason: str) -> Withdrawal:
    """Withdraw a version before it begins; the one before it then stays in force.

    Raises:
        WithdrawalReasonMissing, InForceAlready, WithdrawnAlready: nothing was written.
    """
    if not reason.strip():
        raise WithdrawalReasonMissing
    lock(act, version.programme_id)
    if version.effective_from <= act.now:
        raise InForceAlready
    if act.session.get(Withdrawal, version.id) is not None:
        raise WithdrawnAlready
    withdrawal = Withdrawal(
        version_id=version.id, at=act.now, by=act.actor.reference, reason=reason.strip()
    )
    act.session.add(withdrawal)
    act.session.flush()
    _stamp(act, version.programme_id)
    audit.record(
        act,
        "scheme.withdraw",
        f"scheme_version:{version.id}",
        programme_id=version.programme_id,
        number=version.number,
        reason=withdrawal.reason,
    )
    return withdrawal


def lock(act: Act, programme_id: int) -> None:
    """Hold the programme to the transaction's end: its schemes change one by one.

    Rows that only name the programme can be written meanwhile.
    """
    act.session.get_one(Programme, programme_id, with_for_update={"key_share": True})


def _stamp(act: Act, programme_id: int) -> None:
    """Give the programme another stamp: what is remembered of its schemes is out of date."""
    act.session.get_one(Programme, programme_id).scheme_stamp = secrets.token_hex(16)
    act.session.flush()


def load(act: Act, version_id: int, programme_id: int) -> Version:
    """The version of that id, if it is the programme's."""
    version = act.session.get(Version, version_id)
    if version is None or version.programme_id != programme_id:
        raise NotFound
    return version


def in_force(act: Act, programme_id: int, moment: datetime) -> Version:
    """The version in force at *moment*, that is when the act happened.

    Raises:
        NoScheme: none was.
    """
    version = act.session.scalar(
        select(Version)
        .where(
            Version.programme_id == programme_id,
            Version.effective_from <= moment,
            ~exists().where(Withdrawal.version_id == Version.id),
        )
        .order_by(Version.effective_from.desc(), Version.id.desc())
        .limit(1)
    )
    if version is None:
        raise NoScheme
    return version


def find(act: Act, programme_id: int, moment: datetime) -> Version | None:
    """The version in force at *moment*, None if none was."""
    try:
        return in_force(act, programme_id, moment)
    except NoScheme:
        return None


def grace_days(act: Act, programme_id: int) -> int:
    """For how many days points can be spent that come back now, after their last day."""
    version = find(act, programme_id, act.now)
    return version.scheme.wallet.grace_days if version else 0


def history(act: Act, programme_id: int) -> list[Chapter]:
    """All of the programme's versions, the latest beginning first."""
    rows = act.session.execute(
        select(Version, Withdrawal)
        .outerjoin(Withdrawal, Withdrawal.version_id == Version.id)
        .where(Version.programme_id == programme_id)
        .order_by(Version.effective_from.desc(), Version.id.desc())
    )
    chapters: list[Chapter] = []
    until: datetime | None = None
    begun = False
    for version, withdrawal in rows:
        if withdrawal is not None:
            chapters.append(Chapter(version, Standing.WITHDRAWN, None, withdrawal))
            continue
        if version.effective_from > act.now:
            standing = Standing.TO_COME
        else:
            standing = Standing.PAST if begun else Standing.IN_FORCE
            begun = True
        chapters.append(Chapter(version, standing, until, None))
        until = version.effective_from
    return chapters


def to_come(chapters: Sequence[Chapter]) -> list[Version]:
    """The versions that are approved and yet to begin."""
    return [chapter.version for chapter in chapters if chapter.standing is Standing.TO_COME]
