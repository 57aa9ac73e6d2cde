"""Events are drafted by the words of the rules, published, changed and called off."""

from datetime import timedelta

import pytest

from rewards.errors import NotFound
from rewards.schemes import versions
from rewards.volunteering import amendments, events, vocabulary
from rewards.volunteering.events import Event, EventStatus, Which
from rewards.volunteering.vocabulary import UnknownTerm
from tests import world
from tests.conftest import Acting
from tests.schemes import plain
from tests.volunteering.conftest import ENDS, STARTS, Morning


def test_an_event_is_of_a_class_that_the_rules_of_its_day_have(morning: Morning) -> None:
    with pytest.raises(UnknownTerm) as refusal:
        morning.new_event(service="gardening")
    assert refusal.value.facts == {"field": "service"}
    with morning.acting() as act:
        graded = plain.scheme(
            plain.rule("event", 3),
            classes=[plain.named("gardening")],
            grades=[plain.named("one")],
        )
        moment = STARTS + timedelta(days=1)
        versions.publish(act, morning.world.programme_id, graded, effective_from=moment)
    with pytest.raises(UnknownTerm):
        morning.new_event(service="gardening")
    later = {"starts_at": moment, "ends_at": moment + timedelta(hours=1)}
    event_id = morning.new_event(service="gardening", grade="one", **later)
    with pytest.raises(UnknownTerm) as refusal:
        morning.new_event(service="gardening", grade="two", **later)
    assert refusal.value.facts == {"field": "grade"}
    with morning.by(event_id=event_id) as (act, event), pytest.raises(UnknownTerm):
        amendments.edit(act, event, starts_at=STARTS)


def test_what_can_be_chosen_is_of_the_rules_now_and_to_come(morning: Morning) -> None:
    with morning.acting() as act:
        coming = plain.scheme(plain.rule("event", 3), levels=[plain.named("high")])
        moment = STARTS + timedelta(days=1)
        versions.publish(act, morning.world.programme_id, coming, effective_from=moment)
        here = world.community(act, morning.world.community_id)
        offered = vocabulary.offered(act, here)
        assert [term.key for term in offered["service"]] == [
            "environment", "elders", "culture", "safety", "education", "other",
            "facilities", "service",
        ]  # fmt: skip
        assert [term.key for term in offered["level"]] == ["high"]
        assert vocabulary.names(act, here)["high"].zh == "示例high"


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
        amendments.edit(act, event, title="浇花", capacity=None)
        assert (event.title, event.capacity, event.service) == ("浇花", None, "environment")
    morning.serve(morning.residents[0])
    morning.award()
    for change in (
        lambda act, event: amendments.edit(act, event, title="改名"),
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

    for wrong in ({"ends_at": STARTS}, {"capacity": 0}, {"status": "odd"}):
        with acting() as act:
            event = act.session.get_one(Event, morning.event_id)
            for name, value in wrong.items():
                setattr(event, name, value)
            with pytest.raises(IntegrityError):
                act.session.flush()
            act.session.rollback()
