"""Recording an act: it says who did what; points follow when a second person approves."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from rewards import audit, ledger
from rewards.act import Act
from rewards.communities import Community
from rewards.deeds import asking
from rewards.deeds.model import Doer, Kind, RecordedDeed, Status
from rewards.deeds.refusals import (
    MeetingMissing,
    NobodyNamed,
    NotYetHappened,
    OneReferrer,
    QuantityMissing,
    ReferredBefore,
    ReferredMissing,
    ReferredSelf,
    UnknownDeduction,
)
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.rules import Per
from rewards.schemes.scheme import Scheme
from rewards.volunteering import vocabulary


@dataclass(frozen=True)
class Facts:
    """What is said of an act; ``happened_at`` is aware."""

    kind: Kind
    happened_at: datetime
    reason: str
    service: str | None = None
    grade: str | None = None
    level: str | None = None
    minutes: int = 0
    items: int = 0
    place: str = ""
    note: str = ""
    deduction: str = ""


def record(
    act: Act,
    community: Community,
    people: Sequence[Resident],
    facts: Facts,
    *,
    key: str,
    referred: Resident | None = None,
) -> ledger.Answer:
    """Record what these residents did; no points move yet. Answers ``{"deed": id}``.

    Raises (from the answer too):
        NoScheme, vocabulary.UnknownTerm, and those of this package that say what is missing:
            nothing was written.
    """
    if facts.kind is not Kind.REFERRAL:
        referred = None

    def work(op: ledger.Operation) -> dict[str, int]:
        check(act, community, people, facts, referred)
        deed = RecordedDeed(
            community_id=community.id,
            referred_id=referred.id if referred else None,
            status=Status.RECORDED.value,
            recorded_by_id=act.actor.id,
            recorded_at=act.now,
            **asdict(facts) | {"kind": facts.kind.value},
        )
        deed.doers = [Doer(resident=person) for person in people]
        act.session.add(deed)
        act.session.flush()
        note(act, "deed.record", deed, kind=facts.kind.value, residents=len(people))
        return {"deed": deed.id}

    asked = asdict(facts) | {
        "happened_at": facts.happened_at.isoformat(),
        "residents": [person.id for person in people],
        "referred": referred.id if referred else None,
    }
    return ledger.once(act, f"deed:record:{community.id}", key, asked, work)


def check(
    act: Act,
    community: Community,
    people: Sequence[Resident],
    facts: Facts,
    referred: Resident | None,
) -> None:
    """Refuse what can't be recorded so, by the scheme in force when it happened."""
    if not people:
        raise NobodyNamed
    if facts.happened_at > act.now:
        raise NotYetHappened
    if facts.kind is Kind.TEAM and not facts.note.strip():
        raise MeetingMissing
    if facts.kind is Kind.REFERRAL:
        _check_referral(act, people, referred)
    scheme = versions.in_force(act, community.programme_id, facts.happened_at).scheme
    if facts.kind is Kind.DEDUCTION:
        if facts.deduction not in {deduction.key for deduction in scheme.deductions}:
            raise UnknownDeduction
        return
    chosen = {"service": facts.service, "grade": facts.grade, "level": facts.level}
    vocabulary.check(act, community, facts.happened_at, **chosen)
    _check_quantity(scheme, facts)


def note(act: Act, action: str, deed: RecordedDeed, **detail: Any) -> None:
    """Put what was done with a recorded act into the log."""
    audit.record(act, action, f"deed:{deed.id}", community_id=deed.community_id, **detail)


def _check_referral(act: Act, people: Sequence[Resident], referred: Resident | None) -> None:
    if referred is None:
        raise ReferredMissing
    if len(people) > 1:
        raise OneReferrer
    if referred.id == people[0].id:
        raise ReferredSelf
    before = select(RecordedDeed.id).where(
        RecordedDeed.referred_id == referred.id, RecordedDeed.status != Status.REFUSED.value
    )
    if act.session.scalar(before) is not None:
        raise ReferredBefore(name=referred.name)


def _check_quantity(scheme: Scheme, facts: Facts) -> None:
    """Refuse an act without hours or items where the rules about it count nothing else."""
    measures = {
        per
        for rule in scheme.rules
        if rule.source is facts.kind.source and (per := asking.measure(rule)) is not None
    }
    given = {Per.HOUR: facts.minutes, Per.ITEM: facts.items}
    wanted = measures & set(given)
    if wanted and wanted == measures and not any(given[per] for per in wanted):
        raise QuantityMissing
