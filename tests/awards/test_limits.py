"""What a card has no room for: trimmed off with the reason kept, or refused with names."""

import pytest

from rewards import awards, ledger
from rewards.awards import Award
from rewards.schemes.versions import Version
from tests.awards.office import Office


def test_an_award_says_what_was_trimmed_off_and_by_which_limit(office: Office) -> None:
    fitting, trimmed = office.grant((office.one, 1, 80), (office.one, 2, 50))
    assert (fitting.points, trimmed.points) == (80, 20)
    assert "trimmed" not in office.because(fitting.id)
    because = office.because(trimmed.id)
    assert (because["points"], because["wallet_limit"], because["trimmed"]) == (50, 100, 30)
    assert because["reason"] == "示例捐赠"


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
        assert awards.outlook(act, [award]) == {award.id: awards.Outlook(0, 0)}
        answer = awards.take_back(act, award, key="wrong-line", reason="记错了")
        assert answer.result() == {"taken": 0, "owed": 0}
    with office.acting() as act:
        assert awards.not_added(act, office.one) == []
    office.limit(None)
    assert office.grant((office.one, 2, 40))[0].points == 40
    assert office.spendable(office.one) == 140


def test_by_the_other_policy_nobody_is_awarded_and_the_full_are_named(office: Office) -> None:
    office.grant((office.one, 1, 90))
    office.limit(100, "refuse")
    with pytest.raises(awards.NoRoom) as refusal:
        office.grant((office.two, 2, 30), (office.one, 3, 30))
    assert refusal.value.facts == {"limit": 100, "who": "示例居民1 10"}
    assert office.spendable(office.two) == 0


def test_whoever_gives_can_insist_on_trimming(office: Office) -> None:
    office.limit(100, "refuse")
    granted = office.grant((office.one, 1, 130), when_full=ledger.WhenFull.TRIM)
    assert granted[0].points == 100


def test_rules_without_a_limit_trim_nothing(office: Office) -> None:
    office.limit(None)
    assert office.grant((office.one, 1, 5000))[0].points == 5000


def test_the_rules_own_limit_counts_what_came_by_others(office: Office) -> None:
    office.limit(None)
    office.grant((office.one, 1, 95))
    office.limit(100)
    in_one_act = office.grant((office.one, 2, 10), (office.two, 3, 10))
    assert [g.points for g in in_one_act] == [5, 10]
    with office.acting() as act:
        newest = act.session.get_one(Award, in_one_act[0].id)
        assert act.session.get_one(Version, newest.scheme_id).scheme.wallet.limit == 100
