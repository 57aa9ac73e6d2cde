"""Cards at the door: in once, out once, within the hours that the door is open."""

import threading
from datetime import timedelta

import pytest

from rewards import cards
from rewards.volunteering import amendments, attendance, door, events, signups
from rewards.volunteering.attendance import Way
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning


def test_how_the_card_was_read_is_kept(morning: Morning) -> None:
    one, two, _ = morning.residents
    morning.at(STARTS)
    with morning.by() as (act, event):
        line = door.check_in(act, event, f"https://example.org/c/{morning.codes[one]}")
        assert (line.in_way, line.in_at) == (Way.SCANNED, STARTS)
        assert door.check_in(act, event, morning.codes[two].lower()).in_way == Way.TYPED
    morning.at(ENDS)
    with morning.by() as (act, event):
        line = door.check_out(act, event, morning.codes[one])
        assert (line.out_way, line.out_at, line.measured) == (Way.TYPED, ENDS, 120)


def test_the_door_opens_an_hour_before_and_lets_nobody_in_after_the_end(morning: Morning) -> None:
    one, two, three = morning.residents
    morning.at(STARTS - timedelta(minutes=60, seconds=1))
    with pytest.raises(door.EventNotBegun) as early:
        morning.check_in(one)
    assert early.value.facts == {"opens": "2026-11-20 09:00"}
    morning.at(STARTS - timedelta(minutes=60))
    morning.check_in(one)
    morning.at(ENDS)
    morning.check_in(two)
    morning.at(ENDS + timedelta(seconds=1))
    with pytest.raises(events.EventOver) as late:
        morning.check_in(three)
    assert late.value.facts == {"ended": "2026-11-20 12:00"}


def test_it_lets_out_until_two_hours_after_the_end(morning: Morning) -> None:
    one, two, _ = morning.residents
    morning.at(STARTS)
    morning.check_in(one)
    morning.check_in(two)
    morning.at(ENDS + timedelta(hours=2))
    morning.check_out(one)
    morning.at(ENDS + timedelta(hours=2, seconds=1))
    with pytest.raises(events.EventOver):
        morning.check_out(two)


def test_twice_in_twice_out_and_out_before_in_are_refused_with_the_time(morning: Morning) -> None:
    one = morning.residents[0]
    morning.at(STARTS)
    with pytest.raises(door.OutBeforeIn):
        morning.check_out(one)
    morning.check_in(one)
    morning.at(STARTS + timedelta(minutes=30))
    with pytest.raises(door.CheckedInAlready) as twice:
        morning.check_in(one)
    assert twice.value.facts == {"name": "示***", "at": "10:00"}
    morning.check_out(one)
    morning.at(ENDS)
    with pytest.raises(door.CheckedOutAlready) as gone:
        morning.check_out(one)
    assert gone.value.facts == {"name": "示***", "at": "10:30"}
    with pytest.raises(door.CheckedInAlready):
        morning.check_in(one)


def test_two_scans_of_one_card_at_once_make_one_line(morning: Morning) -> None:
    morning.at(STARTS)
    outcomes: list[str] = []

    def scan() -> None:
        try:
            morning.check_in(morning.residents[0])
            outcomes.append("in")
        except door.CheckedInAlready:
            outcomes.append("already")

    threads = [threading.Thread(target=scan) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already", "already", "in"]


def test_a_draft_or_cancelled_event_has_no_door(morning: Morning) -> None:
    draft, off = morning.new_event(published=False), morning.new_event()
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    morning.at(STARTS)
    with pytest.raises(events.EventNotPublished):
        morning.check_in(morning.residents[0], draft)
    with pytest.raises(events.EventCancelled):
        morning.check_in(morning.residents[0], off)


def test_a_card_of_another_community_is_refused_in_words(morning: Morning) -> None:
    morning.at(STARTS)
    for pass_by in (morning.check_in, morning.check_out):
        with pytest.raises(signups.OtherCommunity):
            pass_by(morning.world.other_resident_id)


@pytest.mark.parametrize(
    ("scanned", "refusal"),
    [
        ("https://example.org/menu", cards.NotACard),
        ("", cards.NotACard),
        ("0000000000000000", cards.UnknownCard),
    ],
)
def test_what_is_no_card_of_ours_is_refused(morning: Morning, scanned: str, refusal) -> None:
    morning.at(STARTS)
    with morning.by() as (act, event), pytest.raises(refusal):
        door.check_in(act, event, scanned)


def test_a_blocked_card_opens_no_door(morning: Morning) -> None:
    one = morning.residents[0]
    with morning.acting() as act:
        card = cards.active_card(act, one)
        assert card is not None
        card.status = cards.CardStatus.BLOCKED.value
    morning.at(STARTS)
    with pytest.raises(cards.BlockedCard):
        morning.check_in(one)


def test_walk_ins_are_welcome_though_every_place_is_taken(morning: Morning) -> None:
    small = morning.new_event(capacity=1)
    one, two, _ = morning.residents
    with morning.by(event_id=small) as (act, event):
        signups.sign_up(act, event, world.resident(act, one))
    morning.at(STARTS)
    morning.check_in(two, small)
    with morning.by(event_id=small) as (act, event):
        assert [line.resident_id for line in attendance.of_event(act, event)] == [two]


def test_another_events_line_is_not_found(morning: Morning) -> None:
    from rewards.errors import NotFound

    line_id = morning.serve(morning.residents[0])
    other = morning.new_event(published=False)
    with morning.by(event_id=other) as (act, event), pytest.raises(NotFound):
        attendance.load(act, event, line_id)
