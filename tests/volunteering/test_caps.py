"""Caps that look beyond one event hold whoever awards at once, and whatever is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from rewards import awards
from rewards.errors import Refused
from rewards.schemes import versions
from rewards.schemes.facts import Kind
from rewards.volunteering import attendance, awarding, sheet
from tests import world
from tests.schemes import plain
from tests.volunteering.conftest import ENDS, STARTS, Morning


@pytest.fixture
def capped(morning: Morning) -> Morning:
    """A morning with a second event, where hours bring at most 30 points a household and month."""
    cap = {"most": 30, "window": "month", "whose": "household"}
    with morning.acting() as act:
        rules = plain.scheme(
            plain.rule("hours", 10, per="hour", caps=[cap]),
            classes=[plain.named("environment")],
        )
        versions.publish(act, morning.world.programme_id, rules, effective_from=STARTS)
        for resident_id in morning.residents[:2]:
            world.resident(act, resident_id).household = "1-101"
    return morning


def served(capped: Morning, resident_id: int, event_id: int) -> None:
    """Two hours of service at that event."""
    capped.at(STARTS)
    capped.check_in(resident_id, event_id)
    capped.at(ENDS)
    capped.check_out(resident_id, event_id)


def award(capped: Morning, event_id: int, round_number: int = 1) -> int:
    """Award what the sheet says; again if somebody changed it meanwhile."""
    while True:
        with capped.by(event_id=event_id) as (act, event):
            points = sheet.draw(act, event).points_ready
        try:
            with capped.by(event_id=event_id) as (act, event):
                answer = awarding.award_event(act, event, round_number=round_number, points=points)
            return int(answer.result()["points"])
        except awarding.SheetChanged:
            continue


def test_two_events_awarded_at_once_keep_within_the_months_cap(capped: Morning) -> None:
    events = [capped.event_id, capped.new_event(), capped.new_event()]
    for event_id, resident_id in zip(events, (0, 1, 0), strict=True):
        served(capped, capped.residents[resident_id], event_id)

    def press(event_id: int) -> int:
        try:
            return award(capped, event_id)
        except Refused:
            return 0

    with ThreadPoolExecutor(3) as pool:
        given = sorted(pool.map(press, events))
    assert given == [0, 10, 20]
    assert sum(capped.spendable(i) for i in capped.residents) == 30
    assert capped.drifts() == []


def test_one_sheet_counts_the_lines_above_for_those_below(capped: Morning) -> None:
    for resident_id in capped.residents:
        served(capped, resident_id, capped.event_id)
    with capped.by() as (act, event):
        drawn = sheet.draw(act, event)
        assert [line.worth.points for line in drawn.lines] == [20, 10, 20]
        cut = drawn.lines[1].worth.lines[0].cuts[0]
        assert (cut.before, cut.left) == (20, 10)
    assert award(capped, capped.event_id) == 50


def test_what_is_taken_back_no_longer_counts(capped: Morning) -> None:
    one, two = capped.residents[:2]
    later = capped.new_event()
    served(capped, one, capped.event_id)
    served(capped, two, later)
    assert award(capped, capped.event_id) == 20
    with capped.by(event_id=later) as (act, event):
        assert sheet.draw(act, event).points_ready == 10
    with capped.by() as (act, event):
        line = attendance.find(act, event, world.resident(act, one))
        assert line is not None
        awarding.reverse_line(act, event, line, reason="误扫", key="undo-one").result()
    assert award(capped, later) == 20
    assert award(capped, capped.event_id, round_number=2) == 10


def test_another_months_event_is_not_counted(capped: Morning) -> None:
    served(capped, capped.residents[0], capped.event_id)
    award(capped, capped.event_id)
    starts = STARTS + timedelta(days=12)  # in December
    later = capped.new_event(starts_at=starts, ends_at=starts + timedelta(hours=2))
    capped.at(starts)
    capped.check_in(capped.residents[1], later)
    capped.at(starts + timedelta(hours=2))
    capped.check_out(capped.residents[1], later)
    assert award(capped, later) == 20


def test_a_household_is_one_communitys_own(capped: Morning) -> None:
    with capped.acting() as act:
        stranger = world.resident(act, capped.world.other_resident_id)
        stranger.household = "1-101"
        neighbour = world.resident(act, capped.residents[0])
        deeds = [awards.deed(r, Kind.SERVICE, act.now) for r in (stranger, neighbour)]
        assert deeds[0].household != deeds[1].household
