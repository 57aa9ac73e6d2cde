"""What a card has no room for: trimmed off with the reason kept, or refused with names."""

import pytest

from rewards import awards, ledger
from rewards.awards import Award, Due, Granted
from rewards.communities import Programme
from rewards.schemes import rates
from rewards.schemes.rates import Rates, Worth
from tests import world
from tests.conftest import Acting


class Office:
    """A programme with a limit of 100 points a card, and its residents."""

    def __init__(self, acting: Acting) -> None:
        self.acting, self.keys = acting, 0
        with acting() as act:
            self.world = world.build(act)
        self.one, self.two, _ = self.world.resident_ids

    def limit(self, points: int | None, when_full: str = rates.TRIM) -> None:
        with self.acting() as act:
            rates.set_rates(
                act, self.world.programme_id, effective_from=act.now,
                points_per_hour=10, hours_cap=4, points_per_yuan=1, donation_cap=0,
                points_per_suggestion=20, suggestions_cap=0, expiry={"kind": "never"},
                wallet_limit=points, when_full=when_full,
            )  # fmt: skip

    def grant(
        self, *dues: tuple[int, int, int], when_full: ledger.WhenFull | None = None
    ) -> list[Granted]:
        """Award dues of (resident, gift, points) in one act."""
        granted: list[Granted] = []
        self.keys += 1
        with self.acting() as act:
            programme = act.session.get_one(Programme, self.world.programme_id)
            in_force = rates.in_force(act, programme.id, act.now)
            wanted = [
                Due(
                    world.resident(act, resident_id),
                    "donation",
                    gift,
                    Worth(points, {"way": "donation", "fen": points * 100}),
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


@pytest.fixture
def office(acting: Acting) -> Office:
    office = Office(acting)
    office.limit(100)
    return office


def test_an_award_says_what_was_trimmed_off_and_by_which_limit(office: Office) -> None:
    fitting, trimmed = office.grant((office.one, 1, 80), (office.one, 2, 50))
    assert (fitting.points, trimmed.points) == (80, 20)
    assert office.because(fitting.id) == {"way": "donation", "fen": 8000}
    assert office.because(trimmed.id) == {
        "way": "donation", "fen": 5000, "wallet_limit": 100, "trimmed": 30,
    }  # fmt: skip


def test_an_award_of_nothing_stands_and_is_shown_with_its_reason(office: Office) -> None:
    office.grant((office.one, 1, 100))
    [nothing] = office.grant((office.one, 2, 40))
    assert nothing.points == 0
    with office.acting() as act:
        [shown] = awards.not_added(act, office.one)
        assert (shown.id, shown.transfer_id, shown.because["trimmed"]) == (nothing.id, None, 40)
        assert awards.standing(act, "donation", [2])[2].id == nothing.id
        assert awards.not_added(act, office.two) == []
    assert office.spendable(office.one) == 100


def test_an_award_of_nothing_can_be_taken_back_and_given_again(office: Office) -> None:
    office.grant((office.one, 1, 100))
    [nothing] = office.grant((office.one, 2, 40))
    with office.acting() as act:
        award = act.session.get_one(Award, nothing.id)
        assert awards.outlook(act, award) == awards.Outlook(0, 0)
        answer = awards.take_back(act, award, key="wrong-line", reason="记错了")
        assert answer.result() == {"taken": 0, "owed": 0}
    with office.acting() as act:
        assert awards.not_added(act, office.one) == []
    office.limit(None)
    assert office.grant((office.one, 2, 40))[0].points == 40
    assert office.spendable(office.one) == 140


def test_by_the_other_policy_nobody_is_awarded_and_the_full_are_named(office: Office) -> None:
    office.grant((office.one, 1, 90))
    office.limit(100, rates.REFUSE)
    with pytest.raises(awards.NoRoom) as refusal:
        office.grant((office.two, 2, 30), (office.one, 3, 30))
    assert refusal.value.facts == {"limit": 100, "who": "示例居民1 10"}
    assert office.spendable(office.two) == 0


def test_whoever_gives_can_insist_on_trimming(office: Office) -> None:
    office.limit(100, rates.REFUSE)
    granted = office.grant((office.one, 1, 130), when_full=ledger.WhenFull.TRIM)
    assert granted[0].points == 100


def test_rates_without_a_limit_trim_nothing(office: Office) -> None:
    office.limit(None)
    assert office.grant((office.one, 1, 5000))[0].points == 5000


def test_the_rates_own_limit_counts_what_came_by_others(office: Office) -> None:
    office.limit(None)
    office.grant((office.one, 1, 95))
    office.limit(100)
    in_one_act = office.grant((office.one, 2, 10), (office.two, 3, 10))
    assert [g.points for g in in_one_act] == [5, 10]
    with office.acting() as act:
        newest = act.session.get_one(Award, in_one_act[0].id)
        assert act.session.get_one(Rates, newest.rates_id).wallet_limit == 100
