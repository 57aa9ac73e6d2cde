"""Caps on several rules together: the last word on a deed's lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards.schemes.facts import Cut
from rewards.schemes.matching import Asked
from rewards.schemes.reckoning import Draft
from rewards.schemes.rules import Measure, Role, Rule, SharedCap, Source, WhenOver
from rewards.schemes.tally import Counter


class Shared:
    """A shared cap made ready to be used many times."""

    def __init__(self, shared: SharedCap) -> None:
        self.shared = shared
        self.counter = Counter(shared.cap, int(shared.cap.most), shared.rules)

    def covers(self, rule: Rule) -> bool:
        return not self.shared.rules or rule.key in self.shared.rules

    def leaves(self, points: int, asked: Asked) -> tuple[int, int] | None:
        """What there was and what the cap leaves of it, as it measures; None if all fits."""
        room = max(0, self.counter.most - asked.tally.used(self.counter, asked.deed, asked.day))
        if self.shared.cap.measure is Measure.TIMES:
            return None if room else (1, 0)
        if points <= room:
            return None
        return points, room if self.shared.cap.when_over is WhenOver.TRIM else 0


@dataclass
class _Bite:
    """Where a cap bit first, and what it left of what there was."""

    draft: Draft
    before: int
    left: int


def share(drafts: Sequence[Draft], caps: Sequence[Shared], asked: Asked) -> None:
    """Cut the lines to what the shared caps leave, from the last one upwards.

    What a cap looks at is what its lines come to together, so points that a multiplier took
    away don't count. If a cut leaves less than a multiplier took, that one is reckoned anew,
    which may want another cut.
    """
    bites: dict[Shared, _Bite] = {}
    while _cut(drafts, caps, asked, bites) and _mended(drafts):
        pass
    for shared, bite in bites.items():
        bite.draft.cuts.append(Cut(shared.shared.cap, bite.before, bite.left, shared.shared))


def _cut(
    drafts: Sequence[Draft], caps: Sequence[Shared], asked: Asked, bites: dict[Shared, _Bite]
) -> bool:
    """Apply each cap; whether any bit."""
    bitten = False
    for shared in caps:
        covered = [draft for draft in drafts if shared.covers(draft.rule)]
        last = next((draft for draft in reversed(covered) if draft.points > 0), None)
        if last is None:
            continue
        points = sum(draft.points for draft in covered)
        cut = shared.leaves(points, asked)
        if cut is None:
            continue
        before, left = cut
        _take(covered, points - left, left)
        bites.setdefault(shared, _Bite(last, before, left)).left = left
        bitten = True
    return bitten


def _take(covered: Sequence[Draft], points: int, left: int) -> None:
    """Take so many points from the lines that gave any, from the last one upwards.

    Where nothing is left, no line gives anything.
    """
    for draft in reversed(covered):
        taken = min(points, max(0, draft.points)) if left else max(0, draft.points)
        draft.points -= taken
        points -= taken


def _mended(drafts: Sequence[Draft]) -> bool:
    """Reckon the multipliers anew that took more than is left above them; whether any did."""
    mended, above = False, dict.fromkeys(Source, 0)
    for draft in drafts:
        source = draft.rule.source
        if draft.rule.role is Role.MULTIPLIER and above[source] + draft.points < 0:
            draft.reckon(above[source])
            mended = True
        above[source] += draft.points
    return mended
