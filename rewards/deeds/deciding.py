"""Deciding about a recorded act: a second person approves it, or it is refused with a reason."""

from typing import Any

from rewards import awards, ledger
from rewards.act import Act
from rewards.clock import local_date
from rewards.deeds import sheet
from rewards.deeds.model import SOURCE, Deduction, Doer, Kind, RecordedDeed, Status, lock
from rewards.deeds.recording import note
from rewards.deeds.refusals import DeedDecided, SamePerson, WorthChanged
from rewards.deeds.sheet import Share, Sheet
from rewards.schemes import versions


def approve(act: Act, deed: RecordedDeed, *, points: int) -> ledger.Answer:
    """Approve as a second person: points are given, or taken, once.

    *points* is what the page showed in all. Answers ``{"points": …}``: those that moved.

    Raises:
        SamePerson, DeedDecided, WorthChanged, NoScheme, awards.NoRoom: nothing was written.
    """
    lock(act, deed)
    if deed.recorded_by_id == act.actor.id:
        raise SamePerson
    again = deed.status == Status.APPROVED and deed.decided_by_id == act.actor.id
    if deed.status != Status.RECORDED and not again:
        raise DeedDecided
    version = versions.in_force(act, deed.community.programme_id, deed.happened_at)
    awards.hold(act, version)

    def work(op: ledger.Operation) -> dict[str, int]:
        drawn = sheet.draw(act, deed)
        if drawn.points != points:
            raise WorthChanged
        moved = _deduct(act, op, drawn) if deed.kind == Kind.DEDUCTION else _award(act, op, drawn)
        _decided(act, deed, Status.APPROVED)
        note(act, "deed.approve", deed, kind=deed.kind, residents=len(deed.doers), points=moved)
        return {"points": moved}

    answer = ledger.once(act, "deed:approve", f"deed:{deed.id}", {}, work)
    # A refusal is raised rather than remembered, or it could never be approved.
    answer.result()
    return answer


def refuse(act: Act, deed: RecordedDeed, reason: str) -> None:
    """Give a recorded act back without points, with a reason that stays with it.

    Whoever recorded it may do that too: it moves nothing.

    Raises:
        awards.ReasonMissing, DeedDecided: nothing was written.
    """
    if not reason.strip():
        raise awards.ReasonMissing
    lock(act, deed)
    if deed.status != Status.RECORDED:
        raise DeedDecided
    deed.refused_because = reason.strip()
    _decided(act, deed, Status.REFUSED)
    note(act, "deed.refuse", deed, kind=deed.kind, reason=deed.refused_because)


def give_back(act: Act, deed: RecordedDeed, doer: Doer, *, reason: str, key: str) -> ledger.Answer:
    """Undo the deduction from one resident; what was owed for it isn't any more.

    Answers ``{"points": …}``, those that came back.

    Raises (from the answer):
        awards.ReasonMissing, NothingDeducted: nothing was written.
    """
    lock(act, deed)

    def work(op: ledger.Operation) -> dict[str, int]:
        if not reason.strip():
            raise awards.ReasonMissing
        made = sheet.standing_deduction(act, doer)
        programme = deed.community.programme
        ledger.restore(
            op,
            ledger.Deducted(made.transfer_id, made.taken, made.owed_id, made.owed),
            today=local_date(act.now, programme.timezone),
            reason=reason.strip(),
            grace_days=versions.grace_days(act, programme.id),
        )
        made.given_back_at, made.given_back_because = act.now, reason.strip()
        act.session.flush()
        moved = {"points": made.taken, "owed": made.owed}
        note(act, "deed.give_back", deed, resident=doer.resident_id, reason=reason, **moved)
        return {"points": made.taken}

    return ledger.once(act, f"deed:give-back:{doer.id}", key, {"reason": reason}, work)


def _decided(act: Act, deed: RecordedDeed, status: Status) -> None:
    deed.status, deed.decided_by_id, deed.decided_at = status.value, act.actor.id, act.now
    act.session.flush()


def _award(act: Act, op: ledger.Operation, drawn: Sheet) -> int:
    deed = drawn.deed
    given = awards.grant_all(
        act,
        op,
        deed.community.programme,
        drawn.version,
        [
            awards.Due(
                resident=share.doer.resident,
                source=SOURCE,
                source_id=share.doer.id,
                worth=share.worth,
                reason=deed.reason,
                happened_at=deed.happened_at,
            )
            for share in drawn.shares
        ],
    )
    return sum(award.points for award in given)


def _deduct(act: Act, op: ledger.Operation, drawn: Sheet) -> int:
    # In the order of wallets, as every act that locks several of them.
    shares = sorted(drawn.shares, key=lambda share: share.doer.resident.wallet_id)
    return sum(_deduct_one(act, op, drawn, share) for share in shares)


def _deduct_one(act: Act, op: ledger.Operation, drawn: Sheet, share: Share) -> int:
    deed, penalty = drawn.deed, drawn.penalty
    assert penalty is not None
    programme = deed.community.programme
    done = ledger.deduct(
        op,
        share.doer.resident.wallet_id,
        programme.issuer_account_id,
        penalty.points,
        today=local_date(act.now, programme.timezone),
        happened_at=deed.happened_at,
        reason=deed.reason,
        owe=drawn.version.scheme.below_zero,
    )
    facts: dict[str, Any] = {"points": penalty.points, "name": vars(penalty.name)}
    act.session.add(
        Deduction(doer_id=share.doer.id, scheme_id=drawn.version.id, **facts, **vars(done))
    )
    act.session.flush()
    return done.taken
