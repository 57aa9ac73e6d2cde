"""The sheet counts what the door saw, and what was put right in the open."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rewards.audit import AuditEntry
from rewards.volunteering import corrections, door, events, sheet, signups
from rewards.volunteering.attendance import Attendance, Correction, Way
from rewards.volunteering.events import Event
from rewards.volunteering.sheet import State
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        (0, 120, 120),
        (-60, 240, 120),  # early and late: no more than the event
        (30, 75.99, 45),  # a minute begun doesn't count
        (-60, -30, 0),
        (119.5, 120, 0),
        (120, 200, 0),
    ],
)
def test_minutes_are_what_the_door_saw_of_the_events_own_span(came, left, minutes) -> None:
    event = Event(starts_at=STARTS, ends_at=ENDS)
    line = Attendance(
        event=event,
        in_at=STARTS + timedelta(minutes=came),
        out_at=STARTS + timedelta(minutes=left),
        corrections=[],
    )
    assert line.minutes == minutes


@pytest.mark.parametrize(
    ("minutes", "rule", "points"),
    [
        (90, {}, 15),
        (45, {"points_per_hour": 1}, 1),  # 0.75
        (30, {"points_per_hour": 1}, 1),  # 0.5 rounds up
        (29, {"points_per_hour": 1}, 0),
        (120, {"hours_cap": 1}, 10),
        (120, {"hours_cap": 0}, 20),
        (120, {"taking_part": 5}, 25),
        (1, {"points_per_hour": 0, "taking_part": 5}, 5),
        (0, {"taking_part": 5}, 0),  # nobody is thanked for hours that they did not serve
    ],
)
def test_the_scheme_in_force_when_it_began_makes_the_points(
    morning: Morning, minutes: int, rule: dict, points: int
) -> None:
    morning.rules(STARTS, **rule)
    morning.rules(STARTS + timedelta(minutes=1), points_per_hour=99)
    morning.serve(morning.residents[0], minutes)
    with morning.by() as (act, event):
        assert morning.line(act, event, morning.residents[0]).worth.points == points


def test_who_never_checked_out_counts_nothing_until_put_right(morning: Morning) -> None:
    one = morning.residents[0]
    morning.at(STARTS)
    morning.check_in(one)
    morning.at(ENDS + timedelta(hours=3))
    with morning.by() as (act, event):
        line = morning.line(act, event, one)
        assert (line.attendance.minutes, line.worth.points) == (0, 0)
        assert line.state is State.OUT_MISSING
    morning.correct(one, 60)
    with morning.by() as (act, event):
        line = morning.line(act, event, one)
        assert (line.attendance.minutes, line.worth.points) == (60, 10)
        assert line.state is State.TO_ATTEST


def test_a_correction_keeps_who_when_why_and_what_was_before(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one)
    morning.correct(one, 60, "提前离开")
    morning.correct(one, 90, "看错时间", who="second")
    with morning.by() as (act, event):
        line = morning.line(act, event, one).attendance
        kept = [(c.minutes, c.reason, c.by_name) for c in line.corrections]
        assert kept == [(60, "提前离开", "组织者甲"), (90, "看错时间", "组织者乙")]
        assert (line.minutes, line.measured) == (90, 120)
        entries = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "attendance.correct")
        )
        assert [(e.detail["before"], e.detail["minutes"]) for e in entries] == [(120, 60), (60, 90)]


@pytest.mark.parametrize(
    ("minutes", "reason", "refusal"),
    [
        (121, "多记", corrections.TooManyMinutes),
        (-1, "少记", corrections.TooManyMinutes),
        (60, "", corrections.CorrectionReasonMissing),
        (60, "  ", corrections.CorrectionReasonMissing),
    ],
)
def test_a_correction_has_a_reason_and_fits_the_event(
    morning: Morning, minutes: int, reason: str, refusal: type[Exception]
) -> None:
    one = morning.residents[0]
    morning.serve(one)
    with pytest.raises(refusal):
        morning.correct(one, minutes, reason)
    with morning.by() as (act, event):
        assert morning.line(act, event, one).attendance.corrections == []


def test_an_awarded_line_is_not_corrected(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one)
    morning.award()
    with pytest.raises(corrections.LineAwarded):
        morning.correct(one, 60)


def test_only_minutes_beyond_the_door_need_a_second_person(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one, minutes=60)
    for minutes, state in ((30, State.READY), (60, State.READY), (61, State.TO_ATTEST)):
        morning.correct(one, minutes)
        with morning.by() as (act, event):
            assert morning.line(act, event, one).state is state


def test_whoever_entered_the_minutes_cannot_attest_them(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one, minutes=60)
    correction = morning.correct(one, 120)
    with pytest.raises(corrections.SamePerson):
        morning.attest(one, correction, who="organiser")
    morning.attest(one, correction, who="second")
    with morning.by() as (act, event):
        line = morning.line(act, event, one)
        assert line.state is State.READY
        assert line.attendance.corrections[-1].attested_by_name == "组织者乙"


def test_what_is_attested_is_the_correction_that_was_seen(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one, minutes=10)
    seen = morning.correct(one, 60)
    newer = morning.correct(one, 120)
    with pytest.raises(corrections.NothingToAttest):
        morning.attest(one, seen)
    morning.attest(one, newer)
    with pytest.raises(corrections.NothingToAttest):
        morning.attest(one, newer)
    morning.correct(one, 110)
    with morning.by() as (act, event):
        assert morning.line(act, event, one).state is State.TO_ATTEST


def add(morning: Morning, resident_id: int, minutes: int = 60, reason: str = "没带卡") -> None:
    with morning.by() as (act, event):
        corrections.add_forgotten(
            act, event, world.resident(act, resident_id), minutes=minutes, reason=reason
        )


def test_a_forgotten_resident_is_added_marked_and_attested(morning: Morning) -> None:
    one = morning.residents[0]
    with pytest.raises(door.EventNotBegun):
        add(morning, one)
    morning.at(STARTS)
    add(morning, one)
    with morning.by() as (act, event):
        line = morning.line(act, event, one)
        assert line.attendance.in_way == Way.BACK_FILLED
        assert (line.attendance.minutes, line.state) == (60, State.TO_ATTEST)
    with pytest.raises(corrections.OnSheetAlready):
        add(morning, one)
    for pass_by in (morning.check_in, morning.check_out):
        with pytest.raises(door.EnteredByHand):
            pass_by(one)


def test_nobody_is_added_without_reason_or_beyond_the_event_or_from_elsewhere(
    morning: Morning,
) -> None:
    one = morning.residents[0]
    morning.at(ENDS)
    with pytest.raises(corrections.CorrectionReasonMissing):
        add(morning, one, reason=" ")
    with pytest.raises(corrections.TooManyMinutes):
        add(morning, one, minutes=121)
    with pytest.raises(signups.OtherCommunity):
        add(morning, morning.world.other_resident_id)
    with morning.by() as (act, event):
        assert sheet.draw(act, event).lines == []


def test_a_draft_has_no_sheet_to_put_right(morning: Morning) -> None:
    draft = morning.new_event(published=False)
    morning.at(ENDS)
    with morning.by(event_id=draft) as (act, event), pytest.raises(events.EventNotPublished):
        corrections.add_forgotten(
            act, event, world.resident(act, morning.residents[0]), minutes=1, reason="没带卡"
        )


def test_a_resident_sees_the_hours_of_every_event(morning: Morning) -> None:
    one = morning.residents[0]
    morning.serve(one, minutes=90)
    with morning.acting() as act:
        [line] = sheet.history(act, world.resident(act, one))
        assert (line.attendance.event.title, line.attendance.minutes) == ("整理绿地", 90)
        assert sheet.history(act, world.resident(act, morning.residents[1])) == []


def test_the_database_refuses_a_correction_without_reason_or_second_person(
    morning: Morning,
) -> None:
    line_id = morning.serve(morning.residents[0])
    usual = {"attendance_id": line_id, "minutes": 5, "reason": "误", "by": "staff:1", "by_name": ""}
    alone = {"attested_by": "staff:1", "attested_at": STARTS}
    for wrong in ({"reason": ""}, {"minutes": -1}, alone, {"attested_by": "staff:2"}):
        with morning.acting() as act:
            act.session.add(Correction(**usual | wrong, at=act.now))
            with pytest.raises(IntegrityError):
                act.session.flush()
            act.session.rollback()
