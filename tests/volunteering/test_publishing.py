"""Rules that no longer know the class of an event to come aren't approved."""

from datetime import date, timedelta

import pytest

from rewards.act import Actor
from rewards.communities import Programme
from rewards.schemes import drafts
from rewards.volunteering import amendments, publishing
from tests.schemes import plain
from tests.volunteering.conftest import STARTS, Morning

TOMORROW = date(2026, 11, 21)


def approve(morning: Morning, *classes: str) -> int:
    """Draft, submit and approve rules for tomorrow that have these classes."""
    rules = plain.scheme(
        plain.rule("hours", 7, per="hour"), classes=[plain.named(key) for key in classes]
    )
    with morning.acting(Actor("staff", 91)) as act:
        programme = act.session.get_one(Programme, morning.world.programme_id)
        draft = drafts.start(act, programme, rules, "示例")
        drafts.submit(act, draft, TOMORROW)
        draft_id = draft.id
    with morning.acting(Actor("staff", 92)) as act:
        draft = drafts.load(act, draft_id, morning.world.programme_id)
        return publishing.approve(act, draft).id


def test_a_deleted_class_of_an_event_to_come_is_named(morning: Morning) -> None:
    morning.new_event(
        title="看望老人",
        service="elders",
        starts_at=STARTS + timedelta(days=2),
        ends_at=STARTS + timedelta(days=2, hours=1),
    )
    with pytest.raises(publishing.DeletedTerm) as refusal:
        approve(morning, "environment")
    assert refusal.value.facts == {"term": "elders", "events": "看望老人 (2026-11-22)"}


def test_events_before_its_day_and_those_called_off_do_not_matter(morning: Morning) -> None:
    # The morning's own event, of the environment, is today.
    off = morning.new_event(
        starts_at=STARTS + timedelta(days=3), ends_at=STARTS + timedelta(days=4)
    )
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    assert approve(morning, "elders")
