"""A ledger kept on paper: what every movement should come to, in plain Python.

It knows no database, no lock and no key; it is what the real one is held against. Wallets
and shops go by their number, lots by their last day. A movement happens whole or raises
:class:`No`.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from rewards.ledger import IDLE

Lots = dict[date, int]


class No(Exception):
    """What the ledger should refuse, by its code, with the facts that it should give."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts


@dataclass(eq=False)
class Award:
    """Points given; ``left`` of them have not been taken back."""

    wallet: int
    amount: int
    day: date
    left: int
    id: int = 0


@dataclass(eq=False)
class Redemption:
    """Points spent; ``taken`` is what is still out of each lot."""

    wallet: int
    shop: int
    taken: Lots
    id: int = 0


@dataclass(eq=False)
class Deduction:
    """Points taken for a deed: what is still out of each lot, and what is still owed."""

    wallet: int
    taken: Lots
    owed: int
    undone: bool = False
    done: Any = None


@dataclass(eq=False)
class Gift:
    """Points given to a neighbour, or to the cause if ``to`` is None: out of which lots, into
    which."""

    wallet: int
    to: int | None
    taken: Lots
    came: Lots
    undone: bool = False
    id: int = 0


@dataclass(eq=False)
class Hold:
    """Points set aside until a moment: what it took from each lot, and how it ended."""

    wallet: int
    shop: int
    lots: Lots
    until: datetime
    ended: str = ""
    id: int = 0

    @property
    def amount(self) -> int:
        return sum(self.lots.values())


@dataclass(eq=False)
class Wallet:
    """One wallet. Its idle points lapse after ``lapses_on``, unless it moves before."""

    lots: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))
    holds: list[Hold] = field(default_factory=list)
    owed: int = 0
    idle_months: int = 0
    lapses_on: date = date.min

    def last(self, day: date) -> date:
        return self.lapses_on if day == IDLE else day

    @property
    def held(self) -> int:
        return sum(hold.amount for hold in self.holds)

    @property
    def posted(self) -> int:
        return sum(self.lots.values()) + self.held


