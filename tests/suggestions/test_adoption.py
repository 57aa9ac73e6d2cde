"""Adoption brings points once, within the month's cap, and can be taken back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from rewards import ledger, suggestions
from rewards.audit import AuditEntry
from rewards.awards import Award
from rewards.errors import Refused
from rewards.ledger import AlreadySpent
from rewards.suggestions import Status, refusals
from tests import world
from tests.conftest import FakeClock
from tests.suggestions.conftest import Desk


def test_the_statement_gives_the_public_title_as_the_reason(desk: Desk) -> None:
    desk.adopted()
    with desk.acting() as act:
        wallet = world.resident(act, desk.world.resident_ids[0]).wallet_id
        [line] = ledger.statement(act.session, wallet).lines
        assert (line.change, line.reason) == (20, "东门路灯修复")


def test_an_award_remembers_its_rules_and_arithmetic(desk: Desk) -> None:
    sent = desk.adopted()
    with desk.acting() as act:
        award = suggestions.award_of(act, desk.load(act, sent))
        assert award is not None
        assert (award.because["version"], award.because["points"]) == (award.scheme_id, 20)
        [line] = award.because["lines"]
        assert (line["rule"], line["points"]) == ("suggestion", 20)


def test_adopting_again_adds_nothing(desk: Desk) -> None:
    sent = desk.adopted()
    with pytest.raises(refusals.AlreadyAdopted):
        desk.adopt(sent, "另一个标题")
    assert desk.points() == 20


def test_two_who_adopt_at_once_give_points_once(desk: Desk) -> None:
    sent = desk.send()
    desk.do(suggestions.accept, sent)

    def attempt(number: int) -> int | str:
        try:
            return desk.adopt(sent, f"标题{number}")
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(attempt, range(2)))
    assert outcomes == {20, "suggestion_already_adopted"}
    assert desk.points() == 20


def test_the_months_cap_holds_for_adoptions_at_once(desk: Desk) -> None:
    waiting = [desk.send(f"第{n}条") for n in range(5)]
    for sent in waiting:
        desk.do(suggestions.accept, sent)
    with ThreadPoolExecutor(3) as pool:
        given = sorted(pool.map(desk.adopt, waiting))
    assert given == [0, 0, 20, 20, 20]
    assert desk.points() == 60
    assert {desk.status(sent) for sent in waiting} == {Status.ADOPTED}


def test_the_cap_is_of_the_month_where_the_programme_is(desk: Desk, clock: FakeClock) -> None:
    for _ in range(3):
        desk.adopted()
    fourth, fifth = desk.send(), desk.send()
    for sent in (fourth, fifth):
        desk.do(suggestions.accept, sent)
    clock.now = clock.now.replace(day=30, hour=15, minute=59)  # 23:59 in Beijing
    assert desk.adopt(fourth) == 0
    clock.forward(minutes=1)  # the first of December there, still November in UTC
    assert desk.adopt(fifth) == 20
    assert desk.points() == 80


def test_one_residents_cap_is_not_anothers(desk: Desk) -> None:
    for _ in range(3):
        desk.adopted()
    desk.adopted(resident=1)
    assert (desk.points(0), desk.points(1)) == (60, 20)


def test_what_it_would_bring_is_known_before(desk: Desk) -> None:
    sent = desk.send()
    with desk.acting() as act:
        assert suggestions.worth(act, desk.load(act, sent)).points == 20
    for _ in range(3):
        desk.adopted()
    with desk.acting() as act:
        assert suggestions.worth(act, desk.load(act, sent)).points == 0


def test_taking_an_adoption_back_takes_its_points_and_says_why(desk: Desk) -> None:
    sent = desk.adopted()
    assert desk.reverse(sent, reason="与另一条重复") == 20
    assert desk.points() == 0
    assert desk.status(sent) is Status.ACCEPTED
    assert desk.history(sent)[-1][::2] == ("reversed", "与另一条重复")
    with desk.acting() as act:
        award = act.session.scalars(select(Award)).one()
        assert award.reversal_reason == "与另一条重复"
        actions = list(act.session.scalars(select(AuditEntry.action)))
        assert {"suggestion.adopt", "suggestion.reverse", "award.reverse"} <= set(actions)


def test_a_repeated_taking_back_takes_once(desk: Desk) -> None:
    sent = desk.adopted()
    assert desk.reverse(sent) == desk.reverse(sent) == 20
    with pytest.raises(refusals.CannotReverse):
        desk.reverse(sent, key="another-form")
    assert desk.points() == 0


def test_what_was_taken_back_can_be_adopted_anew(desk: Desk) -> None:
    sent = desk.adopted()
    desk.reverse(sent)
    assert desk.adopt(sent) == 20
    assert desk.points() == 20
    assert desk.reverse(sent, key="reversal-2") == 20


def test_a_taken_back_adoption_does_not_count_in_the_cap(desk: Desk) -> None:
    first, *_ = [desk.adopted() for _ in range(3)]
    desk.reverse(first)
    desk.adopted()
    assert desk.points() == 60


def test_points_already_spent_can_not_be_taken_back_and_it_stays_adopted(desk: Desk) -> None:
    sent = desk.adopted()
    desk.spend(15)
    with pytest.raises(AlreadySpent) as refusal:
        desk.reverse(sent)
    assert refusal.value.facts == {"missing": 15}
    assert desk.status(sent) is Status.ADOPTED
    assert desk.points() == 5


def test_one_without_points_is_taken_back_too(desk: Desk) -> None:
    for _ in range(3):
        desk.adopted()
    beyond = desk.adopted()
    assert desk.reverse(beyond) == 0
    assert desk.status(beyond) is Status.ACCEPTED
    assert desk.points() == 60
