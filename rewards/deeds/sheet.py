"""What a recorded act brings or costs each resident, by the scheme in force when it happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards import awards, ledger
from rewards.act import Act
from rewards.awards import Award
from rewards.clock import local_date
from rewards.deeds.model import SOURCE, Deduction, Doer, Kind, RecordedDeed, Status
from rewards.deeds.refusals import NothingDeducted, UnknownDeduction
from rewards.schemes import facts, scheme, versions
from rewards.schemes.evaluate import NOTHING
from rewards.schemes.facts import Outcome
from rewards.schemes.versions import Version


@dataclass(frozen=True)
class Share:
    """One resident's part: what it would bring, or ``cost`` of which ``there`` could be taken.

    ``award`` and ``deduction`` are what came of it.
    """

    doer: Doer
    worth: Outcome
    award: Award | None = None
    cost: int = 0
    there: int = 0
    deduction: Deduction | None = None

    @property
    def short(self) -> int:
        """What a deduction would find no points for."""
        return max(0, self.cost - self.there)


@dataclass(frozen=True)
class Sheet:
    """All parts of an act, and the version that they go by."""

    deed: RecordedDeed
    version: Version
    shares: Sequence[Share]

    @property
    def points(self) -> int:
        """What approving it would give in all, or with a deduction ask for."""
        return sum(share.cost or share.worth.points for share in self.shares)

    @property
    def penalty(self) -> scheme.Deduction | None:
        """What the scheme takes points for, of a deduction."""
        found = (d for d in self.version.scheme.deductions if d.key == self.deed.deduction)
        return next(found, None)


def draw(act: Act, deed: RecordedDeed) -> Sheet:
    """The act as it stands now.

    Raises:
        NoScheme: none was in force when it happened.
    """
    version = versions.in_force(act, deed.community.programme_id, deed.happened_at)
    blank = Sheet(deed, version, [])
    if deed.kind == Kind.DEDUCTION:
        return Sheet(deed, version, _costs(act, blank))
    return Sheet(deed, version, _worths(act, deed, version))


def _worths(act: Act, deed: RecordedDeed, version: Version) -> list[Share]:
    """What each would be given, one after the other; or the award that was."""
    standing = awards.standing(act, SOURCE, [doer.id for doer in deed.doers])
    if deed.status != Status.RECORDED:
        return [Share(doer, NOTHING, standing.get(doer.id)) for doer in deed.doers]
    done = {doer.id: deed_of(doer) for doer in deed.doers}
    tally = awards.tally(act, version, list(done.values()))
    shares = []
    for doer in deed.doers:
        worth = version.engine.evaluate(done[doer.id], tally)
        tally.add(worth.entries)
        shares.append(Share(doer, worth))
    return shares


def standing_deduction(act: Act, doer: Doer) -> Deduction:
    """What was taken for a part in an act and not given back.

    Raises:
        NothingDeducted: nothing was, or it was given back.
    """
    made = act.session.get(Deduction, doer.id)
    if made is None or made.given_back_at is not None:
        raise NothingDeducted
    return made


def deed_of(doer: Doer) -> facts.Deed:
    """A part in a recorded act as rules look at it."""
    deed = doer.deed
    return awards.deed(
        doer.resident,
        facts.Kind(deed.kind),
        deed.happened_at,
        minutes=deed.minutes,
        items=deed.items,
        class_=deed.service,
        grade=deed.grade,
        level=deed.level,
        place=deed.place,
    )


def _costs(act: Act, blank: Sheet) -> list[Share]:
    """What each would lose, and what is there now; or the deduction that was made."""
    deed, penalty = blank.deed, blank.penalty
    if penalty is None:
        raise UnknownDeduction
    today = local_date(act.now, deed.community.programme.timezone)
    wallets = [doer.resident.wallet_id for doer in deed.doers]
    there = ledger.spendable_of(act.session, wallets, today, now=act.now)
    shares = []
    for doer in deed.doers:
        made = act.session.get(Deduction, doer.id)
        has = min(penalty.points, there.get(doer.resident.wallet_id, 0))
        shares.append(Share(doer, NOTHING, cost=penalty.points, there=has, deduction=made))
    return shares
