"""New rates begin on their day, never before, and are set once however often they are sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from rewards.act import Act, Actor
from rewards.communities import Programme
from rewards.schemes import rates
from tests import world
from tests.conftest import START, Acting, FakeClock
from tests.world import World

TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
ASKED = {
    "points_per_hour": 20,
    "hours_cap": 0,
    "points_per_yuan": 2,
    "donation_cap": 0,
    "points_per_suggestion": 30,
    "suggestions_cap": 1,
    "expiry": {"kind": "never"},
}


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def announce(act: Act, here: World, day: date, seen: int | None, **other: int) -> rates.Rates:
    programme = act.session.get_one(Programme, here.programme_id)
    return rates.announce(act, programme, effective_on=day, seen=seen, **{**ASKED, **other})


def newest_id(act: Act, here: World) -> int:
    return rates.history(act, here.programme_id)[0].id


def test_a_later_day_begins_at_midnight_in_the_programme_s_zone(
    acting: Acting, here: World
) -> None:
    with acting() as act:
        new = announce(act, here, TOMORROW, newest_id(act, here))
        assert new.effective_from == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
        assert rates.in_force(act, here.programme_id, act.now).points_per_hour == 10
        later = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
        assert rates.in_force(act, here.programme_id, later).points_per_hour == 20


def test_today_means_from_now_so_this_morning_keeps_its_rates(acting: Acting, here: World) -> None:
    with acting() as act:
        assert announce(act, here, TODAY, newest_id(act, here)).effective_from == START


def test_a_day_that_is_over_is_refused(acting: Acting, here: World, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # past midnight in Beijing
    with acting() as act, pytest.raises(rates.PastDate):
        announce(act, here, TODAY, newest_id(act, here))


def test_a_second_tap_sets_nothing_more(acting: Acting, here: World, clock: FakeClock) -> None:
    with acting() as act:
        seen = newest_id(act, here)
        first = announce(act, here, TODAY, seen).id
    clock.forward(seconds=5)
    with acting() as act:
        assert announce(act, here, TODAY, seen).id == first
        assert len(rates.history(act, here.programme_id)) == 2


def test_whoever_checked_against_old_rates_is_told(acting: Acting, here: World) -> None:
    with acting() as act:
        seen = newest_id(act, here)
        announce(act, here, TODAY, seen)
        with pytest.raises(rates.RatesChanged):
            announce(act, here, TODAY, seen, points_per_hour=99)


def test_of_two_at_once_one_is_told(acting: Acting, here: World) -> None:
    with acting() as act:
        seen = newest_id(act, here)

    def send(number: int) -> str:
        with acting(Actor("staff", number)) as act:
            try:
                announce(act, here, TODAY, seen, points_per_hour=number)
            except rates.RatesChanged:
                return "told"
            return "set"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, [31, 32])) == ["set", "told"]
