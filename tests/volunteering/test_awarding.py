"""A sheet's points arrive exactly once, and can be taken back with a reason."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from rewards import awards, ledger
from rewards.awards import Award, AwardLine
from rewards.schemes import versions
from rewards.volunteering import amendments, attendance, awarding, events, sheet
from rewards.volunteering.sheet import State
from tests import world
from tests.schemes import plain
from tests.volunteering.conftest import ENDS, STARTS, Morning


def awards_given(morning: Morning) -> int:
    with morning.acting() as act:
        return act.session.scalar(select(func.count()).select_from(Award)) or 0


def test_all_who_are_ready_are_awarded_at_once(morning: Morning) -> None:
    one, two, three = morning.residents
    morning.serve(one, 60)
    morning.serve(two, 90)
    morning.at(STARTS)
    morning.check_in(three)
    morning.at(ENDS)
    assert morning.award() == {"residents": 2, "points": 25, "round": 1}
    assert [morning.spendable(i) for i in morning.residents] == [10, 15, 0]
    assert morning.drifts() == []


def test_the_statement_says_for_what_and_since_when(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one)
    morning.at(ENDS + timedelta(days=2))
    morning.award()
    with morning.acting() as act:
        [line] = ledger.statement(act.session, world.resident(act, one).wallet_id).lines
        assert (line.change, line.reason, line.happened_at) == (20, "整理绿地", ENDS)
        [dated] = ledger.dated(act.session, world.resident(act, one).wallet_id, date(2026, 11, 22))
        assert dated.expires_on == date(2027, 11, 30)


def test_an_award_keeps_its_arithmetic_and_the_version_of_the_day(morning: Morning) -> None:
    line_id = morning.serve(morning.residents[0], 90)
    month = {"kind": "months", "months": 1, "to_month_end": True}
    morning.rules(STARTS + timedelta(minutes=1), points_per_hour=1, expiry=month)
    morning.at(ENDS + timedelta(days=1))
    morning.award()
    with morning.acting() as act:
        award = awards.standing(act, sheet.SOURCE, [line_id])[line_id]
        then = versions.in_force(act, morning.world.programme_id, STARTS)
        assert award.scheme_id == award.because["version"] == then.id
        [line] = award.because["lines"]
        assert (line["rule"], line["counted"], line["each"], line["points"]) == (
            "hours", 90, "10", 15,
        )  # fmt: skip
        [kept] = act.session.scalars(select(AwardLine))
        assert (kept.award_id, kept.rule, kept.points, kept.quantity) == (award.id, "hours", 15, 90)
        assert (kept.event_id, kept.day) == (morning.event_id, date(2026, 11, 20))


def test_awarding_twice_changes_nothing(morning: Morning) -> None:
    morning.serve(morning.residents[0])
    morning.at(ENDS)
    first = morning.award(points=20)
    assert morning.award(points=20) == first
    with pytest.raises(awarding.NothingToAward):
        morning.award(2)
    assert morning.spendable(morning.residents[0]) == 20
    assert awards_given(morning) == 1


def test_a_colleague_who_comes_second_is_told_so(morning: Morning) -> None:
    morning.serve(morning.residents[0])
    morning.at(ENDS)
    morning.award(points=20)
    with pytest.raises(awarding.AwardedByOther):
        morning.award(points=20, who="second")
    assert morning.spendable(morning.residents[0]) == 20


@pytest.mark.parametrize("people", [("organiser", "organiser"), ("organiser", "second")])
def test_two_presses_at_once_award_exactly_once(morning: Morning, people: tuple[str, str]) -> None:
    for resident_id in morning.residents:
        morning.serve(resident_id)
    morning.at(ENDS)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def press(who: str) -> None:
        start.wait()
        try:
            outcomes.append(str(morning.award(points=60, who=who)["points"]))
        except awarding.AwardedByOther:
            outcomes.append("other")

    threads = [threading.Thread(target=press, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["60", "60" if people[0] == people[1] else "other"]
    assert [morning.spendable(i) for i in morning.residents] == [20, 20, 20]
    assert awards_given(morning) == 3
    assert morning.drifts() == []


def test_lines_put_right_later_are_awarded_in_a_next_round(morning: Morning) -> None:
    one, two, _ = morning.residents
    morning.serve(one)
    morning.at(STARTS)
    morning.check_in(two)
    morning.at(ENDS)
    morning.award()
    correction = morning.correct(two, 60)
    with pytest.raises(awarding.NothingToAward):
        morning.award(2)
    morning.attest(two, correction)
    assert morning.award(2) == {"residents": 1, "points": 10, "round": 2}
    assert (morning.spendable(one), morning.spendable(two)) == (20, 10)


def test_what_was_not_checked_is_not_awarded(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one)
    morning.at(ENDS)
    morning.correct(one, 60)
    with pytest.raises(awarding.SheetChanged):
        morning.award(points=20)
    with pytest.raises(awarding.SheetChanged):
        morning.award(2)
    assert morning.spendable(one) == 0
    assert morning.award()["points"] == 10


def test_nobody_is_awarded_while_somebody_still_serves(morning: Morning) -> None:
    one, two, _ = morning.residents
    with pytest.raises(awarding.EventRunning):
        morning.award()
    morning.serve(one, 30)
    morning.check_in(two)
    with pytest.raises(awarding.EventRunning):
        morning.award()
    morning.at(STARTS + timedelta(minutes=90))
    morning.check_out(two)
    assert morning.award()["points"] == 15
    with morning.acting() as act:
        [line] = ledger.statement(act.session, world.resident(act, one).wallet_id).lines
        assert line.happened_at == act.now


def test_a_cancelled_event_or_an_empty_sheet_gives_nothing(morning: Morning) -> None:
    morning.at(ENDS)
    with pytest.raises(awarding.NothingToAward):
        morning.award()
    morning.at(STARTS)
    with morning.by() as (act, event):
        amendments.cancel(act, event, reason="下雨")
    with pytest.raises(events.EventCancelled):
        morning.award()


def reverse_line(morning: Morning, resident_id: int, reason: str = "误扫", key: str = "undo-1"):
    with morning.by() as (act, event):
        line = attendance.find(act, event, world.resident(act, resident_id))
        assert line is not None
        answer = awarding.reverse_line(act, event, line, reason=reason, key=key)
    return answer.result()


def reverse_event(morning: Morning, reason: str = "重复活动", key: str = "undo-all"):
    with morning.by() as (act, event):
        answer = awarding.reverse_event(act, event, reason=reason, key=key)
    return answer.result()


def test_one_line_is_taken_back_put_right_and_awarded_again(morning: Morning) -> None:
    one, two, _ = morning.residents
    morning.serve(one)
    morning.serve(two)
    morning.at(ENDS)
    morning.award()
    assert reverse_line(morning, one) == {"points": 20}
    assert reverse_line(morning, one) == {"points": 20}  # the same key: a second tap
    assert (morning.spendable(one), morning.spendable(two)) == (0, 20)
    with pytest.raises(awarding.NotAwarded):
        reverse_line(morning, one, key="undo-2")
    with morning.acting() as act:
        undone, _ = ledger.statement(act.session, world.resident(act, one).wallet_id).lines
        assert (undone.change, undone.reason) == (-20, "误扫")
    morning.correct(one, 60)
    assert morning.award(2)["points"] == 10
    assert morning.spendable(one) == 10
    assert morning.drifts() == []


def test_a_reversal_needs_a_reason(morning: Morning) -> None:
    morning.serve(morning.residents[0])
    morning.at(ENDS)
    morning.award()
    with pytest.raises(awards.ReasonMissing):
        reverse_line(morning, morning.residents[0], reason=" ")
    with pytest.raises(awards.ReasonMissing):
        reverse_event(morning, reason="")
    assert morning.spendable(morning.residents[0]) == 20


def test_spent_points_are_not_taken_back(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one)
    morning.at(ENDS)
    morning.award()
    morning.spend(one, 5)
    with pytest.raises(ledger.AlreadySpent) as refusal:
        reverse_line(morning, one)
    assert refusal.value.facts == {"missing": 5}
    assert morning.spendable(one) == 15
    with morning.by() as (act, event):
        assert morning.line(act, event, one).state is State.AWARDED


def test_all_are_taken_back_but_for_those_who_spent_who_are_named(morning: Morning) -> None:
    one, two, three = morning.residents
    for resident_id in morning.residents:
        morning.serve(resident_id)
    morning.at(ENDS)
    morning.award()
    morning.spend(two, 1)
    undone = {"residents": 2, "points": 40, "spent_lines": [morning.line_id(two)]}
    assert reverse_event(morning) == undone
    assert reverse_event(morning) == undone
    assert [morning.spendable(i) for i in (one, two, three)] == [0, 19, 0]
    with morning.by() as (act, event):
        states = [morning.line(act, event, i).state for i in (one, two, three)]
        assert states == [State.READY, State.AWARDED, State.READY]
    assert morning.award(2)["points"] == 40
    assert morning.drifts() == []


def test_a_wrong_class_is_put_right_after_all_is_taken_back(morning: Morning) -> None:
    with morning.acting() as act:
        rules = plain.document()
        elders = plain.rule("hours", 5, key="elders", per="hour", when={"classes": ["elders"]})
        rules["rules"].insert(0, elders)
        versions.publish(act, morning.world.programme_id, rules, effective_from=STARTS)
    morning.serve(morning.residents[0])
    morning.at(ENDS)
    morning.award()
    reverse_event(morning)
    with pytest.raises(awarding.NotAwarded):
        reverse_event(morning, key="undo-again")
    with morning.by() as (act, event):
        amendments.edit(act, event, service="elders")
    assert morning.award(2)["points"] == 10
