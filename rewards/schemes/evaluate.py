"""The engine: what a deed is worth under a scheme, line by line.

Pure and deterministic: the facts of the deed and a tally of what was given before go in, lines
come out. The order of things: of each source the first base rule that matches pays, with every
bonus and multiplier; a line is counted in steps, capped, multiplied out exactly, rounded once,
and capped again; the caps that several rules share come last.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from rewards.ledger import expiry
from rewards.schemes.calendar import first_day, reaches_back
from rewards.schemes.facts import SOURCES, Deed, Entry, Kind, Outcome
from rewards.schemes.matching import Asked
from rewards.schemes.reckoning import Draft, Ready
from rewards.schemes.rules import Role, Source, Whose, Window
from rewards.schemes.scheme import Scheme
from rewards.schemes.sharing import Shared, share
from rewards.schemes.tally import Tally

NOTHING = Outcome()


class Engine:
    """A scheme made ready to evaluate many deeds; it keeps nothing of them."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        ready = [Ready(rule, scheme.calendar) for rule in scheme.rules]
        self._rules = {kind: [r for r in ready if r.rule.source in SOURCES[kind]] for kind in Kind}
        self._shared = [Shared(cap) for cap in scheme.shared_caps]
        self._counters = [
            counter
            for counter in (*(c for r in ready for c in r.caps), *(s.counter for s in self._shared))
            if counter.cap.window is not Window.ACT
        ]
        self._streaks = [r.when.streak for r in scheme.rules if r.when.streak is not None]

    def tally(self, given: Iterable[Sequence[Entry]] = ()) -> Tally:
        """Counts of what was given before: the entries of each earlier deed."""
        tally = Tally(self._counters, frozenset(streak.stretch for streak in self._streaks))
        for entries in given:
            tally.add(entries)
        return tally

    def evaluate(self, deed: Deed, tally: Tally) -> Outcome:
        """What the deed is worth after what was given before; the tally stays as it is."""
        if deed.kind is Kind.SERVICE and not deed.minutes:
            return NOTHING
        asked = Asked.of(deed, tally)
        drafts = self._drafts(asked)
        if self._shared:
            share(drafts, self._shared, asked)
        return Outcome(
            tuple(draft.line() for draft in drafts),
            tuple(_entry(draft, asked) for draft in drafts if draft.points),
        )

    def last_day(self, outcome: Outcome, earned: date) -> date:
        """The last day of the points: that of the line among them that lasts longest.

        ``expiry.IDLE`` for points that last as long as their wallet moves.
        """
        given = {line.rule.key for line in outcome.lines if line.points > 0}
        return last_day(self.scheme, given, earned)

    def looks_back(self, day: date) -> date | None:
        """From when on entries may matter for a deed of that day; None if none does by its day.

        Entries of later days may matter as well: a week's cap counts the whole week.
        """
        windows = {counter.cap.window for counter in self._counters} - {Window.EVENT}
        days = [first_day(window, day) for window in windows]
        days += [reaches_back(s.stretch, s.length, day) for s in self._streaks]
        return min(days, default=None)

    @property
    def by_event(self) -> bool:
        """Whether what was given for the same event matters."""
        return any(counter.cap.window is Window.EVENT for counter in self._counters)

    @property
    def asks_ever(self) -> bool:
        """Whether it matters if a resident was ever given points of a source."""
        return any(rule.when.first_time for rule in self.scheme.rules)

    @property
    def by_household(self) -> bool:
        """Whether what was given to others of a household matters."""
        return any(counter.cap.whose is Whose.HOUSEHOLD for counter in self._counters)

    def _drafts(self, asked: Asked) -> list[Draft]:
        """A line of each rule that is about the deed, before the shared caps."""
        drafts: list[Draft] = []
        above = dict.fromkeys(SOURCES[asked.deed.kind], 0)
        paid: set[Source] = set()
        for ready in self._rules[asked.deed.kind]:
            rule = ready.rule
            source, role = rule.source, rule.role
            if role is Role.BASE and source in paid:
                continue
            if role is Role.MULTIPLIER and not above[source]:
                continue
            if not ready.matches(asked):
                continue
            if role is Role.MULTIPLIER:
                draft = ready.multiplies(asked, above[source])
            else:
                draft = ready.pays(asked)
            if role is Role.BASE:
                paid.add(source)
            above[source] += draft.points
            drafts.append(draft)
        return drafts


def last_day(scheme: Scheme, given: Collection[str], earned: date) -> date:
    """The last day of points that the rules of these keys gave, which is that of the longest."""
    own = scheme.wallet.expiry
    policies = [rule.expiry or own for rule in scheme.rules if rule.key in given] or [own]
    return max(expiry.last_day(policy, earned) for policy in policies)


def evaluate_all(
    scheme: Scheme, deeds: Iterable[Deed], given: Iterable[Sequence[Entry]] = ()
) -> list[Outcome]:
    """What each of these deeds is worth, one after the other, after what was given before."""
    engine = Engine(scheme)
    tally = engine.tally(given)
    outcomes = []
    for deed in deeds:
        outcome = engine.evaluate(deed, tally)
        tally.add(outcome.entries)
        outcomes.append(outcome)
    return outcomes


def _entry(draft: Draft, asked: Asked) -> Entry:
    deed = asked.deed
    return Entry(
        rule=draft.rule.key,
        source=draft.rule.source,
        resident_id=deed.resident_id,
        household=deed.household,
        event_id=deed.event_id,
        day=asked.day,
        points=draft.points,
        quantity=draft.counted,
    )
