"""A page after the first asks the service for itself alone: its files are kept."""

import pytest
from playwright.sync_api import Browser

from tests.merchants.shop import Counter

pytestmark = pytest.mark.one_database

# By name, how many bytes of each file of the page came over the network. Icons, which Chromium
# loads for the window besides, it may ask for on its own.
SENT = """
() => performance.getEntriesByType('resource').map(
  (file) => [new URL(file.name).pathname, file.transferSize]
)
"""


def test_a_cashier_s_second_page_fetches_no_file_again(
    device, chromium: Browser, counter: Counter
) -> None:
    till = device(chromium, "cashier")
    till.goto("/till")
    shown = {name for name, _ in till.evaluate(SENT) if name.endswith((".css", ".js"))}
    till.locator("[data-scan-code]").fill(counter.shop.card_code)
    till.locator("form.scan button[type=submit]").click()
    till.wait_for_url("**/till/customer")
    sent = dict(till.evaluate(SENT))
    again = shown & sent.keys()
    assert {name.rsplit("/", 1)[1] for name in again} >= {"base.css", "till.css", "scan.js"}
    assert {name: sent[name] for name in again if sent[name]} == {}
