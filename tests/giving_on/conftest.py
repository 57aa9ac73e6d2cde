"""A street where points may be given on: neighbours with cards, a cause, somebody elsewhere."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from rewards import cards, communities, ledger, residents
from rewards.act import Act, Actor
from rewards.donations import causes
from rewards.giving_on import giving, listing, undoing
from rewards.giving_on.checking import points_gifts
from rewards.giving_on.model import PointsGift
from rewards.residents import Resident
from rewards.schemes import versions
from tests import world
from tests.conftest import Acting
from tests.schemes import plain
from tests.world import LONG_AGO, World

OPEN = {"to_neighbours": True, "to_causes": True}


class Street:
    """Resident 0 gives; 1 is a neighbour, ``stranger`` lives in the programme's other community."""

    def __init__(self, acting: Acting, **giving_on: Any) -> None:
        self.acting = acting
        self.keys = 0
        with acting() as act:
            self.here: World = world.build(act)
            self.rule(act, giving_on or OPEN)
            ids = [*self.here.resident_ids, self.here.other_resident_id]
            self.codes = {i: cards.issue(act, world.resident(act, i)).code for i in ids}
            self.cause = causes.add(
                act, self.here.community_id, title="示例助学", description="示例"
            ).id
        self.giver, self.neighbour = self.here.resident_ids[:2]
        self.stranger = self.here.other_resident_id

    def rule(self, act: Act, giving_on: dict[str, Any], **wallet: Any) -> None:
        """Put rules in force from now on."""
        world.set_rules(act, self.here.programme_id, spending={"giving_on": giving_on}, **wallet)

    def resident(self, act: Act, number: int) -> Resident:
        return world.resident(act, number)

    def pay_in(self, points: int, day: date = ledger.NEVER, to: int | None = None) -> None:
        self.keys += 1
        with self.acting() as act:
            holder = self.resident(act, to or self.giver)
            issuer = holder.community.programme.issuer_account_id
            accrual = ledger.Accrual(holder.wallet_id, points, day, "示例", act.now)
            ledger.once(
                act,
                "test",
                f"paid-in-{self.keys}",
                {},
                lambda op: {"id": ledger.accrue(op, issuer, [accrual])[0]},
            ).result()

    def give(
        self,
        points: int,
        to: int | None = None,
        *,
        cause: int | None = None,
        code: str | None = None,
        giver: int | None = None,
        key: str | None = None,
        by: Actor | None = None,
    ) -> dict[str, Any]:
        """Give by a card, or to a cause; answers the receipt."""
        self.keys += 1
        key, giver = key or f"gift-{self.keys}", giver or self.giver
        with self.acting(by or Actor("resident", giver)) as act:
            who = self.resident(act, giver)
            if cause is not None:
                answer = giving.to_cause(act, who, cause_id=cause, points=points, key=key)
            else:
                scanned = code or self.codes[to or self.neighbour]
                answer = giving.to_neighbour(act, who, scanned=scanned, points=points, key=key)
        return answer.result()

    def undo(self, reference: str, *, by: Actor | None = None, because: str = "") -> dict[str, Any]:
        self.keys += 1
        with self.acting(by or Actor("resident", self.giver)) as act:
            gift = self.gift(act, reference)
            answer = undoing.undo(act, gift, key=f"undo-{self.keys}", because=because)
        return answer.result()

    def gift(self, act: Act, reference: str) -> PointsGift:
        return listing.load(act, reference, self.resident(act, self.giver))

    def spendable(self, number: int | None = None) -> int:
        with self.acting() as act:
            holder = self.resident(act, number or self.giver)
            return ledger.spendable(act.session, holder.wallet_id, act.now.date(), now=act.now)

    def drifts(self) -> list[ledger.Drift]:
        with self.acting() as act:
            return list(ledger.verify(act.session, more=[points_gifts]))

    def elsewhere(self) -> str:
        """The code of a card of another programme's."""
        with self.acting() as act:
            programme = communities.found_programme(act, name_zh="另一示例", name_en="Other")
            versions.publish(act, programme.id, plain.document(), effective_from=LONG_AGO)
            place = communities.add_community(
                act, programme, slug="elsewhere", name_zh="别处", name_en="Elsewhere"
            )
            return cards.issue(act, residents.register(act, place, name="示例远人")).code


@pytest.fixture
def street(acting: Acting) -> Iterator[Street]:
    made = Street(acting)
    yield made
    assert made.drifts() == []
