"""A card is read by camera, by hand scanner, or by eye and hand; each as a browser does it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import qrcode
from playwright.sync_api import Browser, Page, Request, expect
from sqlalchemy import select

from merchants.checkout import Redemption
from rewards import cards
from rewards.settings import Settings
from rewards.volunteering.attendance import Attendance
from tests.browser.conftest import FAKE_CAMERA, film
from tests.conftest import Acting, FakeClock
from tests.merchants.shop import Counter

pytestmark = pytest.mark.one_database

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # as the browser's own clock shows it
PRESS = """
(keys) => keys.forEach((key) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true })
))
"""
READ_AT = "(at) => sessionStorage.getItem('scan-last')?.endsWith(` ${at}`)"


@pytest.fixture
def address(counter: Counter, settings: Settings) -> str:
    """What the card's QR code holds."""
    return cards.address(settings.public_url, counter.shop.card_code)


@pytest.fixture
def showing(launch, tmp_path: Path) -> Callable[[str], Browser]:
    """``showing(text)`` is a browser before whose camera *text*'s QR code lies."""

    def show(text: str) -> Browser:
        picture = tmp_path / "code.png"
        qrcode.make(text).save(picture)
        return launch(camera=film(picture, tmp_path / "code.mjpeg"))

    return show


def posts(page: Page, path: str) -> list[Request]:
    """The forms that are sent to *path* from now on."""
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.method == "POST" and path in r.url else None)
    return sent


def hold(page: Page, *seconds: float) -> None:
    """Keep the code in view, and see it read so many seconds after noon."""
    for after in seconds:
        moment = NOON + timedelta(seconds=after)
        page.clock.set_fixed_time(moment)
        page.wait_for_function(READ_AT, arg=int(moment.timestamp() * 1000))


def start(page: Page) -> None:
    page.clock.set_fixed_time(NOON)
    page.locator("[data-scan-start]").click()


def found(page: Page) -> None:
    """The till has found the card, and shows what it can spend."""
    page.wait_for_url("**/till/customer")
    expect(page.locator(".till-holder__points")).to_have_text("100")


def let_in(acting: Acting) -> list[tuple[str, str | None]]:
    """How each one came in, and went out, by the event's sheet."""
    with acting() as act:
        rows = act.session.execute(select(Attendance.in_way, Attendance.out_way))
        return [tuple(row) for row in rows]


# ── camera ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("flags", "allowed", "words"),
    [
        ([FAKE_CAMERA], False, "没有使用摄像头的权限"),
        ([], True, "没有找到摄像头"),
    ],
    ids=["refused", "missing"],
)
def test_without_the_camera_the_same_page_takes_a_typed_code(
    counter: Counter, device, launch, flags: list[str], allowed: bool, words: str
) -> None:
    till = device(launch(flags=flags), "cashier")
    if not allowed:
        till.context.clear_permissions()
    till.goto("/till")
    till.locator("[data-scan-start]").click()
    expect(till.locator("[data-scan-say]")).to_contain_text(words)
    expect(till.locator("[data-scan-view]")).to_be_hidden()
    expect(till.locator("[data-scan-start]")).to_be_enabled()
    till.locator("#f-code").fill(counter.shop.card_code)
    till.locator("#f-code").press("Enter")
    found(till)


def test_a_card_left_lying_before_the_till_is_read_once(
    device, showing, counter: Counter, address: str
) -> None:
    till = device(showing(address), "cashier")
    sent = posts(till, "/till/card")
    till.goto("/till")
    start(till)
    found(till)
    till.goto("/till")  # where the camera goes on by itself
    hold(till, 2, 4, 6, 8)
    assert len(sent) == 1
    till.clock.set_fixed_time(NOON + timedelta(seconds=11.1))
    found(till)
    assert len(sent) == 2


def test_a_card_held_at_the_door_checks_in_once_and_a_second_pass_is_told_of_the_first(
    device, showing, acting: Acting, event_id: int, address: str, clock: FakeClock
) -> None:
    door = device(showing(address), "organiser")
    sent = posts(door, "/door")
    door.goto(f"/office/events/{event_id}/door")
    start(door)
    expect(door.locator("#status .verdict--done")).to_contain_text("示***")
    expect(door.locator("#door-list .entry")).to_have_count(1)
    hold(door, 2, 4, 6, 8)
    expect(door.locator("#status .verdict--done")).to_be_visible()
    assert len(sent) == 1
    clock.forward(minutes=20)
    door.clock.set_fixed_time(NOON + timedelta(seconds=11.1))
    expect(door.locator("#status .verdict--problem")).to_contain_text("09:00 已经签到过")
    assert len(sent) == 2
    assert let_in(acting) == [("scanned", None)]


