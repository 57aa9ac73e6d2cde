"""Where scripts are off, only the camera is missing: the till works by typing."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from merchants.checkout import Redemption
from tests.conftest import Acting
from tests.merchants.shop import Counter

pytestmark = pytest.mark.one_database


def test_the_till_works_without_scripts(
    device, chromium: Browser, counter: Counter, acting: Acting
) -> None:
    till = device(chromium, "cashier", scripts=False)
    till.goto("/till")
    expect(till.locator("[data-scan-start]")).to_be_hidden()
    till.locator("#f-code").fill(counter.shop.card_code.lower())
    till.locator("form.scan button[type=submit]").click()
    till.locator("a.offer", has_text="示例清茶").click()
    till.locator(".till-take").dblclick()  # nothing here holds the second tap back
    expect(till.locator(".till-verdict.verdict--done")).to_contain_text("30")
    assert counter.spendable() == 70
    till.locator("details.confirm summary").click()
    till.locator("details.confirm [name=why]").first.check()
    till.locator("details.confirm button[type=submit]").click()
    expect(till.locator(".till-verdict.verdict--look")).to_be_visible()
    assert counter.spendable() == 100
    with acting() as act:
        [redemption] = act.session.scalars(select(Redemption))
        assert redemption.voided
