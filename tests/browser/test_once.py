"""Tapped twice, confirmed in two tabs, or answered into the void: points are taken once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from merchants.checkout import Redemption
from rewards.volunteering.attendance import Attendance
from tests.conftest import Acting
from tests.merchants.shop import Counter

pytestmark = pytest.mark.one_database

TAKE = "form[action$='/till/redeem']"


@pytest.fixture
def till(device, chromium: Browser, counter: Counter) -> Page:
    """A till that asks whether to take the tea's 30 points from the card."""
    page: Page = device(chromium, "cashier")
    ask(page, counter)
    return page


def ask(page: Page, counter: Counter) -> None:
    page.goto("/till")
    page.locator("#f-code").fill(counter.shop.card_code)
    page.locator("#f-code").press("Enter")
    page.locator("a.offer", has_text="示例清茶").click()
    expect(page.locator(".till-take")).to_be_visible()


def redemptions(acting: Acting) -> list[str]:
    with acting() as act:
        return list(act.session.scalars(select(Redemption.receipt_number)))


def lose_the_answer(page: Page) -> Callable[[Route], None]:
    """The server does as it is asked, but neither page nor cookie comes back."""

    def through(route: Route) -> None:
        kept = page.context.cookies()
        assert route.fetch(max_redirects=0).status == 303
        page.context.add_cookies(kept)  # type: ignore[arg-type]
        route.abort()

    return through


def test_a_double_tap_takes_once(till: Page, counter: Counter, acting: Acting) -> None:
    till.locator(".till-take").dblclick()
    expect(till.locator(".till-verdict.verdict--done")).to_be_visible()
    assert len(redemptions(acting)) == 1
    assert counter.spendable() == 70


def test_two_tabs_take_once_and_show_one_receipt(
    till: Page, counter: Counter, acting: Acting
) -> None:
    other = till.context.new_page()
    other.goto(till.url)
    for tab in (till, other):  # the second does not wait for the first
        tab.locator(TAKE).evaluate("(form) => form.requestSubmit()")
    for tab in (till, other):
        tab.wait_for_url("**/till/receipts/*")
    [number] = redemptions(acting)
    assert till.url == other.url
    assert till.url.endswith(number)
    assert counter.spendable() == 70


def test_a_lost_answer_is_found_by_confirming_again(
    till: Page, counter: Counter, acting: Acting
) -> None:
    till.route("**/till/redeem", lose_the_answer(till), times=1)
    till.locator(".till-take").click()
    till.wait_for_url("chrome-error://chromewebdata/")
    [number] = redemptions(acting)
    till.go_back()
    till.locator(".till-take").click()
    till.wait_for_url(f"**/till/receipts/{number}")
    expect(till.locator(".till-verdict.verdict--done")).to_contain_text("30")
    assert redemptions(acting) == [number]
    assert counter.spendable() == 70


def test_a_second_purchase_alike_is_first_told_of_the_first(
    till: Page, counter: Counter, acting: Acting
) -> None:
    till.locator(".till-take").click()
    till.wait_for_url("**/till/receipts/*")
    [number] = redemptions(acting)
    ask(till, counter)
    expect(till.locator(".verdict--look")).to_contain_text("刚刚付过")
    expect(till.locator(f".verdict--look a[href$='{number}']")).to_be_visible()
    till.locator(".till-take").click()
    till.wait_for_url(lambda url: "/till/receipts/" in url and not url.endswith(number))
    assert len(redemptions(acting)) == 2


def test_an_answer_lost_at_the_door_leaves_the_code_for_a_second_try(
    device, chromium: Browser, counter: Counter, acting: Acting, event_id: int
) -> None:
    door = device(chromium, "organiser")
    door.goto(f"/office/events/{event_id}/door")
    door.route("**/door", lose_the_answer(door), times=1)
    door.locator("#f-code").fill(counter.shop.card_code)
    door.locator("#f-code").press("Enter")
    expect(door.locator("[data-scan-say]")).to_contain_text("请检查网络")
    expect(door.locator("#f-code")).to_have_value(counter.shop.card_code)
    door.faults.remove("Failed to load resource: net::ERR_FAILED")  # as was asked for
    door.locator("#f-code").press("Enter")
    expect(door.locator("#status .verdict--problem")).to_contain_text("09:00 已经签到过")
    expect(door.locator("#door-list .entry")).to_have_count(1)
    with acting() as act:
        assert len(act.session.scalars(select(Attendance)).all()) == 1