def test_a_qr_code_of_something_else_is_refused_in_words(
    device, showing, counter: Counter, acting: Acting, event_id: int
) -> None:
    browser = showing("https://pay.example/0001")
    till = device(browser, "cashier")
    sent = posts(till, "/till/card")
    till.goto("/till")
    start(till)
    expect(till.locator(".verdict--problem")).to_contain_text("这不是服务卡")
    hold(till, 2, 4)
    assert len(sent) == 1, "what lies there is refused once, not again and again"
    till.goto("/till/customer")
    till.wait_for_url("**/till")
    door = device(browser, "organiser")
    door.goto(f"/office/events/{event_id}/door")
    start(door)
    expect(door.locator("#status .verdict--problem")).to_contain_text("这不是服务卡")
    assert let_in(acting) == []
    with acting() as act:
        assert act.session.scalars(select(Redemption)).all() == []


# ── hand scanner ────────────────────────────────────────────────────


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_a_hand_scanner_needs_no_field(
    device, chromium: Browser, acting: Acting, event_id: int, address: str, end: str
) -> None:
    till = device(chromium, "cashier")
    till.goto("/till")
    assert till.evaluate("document.activeElement === document.body")
    till.keyboard.type(address, delay=2)
    till.keyboard.press(end)
    found(till)
    till.keyboard.type(address, delay=2)  # the next customer's, with no field on the page
    with till.expect_navigation(url="**/till/customer"):
        till.keyboard.press(end)
    door = device(chromium, "organiser")
    door.goto(f"/office/events/{event_id}/door")
    door.locator("a[href$='mode=out']").focus()  # which the scanner's Enter must not follow
    door.keyboard.type(address, delay=2)
    door.keyboard.press(end)
    expect(door.locator("#status .verdict--done")).to_contain_text("示***")
    assert let_in(acting) == [("scanned", None)]


def test_a_scan_into_the_field_is_taken_once(
    device, chromium: Browser, counter: Counter, address: str
) -> None:
    till = device(chromium, "cashier")
    sent = posts(till, "/till/card")
    till.goto("/till")
    till.locator("#f-code").focus()
    till.keyboard.type(address, delay=2)
    till.keyboard.press("Enter")
    found(till)
    assert [request.post_data_json["code"] for request in sent] == [address]


def test_a_scan_while_something_else_is_typed_stays_in_that_field(
    device, chromium: Browser, counter: Counter
) -> None:
    till = device(chromium, "cashier")
    till.goto("/till")
    till.keyboard.type(counter.shop.card_code, delay=2)
    till.keyboard.press("Enter")
    found(till)
    till.locator("#f-points").focus()
    till.keyboard.type("30", delay=2)
    till.keyboard.press("Enter")
    till.wait_for_url("**/till/confirm?*")
    expect(till.locator(".till-sum")).to_have_text("30")


@pytest.mark.parametrize("method", ["full width", "kept by the input method"])
def test_a_hand_scanner_is_read_through_a_chinese_input_method(
    device, chromium: Browser, counter: Counter, method: str
) -> None:
    def key(letter: str) -> dict[str, str]:
        if method == "full width":
            return {"key": chr(ord(letter) + 0xFEE0)}
        return {"key": "Process", "code": f"{'Digit' if letter.isdigit() else 'Key'}{letter}"}

    till = device(chromium, "cashier")
    till.goto("/till")
    end = {"key": "Enter"} if method == "full width" else {"key": "Process", "code": "Enter"}
    till.evaluate(PRESS, [*map(key, counter.shop.card_code), end])
    found(till)


# ── by hand ─────────────────────────────────────────────────────────


def test_a_code_is_typed_as_people_write_it(device, chromium: Browser, counter: Counter) -> None:
    code = counter.shop.card_code
    groups = [code[i : i + 4] for i in range(0, 16, 4)]
    till = device(chromium, "cashier")
    for written in (
        "  ".join(groups).lower() + " ",
        "-".join(groups),
        "".join(chr(ord(letter) + 0xFEE0) for letter in code),
        "　".join(groups),
    ):
        till.goto("/till")
        till.locator("#f-code").fill(written)
        till.locator("form.scan button[type=submit]").click()
        found(till)


def test_a_slip_in_a_typed_code_is_put_right_in_its_place(
    device, chromium: Browser, counter: Counter, event_id: int
) -> None:
    code = counter.shop.card_code
    till = device(chromium, "cashier")
    till.goto("/till")
    till.locator("#f-code").fill(code[:-1])
    till.locator("#f-code").press("Enter")
    expect(till.locator(".verdict--problem")).to_contain_text("16位卡号")
    till.locator("#f-code").press("End")
    till.keyboard.type(code[-1])
    till.keyboard.press("Enter")
    found(till)
    door = device(chromium, "organiser")
    door.goto(f"/office/events/{event_id}/door")
    door.locator("#f-code").fill(code[:-1])
    door.locator("#f-code").press("Enter")
    expect(door.locator("#status .verdict--problem")).to_contain_text("16位卡号")
    door.locator("#f-code").press("End")
    door.keyboard.type(code[-1])
    door.keyboard.press("Enter")
    expect(door.locator("#status .verdict--done")).to_contain_text("示***")
    expect(door.locator("#f-code")).to_have_value("")