class Paper:
    """Wallets, shops, and the one place that points come from."""

    def __init__(self, wallets: int, shops: int, now: datetime) -> None:
        self.now = now
        self.wallets = [Wallet() for _ in range(wallets)]
        self.shops = [0] * shops
        self.issued = 0
        self.expired = 0
        self.cause = 0
        self.transfers = 0

    @property
    def today(self) -> date:
        return self.now.date()

    # What is there

    def free(self, wallet: int) -> Lots:
        """Each lot with what overdue holds will return to it, whether or not they were ended."""
        lots = defaultdict(int, self.wallets[wallet].lots)
        for hold in self._overdue(wallet):
            for day, n in hold.lots.items():
                lots[day] += n
        return lots

    def usable(self, wallet: int) -> Lots:
        """What can be spent today, in the order in which it is spent."""
        last = self.wallets[wallet].last
        return {day: n for day, n in sorted(self.free(wallet).items()) if last(day) >= self.today}

    def spendable(self, wallet: int) -> int:
        return sum(self.usable(wallet).values())

    def dated(self, wallet: int) -> list[tuple[date, int]]:
        dated: defaultdict[date, int] = defaultdict(int)
        for day, n in self.usable(wallet).items():
            dated[self.wallets[wallet].last(day)] += n
        return sorted((day, n) for day, n in dated.items() if n)

    # Points in

    def award(
        self,
        awards: Sequence[tuple[int, int, date]],
        idle_months: int,
        limit: int | None = None,
        trim: bool = True,
    ) -> list[Award]:
        """Award all, within the *limit* of a wallet; one for 0 points is where it was full."""
        amounts = self._fitting(awards, limit, trim)
        for wallet in {wallet for wallet, _, _ in awards}:
            if idle_months:
                self._expire(wallet, [IDLE])
                kept = self.wallets[wallet]
                kept.idle_months = idle_months
                kept.lapses_on = max(kept.lapses_on, later(self.today, idle_months))
            else:
                self._moved(wallet)
        made = [Award(w, n, day, n) for (w, _, day), n in zip(awards, amounts, strict=True)]
        for award in made:
            self.wallets[award.wallet].lots[award.day] += award.amount
            self.issued += award.amount
            self.transfers += bool(award.amount)
        return made

    def _fitting(
        self, awards: Sequence[tuple[int, int, date]], limit: int | None, trim: bool
    ) -> list[int]:
        if limit is None:
            return [amount for _, amount, _ in awards]
        owned = [self._owned(n) for n in range(len(self.wallets))]
        amounts, full = [], {}
        for wallet, amount, _ in awards:
            room = max(0, limit - owned[wallet])
            if amount > room:
                full.setdefault(wallet, room)
            amounts.append(min(amount, room))
            owned[wallet] += amounts[-1]
        if full and not trim:
            rooms = list(full.values())
            raise No("wallet_full", room=rooms[0], rooms=rooms, wallets=list(full))
        return amounts

    def take_back(self, award: Award, amount: int | None, owe: bool) -> tuple[int, int]:
        """Undo an award, first from its own lot; answers what was taken and what is owed."""
        amount = award.left if amount is None else amount
        if not 0 < amount <= award.left:
            raise No("already_reversed")
        days = [award.day, *(day for day in self.usable(award.wallet) if day != award.day)]
        free = self.free(award.wallet)
        missing = max(0, amount - sum(free[day] for day in days))
        if missing and not owe:
            raise No("already_spent", missing=missing)
        self._end_overdue(award.wallet)
        taken = sum(self._take(award.wallet, days, amount - missing).values())
        award.left -= amount
        self.issued -= taken
        self.wallets[award.wallet].owed += missing
        self.transfers += bool(taken)
        return taken, missing

    def deduct(self, wallet: int, amount: int, owe: bool) -> Deduction:
        """Take what is there; it doesn't count as the wallet's moving."""
        missing = max(0, amount - self.spendable(wallet))
        self._end_overdue(wallet)
        taken = self._take(wallet, self.usable(wallet), amount - missing)
        self.issued -= amount - missing
        self.transfers += bool(taken)
        self.wallets[wallet].owed += missing if owe else 0
        return Deduction(wallet, taken, missing if owe else 0)

    def restore(self, deduction: Deduction, grace_days: int) -> None:
        """Undo a deduction, its debt too."""
        if deduction.undone:
            raise No("already_reversed")
        deduction.undone = True
        wallet = self.wallets[deduction.wallet]
        wallet.owed -= deduction.owed
        amount = sum(deduction.taken.values())
        self.issued += amount
        self.transfers += bool(amount)
        self._return(deduction.wallet, deduction.taken, amount, grace_days)

    # Points out

    def redeem(self, wallet: int, shop: int, amount: int) -> Redemption:
        return self._paid(wallet, shop, self._set_apart(wallet, amount))

    def give_back(self, redemption: Redemption, amount: int | None, grace_days: int) -> None:
        """Undo a redemption: what was taken last, the latest expiry, returns first.

        What is past its last day can be spent for some days of grace.
        """
        out = sum(redemption.taken.values())
        amount = out if amount is None else amount
        if not 0 < amount <= out:
            raise No("already_reversed")
        self.shops[redemption.shop] -= amount
        self.transfers += 1
        self._return(redemption.wallet, redemption.taken, amount, grace_days)

    def hold(self, wallet: int, shop: int, amount: int, until: datetime) -> Hold:
        hold = Hold(wallet, shop, self._set_apart(wallet, amount), until)
        self.wallets[wallet].holds.append(hold)
        return hold

    def capture(self, hold: Hold, amount: int | None) -> Redemption:
        """Pay what was set aside, or some of it, the earliest expiry first."""
        self._check_open(hold)
        amount = hold.amount if amount is None else amount
        if amount > hold.amount:
            raise No("capture_over_hold", held=hold.amount)
        self._end(hold, "captured")
        taken = self._take(hold.wallet, sorted(hold.lots), amount, hold.lots)
        return self._paid(hold.wallet, hold.shop, taken)

    def release(self, hold: Hold) -> None:
        self._check_open(hold)
        self._end(hold, "released")

    # Points given on

    def give(self, wallet: int, to: int | None, amount: int, limit: int | None) -> Gift:
        """Give to a neighbour or the cause; no wallet counts as moved by it."""
        if wallet == to:
            raise No("given_to_oneself")
        there, owed = self.spendable(wallet), self.wallets[wallet].owed
        if amount > there:
            raise No("not_enough_points", missing=amount - there)
        if amount > there - owed:
            raise No("owed_points", owed=owed, free=max(0, there - owed))
        if to is not None and limit is not None and self._owned(to) + amount > limit:
            raise No("receiver_full")
        self._end_overdue(wallet)
        last = self.wallets[wallet].last
        days = sorted(self.usable(wallet), key=lambda day: (last(day), day))
        taken = self._take(wallet, days, amount)
        came: defaultdict[date, int] = defaultdict(int)
        for day, n in taken.items():
            came[last(day)] += n
        gift = Gift(wallet, to, taken, dict(came))
        self._arrive(gift, 1)
        self.transfers += 1
        return gift

    def return_gift(self, gift: Gift) -> None:
        """Undo a gift, if all that came is still there and can be spent."""
        if gift.undone:
            raise No("already_reversed")
        if gift.to is not None:
            free = self.free(gift.to)
            if any(free[day] < n or day < self.today for day, n in gift.came.items()):
                raise No("gift_gone")
            self._end_overdue(gift.to)
        self._end_overdue(gift.wallet)
        gift.undone = True
        self._arrive(gift, -1)
        for day, n in gift.taken.items():
            self.wallets[gift.wallet].lots[day] += n
        self.transfers += 1

    def _arrive(self, gift: Gift, sign: int) -> None:
        for day, n in gift.came.items():
            if gift.to is None:
                self.cause += sign * n
            else:
                self.wallets[gift.to].lots[day] += sign * n

    def _owned(self, number: int) -> int:
        wallet = self.wallets[number]
        usable = (n for day, n in wallet.lots.items() if wallet.last(day) >= self.today)
        return wallet.held + sum(usable)

    # The jobs

    def time_out(self) -> int:
        """End the overdue holds; how many there were."""
        return sum(self._end_overdue(wallet) for wallet in range(len(self.wallets)))

    def ends(self) -> list[datetime]:
        """When the holds that still stand will be over."""
        return [h.until for w in self.wallets for h in w.holds if h.until > self.now]

    def overdue(self) -> bool:
        """Whether a hold is over and was not ended."""
        return any(h.until <= self.now for w in self.wallets for h in w.holds)

    def due(self) -> int:
        """How many points are past their last day and not swept."""
        return sum(
            n
            for wallet in self.wallets
            for day, n in wallet.lots.items()
            if wallet.last(day) < self.today
        )

    def expire(self) -> int:
        """Sweep what is past its last day; how many points that were."""
        before = self.expired
        for n, wallet in enumerate(self.wallets):
            self._expire(n, list(wallet.lots))
        return self.expired - before

    # How it is done

    def _set_apart(self, wallet: int, amount: int) -> Lots:
        """Take from what can be spent, as a payment or a hold."""
        missing = amount - self.spendable(wallet)
        if missing > 0:
            raise No("not_enough_points", missing=missing)
        self._end_overdue(wallet)
        taken = self._take(wallet, self.usable(wallet), amount)
        self._moved(wallet)
        return taken

    def _return(self, number: int, taken: Lots, amount: int, grace_days: int) -> None:
        wallet = self.wallets[number]
        for day in sorted(taken, reverse=True):
            back = min(amount, taken[day])
            taken[day] -= back
            amount -= back
            late = grace_days and wallet.last(day) < self.today
            wallet.lots[self.today + timedelta(days=grace_days) if late else day] += back

    def _paid(self, wallet: int, shop: int, taken: Lots) -> Redemption:
        self.shops[shop] += sum(taken.values())
        self.transfers += 1
        return Redemption(wallet, shop, taken)

    def _take(
        self, wallet: int, days: Iterable[date], amount: int, most: Lots | None = None
    ) -> Lots:
        """Take from the lots of these days in their order, from each *most* or all that it has."""
        lots, taken = self.wallets[wallet].lots, {}
        for day in days:
            if share := min(amount, (most or lots)[day]):
                taken[day] = share
                lots[day] -= share
                amount -= share
        return taken

    def _overdue(self, wallet: int) -> list[Hold]:
        return [hold for hold in self.wallets[wallet].holds if hold.until <= self.now]

    def _end_overdue(self, wallet: int) -> int:
        overdue = self._overdue(wallet)
        for hold in overdue:
            self._end(hold, "timed out")
        return len(overdue)

    def _check_open(self, hold: Hold) -> None:
        if hold.ended == "timed out" or (not hold.ended and hold.until <= self.now):
            raise No("hold_timed_out")
        if hold.ended:
            raise No("hold_ended")

    def _end(self, hold: Hold, how: str) -> None:
        """All of it returns to its lots; a capture takes its part from there."""
        hold.ended = how
        wallet = self.wallets[hold.wallet]
        wallet.holds.remove(hold)
        for day, n in hold.lots.items():
            wallet.lots[day] += n

    def _expire(self, wallet: int, days: list[date]) -> None:
        kept = self.wallets[wallet]
        for day in days:
            if kept.lots[day] and kept.last(day) < self.today:
                self.expired += kept.lots.pop(day)
                self.transfers += 1

    def _moved(self, wallet: int) -> None:
        """Idle points last from the last move on, unless they have lapsed."""
        kept = self.wallets[wallet]
        if kept.lapses_on >= self.today:
            kept.lapses_on = max(kept.lapses_on, later(self.today, kept.idle_months))


def later(day: date, months: int) -> date:
    """The same day *months* later, or the last one of a month too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
