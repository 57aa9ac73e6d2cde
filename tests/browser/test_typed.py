"""What somebody typed outlives an ended session and a photo that is far too large."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from rewards import cards
from rewards.settings import Settings
from rewards.suggestions import Suggestion
from rewards.volunteering.events import Event
from tests import world
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import START, Acting
from tests.merchants.shop import Counter

pytestmark = pytest.mark.one_database

PIN = "284617"
WORDS = "三号楼门前的路灯坏了。\n晚上看不见台阶。"


@pytest.fixture
def phone(device, chromium: Browser, settings: Settings, acting: Acting, counter: Counter) -> Page:
    """A resident on their own page."""
    key = cards.activation_key(settings.secret_key)
    with acting() as act:
        card = cards.find(act, counter.shop.card_code)
        assert cards.activate(act, card, cards.activation_code(card, key), PIN, key) is None
    page: Page = device(chromium, viewport=PHONE)
    page.goto(f"/c/{counter.shop.card_code}")
    enter_pin(page)
    page.wait_for_url("**/me")
    return page


def enter_pin(page: Page) -> None:
    page.locator("[name=pin]").fill(PIN)
    page.locator("form.form button[type=submit]").click()


def write(page: Page) -> None:
    page.goto("/me/suggest/new")
    page.locator("[name=text]").fill(WORDS)
    page.locator("[name=category][value=facilities]").check()
    page.locator("[name=place]").fill("三号楼")


def send(page: Page) -> None:
    page.locator("main form.form button[type=submit]").click()


def sign_out_elsewhere(page: Page) -> None:
    """By the button of another tab."""
    other = page.context.new_page()
    other.goto("/")
    with other.expect_navigation():
        other.locator("form[action$='/sign-out']").first.evaluate("(form) => form.submit()")
    other.close()


def suggestions(acting: Acting) -> list[Suggestion]:
    with acting() as act:
        found = list(act.session.scalars(select(Suggestion)))
        act.session.expunge_all()
        return found


def test_an_event_typed_while_the_session_ended_arrives_after_signing_in(
    device, chromium: Browser, acting: Acting, counter: Counter
) -> None:
    office = device(chromium, "organiser", DESKTOP)
    office.goto("/office/events/new")
    office.locator("[name=title]").fill("示例清洁日")
    office.locator("[name=service]").select_option("environment")
    office.locator("[name=place]").fill("中心花园")
    office.locator("[name=starts_at]").fill("2026-11-21T10:00")
    office.locator("[name=ends_at]").fill("2026-11-21T12:00")
    office.locator("[name=description]").fill("请带手套。\n有“热水”。")
    sign_out_elsewhere(office)
    office.locator("main form.form button[type=submit]").click()
    office.get_by_label("用户名").fill("organiser")
    office.get_by_label("密码", exact=True).fill("not the password")
    office.get_by_role("button", name="登录").click()
    office.get_by_label("密码", exact=True).fill(world.PASSWORD)
    office.get_by_role("button", name="登录").click()
    expect(office.locator(".kept")).to_contain_text("示例清洁日")
    office.get_by_role("button", name="现在提交").click()
    office.wait_for_url("**/office/events/*")
    with acting() as act:
        [event] = act.session.scalars(select(Event))
        assert (event.title, event.starts_at) == ("示例清洁日", START + timedelta(days=1, hours=1))
        assert event.description.splitlines() == ["请带手套。", "有“热水”。"]


def test_a_suggestion_typed_while_the_session_ended_arrives_after_card_and_pin(
    phone: Page, acting: Acting, counter: Counter
) -> None:
    write(phone)
    sign_out_elsewhere(phone)
    send(phone)
    assert suggestions(acting) == []
    phone.locator("#f-code").fill(counter.shop.card_code)
    phone.locator("#f-code").press("Enter")
    enter_pin(phone)
    expect(phone.locator(".kept")).to_contain_text("晚上看不见台阶")
    phone.get_by_role("button", name="现在提交").click()
    phone.wait_for_url("**/sent")
    [sent] = suggestions(acting)
    assert (sent.text.splitlines(), sent.place) == (WORDS.splitlines(), "三号楼")
    assert sent.category == "facilities"


def test_a_photo_of_50_megabytes_is_refused_by_name_and_the_words_are_kept(
    phone: Page, acting: Acting, settings: Settings, site: Flask, tmp_path: Path
) -> None:
    large = tmp_path / "huge.jpg"
    with large.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(50 * 1024 * 1024)
    write(phone)
    phone.locator("#f-photos").set_input_files(large)
    send(phone)
    expect(phone.locator(".error-summary")).to_contain_text("huge.jpg”超过 10 MB")
    expect(phone.locator("[name=text]")).to_have_value(WORDS)
    expect(phone.locator("[name=category][value=facilities]")).to_be_checked()
    expect(phone.locator("[name=place]")).to_have_value("三号楼")
    assert suggestions(acting) == []
    assert not (settings.instance / "photos").exists()
    send(phone)  # without it
    phone.wait_for_url("**/sent")
    assert len(suggestions(acting)) == 1
