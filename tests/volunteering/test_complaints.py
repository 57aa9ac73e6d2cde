"""A complaint about service: recorded, decided by a second person, and what it changes."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from rewards import awards, ledger
from rewards.schemes import versions
from rewards.schemes.presets import preset
from rewards.volunteering import served, sheet
from rewards.volunteering.complaints import deciding, effects, listing
from rewards.volunteering.complaints.model import Complaint, Status
from rewards.volunteering.complaints.refusals import (
    ComplaintDecided,
    ComplaintReasonMissing,
    ComplaintStands,
    EffectChanged,
    NotUpheld,
    SameDecider,
    SamePerson,
)
from rewards.volunteering.door import EventNotBegun
from rewards.volunteering.sheet import State
from tests import world
from tests.schemes import plain
from tests.volunteering.conftest import ENDS, STARTS, Morning
from tests.volunteering.test_office_pages import followed, hidden, page, post
from tests.volunteering.test_resident_pages import signed_in


def with_factor(morning: Morning, factor: float | None, **rules: object) -> None:
    """Put rules into force of 10 points an hour, of which a complaint leaves so much."""
    hours = plain.rule("hours", 10, per="hour", **rules)
    if factor is not None:
        hours["complaint"] = factor
    classes = [plain.named(key) for key in ("environment", "elders")]
    with morning.acting() as act:
        document = plain.scheme(hours, classes=classes)
        versions.publish(act, morning.world.programme_id, document, effective_from=act.now)


def complain(morning: Morning, resident_id: int, reason: str = "中途离开", who="organiser") -> int:
    with morning.by(who) as (act, event):
        line = morning.line(act, event, resident_id).attendance
        return deciding.record(act, event, line, reason).id


def uphold(morning: Morning, complaint_id: int, who="second", **how) -> dict[str, int]:
    """Uphold it as it was just shown (or with other *points*)."""
    with morning.by(who) as (act, event):
        found = deciding.load(act, event, complaint_id)
        shown = effects.effect(act, found.attendance).points
        how = {"points": shown, "finding": "情况属实", "key": f"up-{complaint_id}"} | how
        answer = deciding.uphold(act, event, found, **how)
    return answer.result()


def dismiss(morning: Morning, complaint_id: int, who="second", finding="情况不实") -> None:
    with morning.by(who) as (act, event):
        deciding.dismiss(act, event, deciding.load(act, event, complaint_id), finding)


def lift(morning: Morning, complaint_id: int, who="organiser", reason="认错了人") -> None:
    with morning.by(who) as (act, event):
        deciding.lift(act, event, deciding.load(act, event, complaint_id), reason)


def minutes_served(morning: Morning, resident_id: int) -> int:
    with morning.acting() as act:
        return served.minutes(act.session, [resident_id])[resident_id]


def awarded(morning: Morning, minutes: int = 120) -> int:
    """One resident serves and is awarded; answers their id."""
    one = morning.residents[0]
    morning.serve(one, minutes)
    morning.at(ENDS)
    morning.award()
    return one


def test_an_upheld_complaint_before_the_award_makes_the_line_by_the_factor(
    morning: Morning,
) -> None:
    with_factor(morning, 0.5)
    one, two, _ = morning.residents
    morning.serve(one)
    morning.serve(two)
    morning.at(ENDS)
    complaint = complain(morning, one)
    with morning.by() as (act, event):
        drawn = sheet.draw(act, event)
        assert [x.resident.id for x in drawn.of(State.COMPLAINT)] == [one]
        assert drawn.points_ready == 20
    assert morning.award() == {"residents": 1, "points": 20, "round": 1}
    assert uphold(morning, complaint) == {"taken": 0, "owed": 0}
    assert morning.award(2) == {"residents": 1, "points": 10, "round": 2}
    assert [morning.spendable(i) for i in (one, two)] == [10, 20]
    assert [minutes_served(morning, i) for i in (one, two)] == [60, 120]
    with morning.acting() as act:
        [award] = awards.standing(act, sheet.SOURCE, [morning.line_id(one)]).values()
        assert award.because["lines"][0]["complaint"] == "0.5"
    assert morning.drifts() == []


@pytest.mark.parametrize(
    ("factor", "left", "minutes"),
    [(0, 0, 0), (0.25, 5, 30), (0.3333, 7, 39), (1, 20, 120), (None, 20, 120)],
)
def test_points_awarded_before_go_back_as_far_as_the_rules_say(
    morning: Morning, factor: float | None, left: int, minutes: int
) -> None:
    with_factor(morning, factor)
    one = awarded(morning)
    complaint = complain(morning, one)
    assert (morning.spendable(one), minutes_served(morning, one)) == (20, 120)
    assert uphold(morning, complaint) == {"taken": 20 - left, "owed": 0}
    assert (morning.spendable(one), minutes_served(morning, one)) == (left, minutes)
    with morning.acting() as act:
        kept = act.session.get_one(Complaint, complaint)
        assert kept.because is not None
        assert (kept.taken, kept.because["points"]) == (20 - left, left)
        stands = awards.standing(act, sheet.SOURCE, [kept.attendance_id])
        assert bool(stands) == (left > 0)
    assert morning.drifts() == []


def test_hailin_sets_the_hours_of_that_event_to_nothing(morning: Morning) -> None:
    one, two, _ = morning.residents
    with morning.acting() as act:
        document = preset("hailin").document
        versions.publish(act, morning.world.programme_id, document, effective_from=act.now)
    morning.serve(one)
    morning.serve(two)
    morning.at(ENDS)
    morning.award()
    assert uphold(morning, complain(morning, one)) == {"taken": 2, "owed": 0}
    assert [morning.spendable(i) for i in (one, two)] == [0, 2]
    assert [minutes_served(morning, i) for i in (one, two)] == [0, 120]


def test_the_same_answer_for_the_same_key_and_nothing_twice(morning: Morning) -> None:
    with_factor(morning, 0.5)
    one = awarded(morning)
    complaint = complain(morning, one)
    first = uphold(morning, complaint)
    assert uphold(morning, complaint, points=10) == first
    with pytest.raises(ComplaintDecided):
        uphold(morning, complaint, points=0, key="another-key")
    with pytest.raises(ComplaintDecided):
        dismiss(morning, complaint)
    assert morning.spendable(one) == 10


def test_spent_points_stop_it_or_are_owed_as_was_chosen(morning: Morning) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    morning.spend(one, 15)
    complaint = complain(morning, one)
    with pytest.raises(ledger.AlreadySpent):
        uphold(morning, complaint)
    with morning.acting() as act:
        assert act.session.get_one(Complaint, complaint).status == Status.RECORDED
    assert (morning.spendable(one), minutes_served(morning, one)) == (5, 120)
    assert uphold(morning, complaint, owe=True, key="up-again") == {"taken": 5, "owed": 15}
    assert (morning.spendable(one), minutes_served(morning, one)) == (0, 0)
    assert morning.drifts() == []


def test_only_what_was_shown_is_taken(morning: Morning) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    complaint = complain(morning, one)
    with pytest.raises(EffectChanged):
        uphold(morning, complaint, points=5)
    assert morning.spendable(one) == 20


def test_a_second_person_decides(morning: Morning) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    complaint = complain(morning, one)
    with pytest.raises(SamePerson):
        uphold(morning, complaint, who="organiser")
    with pytest.raises(SamePerson):
        dismiss(morning, complaint, who="organiser")
    assert morning.spendable(one) == 20


def test_the_database_holds_the_second_person_too(morning: Morning) -> None:
    complaint = complain(morning, awarded(morning))
    with pytest.raises(IntegrityError), morning.acting() as act:
        found = act.session.get_one(Complaint, complaint)
        found.status, found.finding = Status.DISMISSED.value, "情况不实"
        found.decided_by_id, found.decided_at = found.recorded_by_id, act.now
        act.session.flush()


def test_a_dismissed_complaint_changes_nothing_and_another_may_follow(morning: Morning) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    dismiss(morning, complain(morning, one))
    assert (morning.spendable(one), minutes_served(morning, one)) == (20, 120)
    again = complain(morning, one, "又有人反映")
    with pytest.raises(ComplaintStands):
        complain(morning, one)
    uphold(morning, again)
    with pytest.raises(ComplaintStands):
        complain(morning, one)


def test_reasons_are_given_and_an_event_has_begun(morning: Morning) -> None:
    with_factor(morning, 0)
    one = morning.residents[0]
    morning.at(STARTS.replace(minute=0))
    morning.serve(one)
    for empty in ("", "  "):
        with pytest.raises(ComplaintReasonMissing):
            complain(morning, one, empty)
    complaint = complain(morning, one)
    with pytest.raises(ComplaintReasonMissing):
        uphold(morning, complaint, finding=" ")
    with pytest.raises(ComplaintReasonMissing):
        dismiss(morning, complaint, finding="")
    morning.at(STARTS.replace(hour=0))
    with pytest.raises(EventNotBegun):
        complain(morning, one)


def test_one_upheld_by_mistake_is_lifted_by_somebody_else_and_awarded_again(
    morning: Morning,
) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    complaint = complain(morning, one)
    with pytest.raises(NotUpheld):
        lift(morning, complaint)
    uphold(morning, complaint)
    with pytest.raises(SameDecider):
        lift(morning, complaint, who="second")
    with pytest.raises(ComplaintReasonMissing):
        lift(morning, complaint, reason=" ")
    lift(morning, complaint)
    assert (morning.spendable(one), minutes_served(morning, one)) == (0, 120)
    assert morning.award(2) == {"residents": 1, "points": 20, "round": 2}
    assert morning.spendable(one) == 20
    assert morning.drifts() == []


def test_hours_put_in_after_an_upheld_complaint_count_by_its_share_too(morning: Morning) -> None:
    with_factor(morning, 0.5)
    one = morning.residents[0]
    morning.at(STARTS)
    morning.check_in(one)
    morning.at(ENDS)
    uphold(morning, complain(morning, one))
    assert minutes_served(morning, one) == 0
    morning.attest(one, morning.correct(one, 100))
    assert minutes_served(morning, one) == 50


def test_two_who_uphold_at_once_take_the_points_once(morning: Morning) -> None:
    with_factor(morning, 0)
    one = awarded(morning)
    complaint = complain(morning, one)
    taken = uphold(morning, complaint)
    with pytest.raises(ComplaintDecided):
        uphold(morning, complaint, points=20, key="other-tap")
    assert taken == {"taken": 20, "owed": 0}
    assert morning.spendable(one) == 0


def test_the_office_lists_what_waits(morning: Morning) -> None:
    one = awarded(morning)
    here = morning.world.community_id
    first = complain(morning, one)
    with morning.acting() as act:
        assert listing.waiting(act, here) == 1
        assert listing.waiting(act, morning.world.other_community_id) == 0
    dismiss(morning, first)
    with morning.acting() as act:
        assert listing.waiting(act, here) == 0
        [found] = listing.of_community(act, here, None).complaints
        assert found.id == first
        assert not listing.of_community(act, here, Status.UPHELD).complaints


@pytest.mark.one_database
def test_from_the_sheet_to_the_resident_by_the_pages(
    office: FlaskClient, client: FlaskClient, morning: Morning
) -> None:
    with_factor(morning, 0.5)
    one = awarded(morning)
    line = f"/office/events/{morning.event_id}/sheet/{morning.line_id(one)}"
    assert "登记投诉" in page(office, line)
    empty = post(office, line + "/complain", reason="")
    assert empty.status_code == 422 and 'href="#f-reason"' in empty.get_data(as_text=True)
    text = followed(office, line + "/complain", reason="提前离开，没有打扫")
    assert "请同事登录" in text and "/uphold" not in text
    assert "1 条投诉" in page(office, "/office")
    assert "提前离开" in page(office, "/office/events/complaints?state=recorded")
    with morning.acting() as act:
        [found] = listing.of_community(act, morning.world.community_id, None).complaints
        address = f"/office/events/{morning.event_id}/complaints/{found.id}"
    mine = post(office, address + "/uphold", points=10, finding="属实", key="pressed-1")
    assert mine.status_code == 422 and "不能" in mine.get_data(as_text=True)

    world.sign_in(office, "organiser2")
    text = page(office, address)
    assert "追回 10 积分" in text and "这 10 积分都还在" in text
    shown = {"points": hidden(text, "points"), "key": hidden(text, "key")}
    assert post(office, address + "/uphold", **shown, finding="").status_code == 422
    assert post(office, address + "/dismiss", finding="").status_code == 422
    text = followed(office, address + "/uphold", **shown, finding="核实过，情况属实")
    assert "已追回 10 积分" in text
    assert "投诉成立" in page(office, line) and "撤销认定" not in text

    said = page(signed_in(client, one), f"/me/events/{morning.event_id}")
    assert "提前离开，没有打扫" in said and "核实过，情况属实" in said
    assert "因投诉成立按 0.5 倍计" in said
    assert "核实过，情况属实" in page(client, "/me/statement")
    assert "1 小时" in page(client, "/me/events/hours")


@pytest.mark.one_database
def test_another_community_finds_no_complaint(office: FlaskClient, morning: Morning) -> None:
    other = morning.new_event(title="别的活动")
    complaint = complain(morning, awarded(morning))
    assert office.get(f"/office/events/{other}/complaints/{complaint}").status_code == 404
    assert office.get(f"/office/events/{morning.event_id}/complaints/99999").status_code == 404
