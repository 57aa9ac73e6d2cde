"""Events are drafted with the rates' rule, published, changed and called off."""

from datetime import timedelta

import pytest

from rewards.errors import NotFound
from rewards.schemes import rates
from rewards.volunteering import amendments, events
from rewards.volunteering.events import Event, EventStatus, Which
from tests.conftest import Acting
from tests.volunteering.conftest import ENDS, STARTS, Morning


def test_what_the_rule_leaves_out_comes_from_the_rates_in_force(morning: Morning) -> None:
    usual = morning.new_event()
    own = morning.new_event(points_per_hour=0, bonus=15)
    with morning.by(event_id=usual) as (_, event):
        assert (event.points_per_hour, event.hours_cap, event.bonus) == (10, 4, 0)
    with morning.by(event_id=own) as (_, event):
        assert (event.points_per_hour, event.hours_cap, event.bonus) == (0, 4, 15)


def test_the_rule_stays_what_it_was_when_the_rates_change(morning: Morning) -> None:
    with morning.acting() as act:
        rates.set_rates(
            act, morning.world.programme_id, effective_from=act.now, points_per_hour=99,
            hours_cap=1, points_per_yuan=1, donation_cap=0, points_per_suggestion=1,
            suggestions_cap=0, expiry={"kind": "never"},
        )  # fmt: skip
    with morning.by() as (_, event):
        assert event.points_per_hour == 10


def test_another_communitys_event_is_not_found(morning: Morning) -> None:
    with morning.acting() as act, pytest.raises(NotFound):
        events.load(act, morning.event_id, morning.world.other_community_id)


def test_residents_do_not_know_of_drafts(morning: Morning) -> None:
    draft = morning.new_event(published=False)
    with morning.acting() as act:
        with pytest.raises(NotFound):
            events.load_shown(act, draft, morning.world.community_id)
        assert events.load_shown(act, morning.event_id, morning.world.community_id)


def test_an_event_is_published_once_and_not_when_over_or_cancelled(morning: Morning) -> None:
    with morning.by() as (act, event), pytest.raises(events.EventPublished):
        events.publish(act, event)
    late, off = morning.new_event(published=False), morning.new_event(published=False)
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    with morning.by(event_id=off) as (act, event), pytest.raises(events.EventCancelled):
        events.publish(act, event)
    morning.at(ENDS)
    with morning.by(event_id=late) as (act, event), pytest.raises(events.EventOver):
        events.publish(act, event)


def test_an_event_can_be_changed_until_somebody_is_awarded(morning: Morning) -> None:
    with morning.by() as (act, event):
        amendments.edit(act, event, title="浇花", capacity=None, points_per_hour=None)
        assert (event.title, event.capacity, event.points_per_hour) == ("浇花", None, 10)
    morning.serve(morning.residents[0])
    morning.award()
    for change in (
        lambda act, event: amendments.edit(act, event, points_per_hour=20),
        lambda act, event: amendments.cancel(act, event, reason="误"),
    ):
        with morning.by() as (act, event), pytest.raises(amendments.EventAwarded):
            change(act, event)


def test_calling_off_needs_a_reason_and_happens_once(morning: Morning) -> None:
    with morning.by() as (act, event), pytest.raises(amendments.CancelReasonMissing):
        amendments.cancel(act, event, reason="  ")
    with morning.by() as (act, event):
        amendments.cancel(act, event, reason="下雨")
        assert (event.status, event.cancelled_because) == (EventStatus.CANCELLED, "下雨")
    with morning.by() as (act, event), pytest.raises(events.EventCancelled):
        amendments.cancel(act, event, reason="下雨")
    with morning.by() as (act, event), pytest.raises(events.EventCancelled):
        amendments.edit(act, event, title="浇花")


def test_the_list_tells_apart_what_is_to_come_past_drafted_and_off(morning: Morning) -> None:
    draft = morning.new_event(published=False)
    off = morning.new_event()
    later = morning.new_event(
        title="读书会 100%", starts_at=STARTS + timedelta(days=1), ends_at=ENDS + timedelta(days=1)
    )
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")

    def ids(which: Which, **more) -> list[int]:
        with morning.acting() as act:
            found = events.listing(act, morning.world.community_id, which, **more)
            return [e.id for e in found.events]

    assert ids(Which.UPCOMING) == [morning.event_id, later]
    assert ids(Which.UPCOMING, words="0%") == [later]
    assert ids(Which.UPCOMING, page=2, size=1) == [later]
    assert (ids(Which.DRAFT), ids(Which.CANCELLED), ids(Which.PAST)) == ([draft], [off], [])
    morning.at(ENDS)
    assert (ids(Which.UPCOMING), ids(Which.PAST)) == ([later], [morning.event_id])
    with morning.acting() as act:
        assert not events.listing(act, morning.world.other_community_id, Which.PAST).events


def test_the_database_holds_an_event_to_its_shape(acting: Acting, morning: Morning) -> None:
    from sqlalchemy.exc import IntegrityError

    for wrong in ({"ends_at": STARTS}, {"capacity": 0}, {"bonus": -1}, {"status": "odd"}):
        with acting() as act:
            event = act.session.get_one(Event, morning.event_id)
            for name, value in wrong.items():
                setattr(event, name, value)
            with pytest.raises(IntegrityError):
                act.session.flush()
            act.session.rollback()
