"""A complaint about service: recorded, decided by a second person, read by the resident."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from rewards.schemes import versions
from rewards.settings import Settings
from rewards.volunteering import awarding, door, events, sheet
from tests import world
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.test_pages import faults_of
from tests.conftest import Acting, FakeClock
from tests.schemes import plain
from tests.web import doors
from tests.world import World

pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        hours = plain.rule("hours", 10, per="hour") | {"complaint": 0}
        rules = plain.scheme(hours, classes=[plain.named("environment")])
        versions.publish(act, made.programme_id, rules, effective_from=act.now)
        return made


@pytest.fixture
def card(here: World, acting: Acting, settings: Settings, clock: FakeClock) -> str:
    """The card of a resident who has 20 points for two hours of service."""
    code = doors.activated(acting, settings, here.resident_ids[0])
    starts = clock.now + timedelta(hours=1)
    with acting() as act:
        event = events.create(
            act,
            world.community(act, here.community_id),
            title="整理绿地",
            service="environment",
            place="中心花园",
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
        )
        events.publish(act, event)
        number = event.id
    for hours, passes in ((0, door.check_in), (2, door.check_out)):
        clock.now = starts + timedelta(hours=hours)
        with acting() as act:
            passes(act, events.load(act, number, here.community_id), code)
    with acting() as act:
        event = events.load(act, number, here.community_id)
        ready = sheet.draw(act, event).points_ready
        awarding.award_event(act, event, round_number=1, points=ready).result()
    return code


def test_a_complaint_is_recorded_decided_by_a_second_person_and_read_by_the_resident(
    device: Callable[..., Page], chromium: Browser, site: Flask, here: World, card: str
) -> None:
    faults: dict[str, list[str]] = {}

    def step(page: Page, name: str) -> None:
        faults[name] = faults_of(page)

    first = device(chromium, "organiser", TABLET)
    first.goto("/office/events/complaints")
    step(first, "none yet")
    first.goto("/office/events/1/sheet/1")
    first.get_by_role("link", name="登记投诉").click()
    first.locator("main form button[type=submit]").click()
    expect(first.locator("#f-reason-error")).to_be_visible()
    step(first, "nothing said")
    first.locator("[name=reason]").fill("示例：中途离开")
    first.locator("main form button[type=submit]").click()
    expect(first.locator("main")).to_contain_text("这是您登记的")
    expect(first.get_by_role("button", name="认定")).to_have_count(0)
    step(first, "one's own")

    second = device(chromium, "organiser2", DESKTOP)
    second.goto("/office/events/complaints")
    step(second, "one waits")
    second.get_by_role("link", name="示例：中途离开").click()
    step(second, "to be decided")
    for decision in ("uphold", "dismiss"):
        second.locator(f"form[action$={decision}] button").click()
        expect(second.locator("[id=f-finding]")).to_have_count(1)
        refused = second.locator(f"form[action$={decision}] #f-finding-error")
        expect(refused).to_be_visible()
        step(second, f"{decision}: nothing found")
    second.locator("form[action$=uphold] [name=finding]").fill("示例：情况属实")
    second.get_by_role("button", name="追回 20 积分").click()
    expect(second.locator("main")).to_contain_text("示例：情况属实")
    step(second, "upheld")

    phone = device(chromium, viewport=PHONE)
    phone.goto(f"/c/{card}")
    phone.locator("[name=pin]").fill(doors.PIN)
    phone.get_by_role("button", name="查看我的积分").click()
    phone.wait_for_url("**/me")
    phone.goto("/me/events/1")
    expect(phone.locator("main")).to_contain_text("示例：情况属实")
    step(phone, "read")

    first.reload()
    first.locator("details.confirm summary").click()
    first.locator("form[action$=lift] button").click()
    step(first, "lifted: nothing said")
    first.locator("form[action$=lift] [name=reason]").fill("示例：认错了人")
    first.locator("form[action$=lift] button").click()
    expect(first.locator("main")).to_contain_text("示例：认错了人")
    step(first, "lifted")
    assert {name: found for name, found in faults.items() if found} == {}
