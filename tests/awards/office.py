"""A programme whose cards hold at most 100 points, with short names for giving and spending."""

from rewards import awards, ledger
from rewards.awards import Award, Due, Granted
from rewards.communities import Programme
from rewards.schemes import versions
from tests import world
from tests.conftest import Acting


class Office:
    """A programme with a limit of 100 points a card, and its residents."""

    def __init__(self, acting: Acting) -> None:
        self.acting, self.keys = acting, 0
        with acting() as act:
            self.world = world.build(act)
        self.one, self.two, _ = self.world.resident_ids

    def limit(self, points: int | None, when_full: str = "trim") -> None:
        wallet = {} if points is None else {"limit": points, "when_full": when_full}
        with self.acting() as act:
            world.set_rules(act, self.world.programme_id, expiry={"kind": "never"}, **wallet)

    def grant(
        self, *dues: tuple[int, int, int], when_full: ledger.WhenFull | None = None
    ) -> list[Granted]:
        """Award dues of (resident, gift, points) in one act."""
        granted: list[Granted] = []
        self.keys += 1
        with self.acting() as act:
            programme = act.session.get_one(Programme, self.world.programme_id)
            in_force = versions.in_force(act, programme.id, act.now)
            wanted = [
                Due(
                    world.resident(act, resident_id),
                    "donation",
                    gift,
                    world.worth(points),
                    "示例捐赠",
                    act.now,
                )
                for resident_id, gift, points in dues
            ]

            def work(op: ledger.Operation):
                granted.extend(
                    awards.grant_all(act, op, programme, in_force, wanted, when_full=when_full)
                )
                return {}

            ledger.once(act, "test", f"grant-{self.keys}", {}, work).result()
        return granted

    def because(self, award_id: int) -> dict:
        with self.acting() as act:
            return act.session.get_one(Award, award_id).because

    def spendable(self, resident_id: int) -> int:
        with self.acting() as act:
            wallet_id = world.resident(act, resident_id).wallet_id
            return ledger.spendable(act.session, wallet_id, act.now.date())

    def spend(self, resident_id: int, amount: int) -> None:
        self.keys += 1
        with self.acting() as act:
            wallet_id = world.resident(act, resident_id).wallet_id
            shop = ledger.open_account(
                act.session, ledger.MERCHANT, "示例餐馆", self.world.programme_id
            )
            ledger.once(
                act,
                "test",
                f"spend-{self.keys}",
                {},
                lambda op: {
                    "id": ledger.redeem(
                        op, wallet_id, shop.id, amount, today=act.now.date(), reason="示例套餐"
                    )
                },
            ).result()

    def take_back(self, award_id: int, **how) -> dict:
        self.keys += 1
        with self.acting() as act:
            award = act.session.get_one(Award, award_id)
            return awards.take_back(
                act, award, key=f"back-{self.keys}", reason="记错了", **how
            ).result()
