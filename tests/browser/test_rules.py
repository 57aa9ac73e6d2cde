"""New points rules from the first look at a ready-made scheme to a resident who asks "why?"."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from rewards import staff
from rewards.settings import Settings
from rewards.staff import Role
from tests import world
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.conftest import Acting, FakeClock
from tests.web import doors
from tests.world import World

Device = Callable[..., Page]


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        second = world.person(act, "admin2", "管理员乙")
        staff.grant(act, second, Role.ADMINISTRATOR, programme_id=made.programme_id)
        return made


def test_new_rules_from_a_preset_to_the_reason_of_an_award(
    device: Device,
    chromium: Browser,
    here: World,
    clock: FakeClock,
    acting: Acting,
    settings: Settings,
) -> None:
    card = doors.activated(acting, settings, here.resident_ids[0])
    serve(device(chromium, "organiser", TABLET), clock, card, day=20)
    first = device(chromium, "admin", DESKTOP)
    draft = begin(first)
    change_the_rate(first)
    try_out(first, draft)
    submit(first, draft)
    approve(device(chromium, "admin2", TABLET), draft)
    phone = device(chromium, viewport=PHONE)
    phone.goto("/rules")
    expect(phone.get_by_role("heading", name="自2026年12月1日起")).to_be_visible()

    serve(device(chromium, "organiser", TABLET), clock, card, day=28)
    clock.now = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    serve(device(chromium, "organiser", TABLET), clock, card, day=31)
    phone.goto(f"/c/{card}")
    phone.locator("[name=pin]").fill(doors.PIN)
    phone.locator("main form:has([name=pin]) button[type=submit]").first.click()
    phone.wait_for_url("**/me")
    phone.goto("/me/statement")
    # Two hours each: before the day by the rules of then, after it by the new ones.
    awards = phone.locator(".entry")
    expect(awards.nth(0)).to_contain_text("+6")
    expect(awards.nth(0)).to_contain_text("每小时 3 分")
    expect(awards.nth(1)).to_contain_text("+20")
    expect(awards.nth(1)).to_contain_text("每小时 10 分")


def begin(admin: Page) -> str:
    """Choose a ready-made scheme; answers the draft's address."""
    admin.goto("/office/schemes")
    admin.get_by_role("link", name="新建规则").click()
    admin.locator(".preset", has_text="海林").get_by_role("link").click()
    admin.get_by_role("button", name="以此开始").first.click()
    admin.wait_for_url("**/drafts/*")
    return admin.url.split("#")[0]


def change_the_rate(admin: Page) -> None:
    """Three points an hour instead of one: the sentence follows what is typed."""
    rule = admin.locator("#rule-hours")
    expect(rule).to_contain_text("每小时 1 分")
    rule.get_by_role("link", name="修改").click()
    admin.locator("[name=points]").fill("3")
    expect(admin.locator("#words")).to_contain_text("每小时 3 分")
    admin.get_by_role("button", name="保存规则").click()
    expect(admin.locator("#rule-hours")).to_contain_text("每小时 3 分")


def test_what_is_typed_before_the_script_has_come_is_said(
    device: Device, chromium: Browser, here: World
) -> None:
    admin = device(chromium, "admin", DESKTOP)
    begin(admin)
    held: list[Route] = []
    admin.route("**/schemes.js*", lambda route: held.append(route))
    admin.locator("#rule-hours").get_by_role("link", name="修改").click(no_wait_after=True)
    admin.locator("[name=points]").fill("3")
    expect(admin.locator("#words")).to_contain_text("每小时 1 分")
    for route in held:
        route.continue_()
    expect(admin.locator("#words")).to_contain_text("每小时 3 分")


def try_out(admin: Page, draft: str) -> None:
    """What would the deed of the 20th have brought by the draft?"""
    admin.goto(draft)
    admin.get_by_role("link", name="试算").click()
    admin.locator("[name=first]").fill("2026-11-01")
    admin.locator("[name=last]").fill("2026-11-20")
    admin.locator("main form button[type=submit]").first.click()
    expect(admin.get_by_text("示例居民1").first).to_be_visible(timeout=60_000)


def submit(admin: Page, draft: str) -> None:
    admin.goto(f"{draft}/compare")
    changed = admin.locator(".compare__row--changed", has_text="志愿服务时长")
    expect(changed.locator(".compare__before")).to_contain_text("每小时 10 分")
    expect(changed.locator(".compare__after")).to_contain_text("每小时 3 分")
    admin.get_by_role("link", name="提交").click()
    admin.locator("[name=effective_on]").fill("2026-12-01")
    admin.get_by_role("button", name="提交").click()
    expect(admin.get_by_role("heading", name="已提交")).to_be_visible()
    admin.goto(f"{draft}/decide")
    expect(admin.get_by_role("button", name="批准")).to_have_count(0)


def approve(second: Page, draft: str) -> None:
    second.goto("/office/schemes")
    second.get_by_role("link", name="海林").click()
    second.get_by_role("link", name="去批准").click()
    expect(second.locator(".compare__after", has_text="每小时 3 分")).to_be_visible()
    second.get_by_role("button", name="批准").click()
    expect(second.get_by_role("heading", name="已批准")).to_be_visible()


def serve(organiser: Page, clock: FakeClock, card: str, day: int) -> None:
    """An event of two hours on that day after 31 October, its door and its award."""
    midnight = datetime(2026, 11, 1, tzinfo=UTC).timestamp() + (day - 1) * 86_400

    def at(hour: int, minute: int) -> datetime:
        clock.now = datetime.fromtimestamp(midnight + (hour - 8) * 3600 + minute * 60, UTC)
        return clock.now

    local = f"{at(9, 0):%Y-%m-%d}"
    organiser.goto("/office/events/new")
    organiser.locator("[name=title]").fill(f"示例清洁日{day}")
    organiser.locator("[name=service]").select_option("environment")
    organiser.locator("[name=place]").fill("中心花园")
    organiser.locator("[name=starts_at]").fill(f"{local}T10:00")
    organiser.locator("[name=ends_at]").fill(f"{local}T12:00")
    organiser.locator("main form button[type=submit]").first.click()
    organiser.locator("form[action$=publish] button").click()
    event = re.sub(r"[?#].*", "", organiser.url)
    for mode, hour in (("in", 10), ("out", 12)):
        at(hour, 0)
        organiser.goto(f"{event}/door?mode={mode}")
        organiser.locator("[data-scan-code]").fill(card)
        organiser.locator("form.scan button[type=submit]").click()
        expect(organiser.locator("#status .verdict--done")).to_be_visible()
    at(12, 30)
    organiser.goto(f"{event}/award")
    organiser.locator("form[action$=award] button[type=submit]").click()
    expect(organiser.locator("main")).to_contain_text("示例清洁日")
