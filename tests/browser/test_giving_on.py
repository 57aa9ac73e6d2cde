"""Points given on by two neighbours with their phones: scanned, checked, told, taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest
import qrcode
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from rewards import cards
from rewards.settings import Settings
from tests.browser.conftest import PHONE, film
from tests.browser.test_pages import faults_of
from tests.conftest import Acting
from tests.giving_on.conftest import Street
from tests.web import doors

pytestmark = pytest.mark.one_database


@pytest.fixture
def street(site: Flask, acting: Acting, settings: Settings) -> Street:
    made = Street(acting)
    made.pay_in(50)
    key = cards.activation_key(settings.secret_key)
    with acting() as act:
        for number in (made.giver, made.neighbour):
            card = cards.find(act, made.codes[number])
            code = cards.activation_code(card, key)
            assert cards.activate(act, card, code, doors.PIN, key) is None
    return made


def come_in(page: Page, code: str) -> None:
    page.goto(f"/c/{code}")
    page.locator("input[name=pin]").fill(doors.PIN)
    page.get_by_role("button", name="查看我的积分").click()
    page.wait_for_url("**/me")


def test_a_neighbour_s_card_is_scanned_and_the_gift_is_taken_back(
    device: Callable[..., Page],
    launch: Callable[..., Browser],
    chromium: Browser,
    street: Street,
    settings: Settings,
    tmp_path: Path,
) -> None:
    picture = tmp_path / "neighbour.png"
    qrcode.make(cards.address(settings.public_url, street.codes[street.neighbour])).save(picture)
    phone = device(launch(camera=film(picture, tmp_path / "neighbour.mjpeg")), viewport=PHONE)
    faults: dict[str, list[str]] = {}
    come_in(phone, street.codes[street.giver])
    phone.get_by_role("link", name="转赠积分").click()
    phone.get_by_role("link", name="转赠积分").last.click()
    faults["choose"] = faults_of(phone)
    phone.locator("[data-scan-start]").click()
    phone.wait_for_url("**/give-on/amount")
    expect(phone.locator("h1")).to_contain_text("示***")
    faults["amount"] = faults_of(phone)
    phone.get_by_label("给多少分").fill("51")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator("#f-points-error")).to_contain_text("还差 1 分")
    phone.get_by_label("给多少分").fill("２０")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator("h1")).to_contain_text("把 20 积分转给示***")
    faults["check"] = faults_of(phone)
    phone.get_by_label("您的密码").fill(doors.PIN)
    phone.get_by_role("button", name="转赠 20 积分").dblclick()
    expect(phone.locator(".success")).to_contain_text("已把 20 积分转给示***")
    faults["done"] = faults_of(phone)
    assert (street.spendable(), street.spendable(street.neighbour)) == (30, 20)

    other = device(chromium, viewport=PHONE)
    come_in(other, street.codes[street.neighbour])
    told = other.locator(".panel", has_text="邻居转给您的")
    expect(told).to_contain_text("示***转来")
    expect(told).to_contain_text("+20")
    faults["told"] = faults_of(other)

    phone.locator("details.confirm summary").click()
    phone.get_by_role("button", name="是，收回").click()
    expect(phone.locator(".status")).to_contain_text("转赠已撤销")
    assert (street.spendable(), street.spendable(street.neighbour)) == (50, 0)
    other.reload()
    expect(other.locator(".panel", has_text="邻居转给您的")).to_contain_text("转赠已撤销")
    assert {step: found for step, found in faults.items() if found} == {}
    assert street.drifts() == []
