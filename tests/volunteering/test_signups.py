"""Places are given once each, to the community's own, until there are none."""

import threading
from datetime import timedelta

import pytest

from rewards.volunteering import amendments, desk, events, signups
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning


def sign_up(morning: Morning, resident_id: int, event_id: int | None = None) -> None:
    with morning.by(event_id=event_id) as (act, event):
        signups.sign_up(act, event, world.resident(act, resident_id))


def test_a_resident_has_one_place_and_can_give_it_up(morning: Morning) -> None:
    one = morning.residents[0]
    sign_up(morning, one)
    with pytest.raises(signups.SignedUpAlready):
        sign_up(morning, one)
    with morning.by() as (act, event):
        assert [s.resident_id for s in signups.of_event(act, event)] == [one]
        assert signups.ahead(act, world.resident(act, one)) == [event]
        signups.withdraw(act, event, world.resident(act, one))
    with morning.by() as (act, event):
        assert signups.taken(act, [event.id]) == {}
        with pytest.raises(signups.NotSignedUp):
            signups.withdraw(act, event, world.resident(act, one))
    sign_up(morning, one)


def test_a_full_event_takes_nobody_until_a_place_is_given_up(morning: Morning) -> None:
    small = morning.new_event(capacity=1)
    first, second, _ = morning.residents
    sign_up(morning, first, small)
    with pytest.raises(signups.EventFull) as refusal:
        sign_up(morning, second, small)
    assert refusal.value.facts == {"capacity": 1}
    with morning.by(event_id=small) as (act, event):
        signups.withdraw(act, event, world.resident(act, first))
    sign_up(morning, second, small)


def test_the_last_place_goes_to_one_of_two_at_once(morning: Morning) -> None:
    small = morning.new_event(capacity=1)
    outcomes: list[str] = []

    def try_for_it(resident_id: int) -> None:
        try:
            sign_up(morning, resident_id, small)
            outcomes.append("in")
        except signups.EventFull:
            outcomes.append("full")

    threads = [threading.Thread(target=try_for_it, args=(i,)) for i in morning.residents[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full", "in"]


def test_a_resident_of_another_community_has_no_place_here(morning: Morning) -> None:
    with pytest.raises(signups.OtherCommunity):
        sign_up(morning, morning.world.other_resident_id)


def test_a_place_needs_an_event_that_is_published_and_not_over(morning: Morning) -> None:
    one = morning.residents[0]
    with pytest.raises(events.EventNotPublished):
        sign_up(morning, one, morning.new_event(published=False))
    off = morning.new_event()
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    with pytest.raises(events.EventCancelled):
        sign_up(morning, one, off)
    morning.at(ENDS - timedelta(minutes=1))
    sign_up(morning, one)
    morning.at(ENDS)
    with pytest.raises(events.EventOver):
        sign_up(morning, morning.residents[1])


def test_a_place_is_not_given_up_after_the_event_has_begun(morning: Morning) -> None:
    sign_up(morning, morning.residents[0])
    morning.at(STARTS)
    with morning.by() as (act, event), pytest.raises(signups.EventBegun):
        signups.withdraw(act, event, world.resident(act, morning.residents[0]))


@pytest.mark.parametrize("who", ["card", "13800000001", "+86 138 0000 0001", "示例居民1"])
def test_the_desk_finds_a_resident_by_card_number_or_name(morning: Morning, who: str) -> None:
    one = morning.residents[0]
    if who == "card":
        who = morning.codes[one].lower()
    with morning.acting() as act:
        here = world.community(act, morning.world.community_id)
        assert desk.find_resident(act, here, who).id == one


@pytest.mark.parametrize("who", ["13900000001", "示例外人", "示例", "0000 0000 0000 0001"])
def test_the_desk_does_not_find_strangers_or_parts_of_names(morning: Morning, who: str) -> None:
    with morning.acting() as act, pytest.raises(desk.NobodyFound):
        desk.find_resident(act, world.community(act, morning.world.community_id), who)


def test_a_name_that_two_share_does_not_say_who_is_meant(morning: Morning) -> None:
    from rewards import residents

    with morning.acting() as act:
        here = world.community(act, morning.world.community_id)
        residents.register(act, here, name="示例居民1")
        with pytest.raises(desk.SeveralFound):
            desk.find_resident(act, here, "示例居民1")
