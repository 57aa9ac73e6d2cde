"""Rules that events to come couldn't do with aren't put into force, nor taken back."""

from datetime import date, timedelta

import pytest

from rewards.act import Actor
from rewards.communities import Programme
from rewards.schemes import drafts, versions
from rewards.volunteering import amendments, publishing
from tests import world
from tests.schemes import plain
from tests.volunteering.conftest import STARTS, Morning

TOMORROW = date(2026, 11, 21)


def submit(morning: Morning, *classes: str, on: date = TOMORROW, **parts) -> int:
    """Draft and submit rules that have these classes; answers the draft's id."""
    rules = plain.scheme(
        plain.rule("hours", 7, per="hour", **parts), classes=[plain.named(key) for key in classes]
    )
    with morning.acting(Actor("staff", 91)) as act:
        programme = act.session.get_one(Programme, morning.world.programme_id)
        draft_id = drafts.start(act, programme, rules, "示例").id
    with morning.acting(Actor("staff", 91)) as act:
        publishing.submit(act, drafts.load(act, draft_id, morning.world.programme_id), on)
    return draft_id


def approve(morning: Morning, draft_id: int) -> int:
    """Approve it as a second person; answers the version's id."""
    with morning.acting(Actor("staff", 92)) as act:
        draft = drafts.load(act, draft_id, morning.world.programme_id)
        return publishing.approve(act, draft).id


def withdraw(morning: Morning, version_id: int) -> None:
    with morning.acting(Actor("staff", 91)) as act:
        version = versions.load(act, version_id, morning.world.programme_id)
        publishing.withdraw(act, version, "居民代表有意见")


def test_a_deleted_class_of_an_event_to_come_is_named(morning: Morning) -> None:
    morning.new_event(
        title="看望老人",
        service="elders",
        starts_at=STARTS + timedelta(days=2),
        ends_at=STARTS + timedelta(days=2, hours=1),
    )
    with pytest.raises(publishing.DeletedTerm) as refusal:
        submit(morning, "environment")
    elders = {"term": "示例elders / Sample elders", "events": "看望老人 (2026-11-22)"}
    assert refusal.value.facts == elders
    with morning.acting() as act:
        [draft] = drafts.standing(act, morning.world.programme_id)
        assert draft.status == drafts.Status.DRAFT


def test_one_that_was_made_after_the_submission_stops_the_approval(morning: Morning) -> None:
    draft_id = submit(morning, "environment")
    later = in_two_days(morning, service="elders", published=False)
    with pytest.raises(publishing.DeletedTerm):
        approve(morning, draft_id)
    with morning.by(event_id=later) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    approve(morning, draft_id)


def in_two_days(morning: Morning, **facts) -> int:
    when = {"starts_at": STARTS + timedelta(days=2), "ends_at": STARTS + timedelta(days=2, hours=1)}
    return morning.new_event(**when | {"title": "看望老人"} | facts)


def test_a_published_event_doesnt_come_to_bring_nothing(morning: Morning) -> None:
    unpaid = {"when": {"classes": ["elders"]}}
    event_id = in_two_days(morning)
    with pytest.raises(publishing.NothingForEvents) as refusal:
        submit(morning, "environment", "elders", **unpaid)
    assert refusal.value.facts == {"events": "看望老人 (2026-11-22)"}
    with morning.by(event_id=event_id) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    in_two_days(morning, published=False)  # a draft was announced to nobody
    approve(morning, submit(morning, "environment", "elders", **unpaid))


def test_less_than_before_is_for_the_community_to_decide(morning: Morning) -> None:
    in_two_days(morning)
    approve(morning, submit(morning, "environment"))


def test_an_event_whose_class_only_the_version_to_come_knows_keeps_it(morning: Morning) -> None:
    version_id = approve(morning, submit(morning, "environment", "choir"))
    event_id = in_two_days(morning, service="choir", title="合唱", published=False)
    with pytest.raises(publishing.MissedTerm) as refusal:
        withdraw(morning, version_id)
    assert refusal.value.facts == {
        "term": "示例choir / Sample choir",
        "events": "合唱 (2026-11-22)",
    }
    with morning.by(event_id=event_id) as (act, event):
        amendments.edit(act, event, service="environment")
    withdraw(morning, version_id)


def test_an_event_that_only_the_version_to_come_pays_for_keeps_its_points(
    morning: Morning,
) -> None:
    with morning.acting() as act:
        world.set_rules(act, morning.world.programme_id, points_per_hour=0)
    version_id = approve(morning, submit(morning, "environment"))
    event_id = in_two_days(morning)
    with pytest.raises(publishing.MissedPoints) as refusal:
        withdraw(morning, version_id)
    assert refusal.value.facts == {"events": "看望老人 (2026-11-22)"}
    with morning.by(event_id=event_id) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    withdraw(morning, version_id)


def test_events_under_a_later_version_do_not_matter(morning: Morning) -> None:
    first = approve(morning, submit(morning, "environment"))
    approve(morning, submit(morning, "environment", "choir", on=date(2026, 11, 22)))
    in_two_days(morning, service="choir")
    withdraw(morning, first)


@pytest.mark.one_database
def test_the_pages_name_the_events(morning: Morning, client) -> None:
    version_id = approve(morning, submit(morning, "environment", "choir"))
    in_two_days(morning, service="choir", title="合唱")
    with morning.acting() as act:
        programme = act.session.get_one(Programme, morning.world.programme_id)
        rules = plain.scheme(plain.rule("hours", 7, per="hour"), classes=[plain.named("elders")])
        draft_id = drafts.start(act, programme, rules, "示例").id
    world.sign_in(client, "admin")
    refused = client.post(
        f"/office/schemes/versions/{version_id}/withdraw", data={"reason": "改主意了"}
    )
    assert refused.status_code == 422 and "合唱 (2026-11-22)" in refused.text
    day = {"effective_on": "2026-11-22"}
    refused = client.post(f"/office/schemes/drafts/{draft_id}/submit", data=day)
    assert refused.status_code == 422 and "合唱 (2026-11-22)" in refused.text


def test_events_before_its_day_and_those_called_off_do_not_matter(morning: Morning) -> None:
    # The morning's own event, of the environment, is today.
    off = morning.new_event(
        starts_at=STARTS + timedelta(days=3), ends_at=STARTS + timedelta(days=4)
    )
    with morning.by(event_id=off) as (act, event):
        amendments.cancel(act, event, reason="下雨")
    assert approve(morning, submit(morning, "elders"))
