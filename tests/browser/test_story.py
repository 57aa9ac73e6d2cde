"""The main job from end to end, by the people who do it, with nothing played but time.

Stripe's far side is a double; its webhook is truly signed. Everything else is real: the
database, the file, the printed page in front of the camera, the browser.
"""

import io
import json
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pdfplumber
import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from merchants import offers
from merchants.checkout import Redemption
from merchants.partners import Merchant
from rewards import ledger
from rewards.cards import Card
from rewards.donations import causes
from rewards.ledger.model import Lot
from rewards.settings import Settings
from tests.browser.conftest import DESKTOP, PHONE, TABLET, film, person, sign_in
from tests.conftest import Acting, FakeClock
from tests.merchants import shop
from tests.stripe_double import StripeDouble, completed, signed

HEADER = "姓名,手机,楼栋,备注"
PEOPLE = [f"示例住户{i},138111100{i:02d},{i}号楼,示例" for i in range(1, 10)] + [
    "示例住户䶮,,,示例"
]
PIN = "284617"


@dataclass
class Story:
    """What the chapters hand on to one another."""

    site: Flask
    settings: Settings
    clock: FakeClock
    acting: Acting
    folder: Path
    stripe: StripeDouble
    shop: shop.Shop
    plain: Browser
    faults: list[str] = field(default_factory=list)

    def device(self, browser: Browser, viewport: dict[str, int]) -> Page:
        page = person(browser, self.settings.public_url, viewport)
        page.faults = self.faults  # type: ignore[attr-defined]
        return page

    def staff(self, browser: Browser, username: str, viewport: dict[str, int]) -> Page:
        page = self.device(browser, viewport)
        sign_in(page, username)
        return page

    def at(self, hour: int, minute: int) -> None:
        """Move the clock to that time of the day in Beijing."""
        self.clock.now = datetime(2026, 11, 20, hour - 8, minute, tzinfo=UTC)


@dataclass
class Printed:
    """A card as it came from the printer, and the slip that came with it."""

    address: str
    activation_code: str
    film: Path

    @property
    def code(self) -> str:
        return self.address.rsplit("/", 1)[1]


@pytest.fixture
def story(site, settings, clock, acting, tmp_path, launch) -> Story:
    double = StripeDouble(page=settings.public_url + "/places?session={id}")
    site.extensions["stripe_http_client"] = double
    with acting() as act:
        made = shop.build(act)
        causes.add(act, made.world.community_id, title="示例助学", description="添置文具。")
    return Story(site, settings, clock, acting, tmp_path, double, made, launch())


def test_the_story(story: Story, launch) -> None:
    admin = story.staff(story.plain, "admin", DESKTOP)
    import_residents(story, admin)
    card = print_cards(story, admin)
    camera = launch(camera=card.film)
    volunteer(story, camera)
    phone = activate(story, card)
    spend_and_undo(story, camera, card)
    give(story, phone)
    suggest(story, phone)
    read_statement(phone)
    with story.acting() as act:
        assert list(ledger.verify(act.session)) == []
    assert story.faults == []


def import_residents(story: Story, admin: Page) -> None:
    file = story.folder / "住户.csv"
    file.write_bytes("\n".join([HEADER, *PEOPLE]).encode("gb18030"))
    admin.goto("/office/imports")
    admin.locator("input[type=file]").set_input_files(file)
    admin.locator("main form.form button[type=submit]").click()
    expect(admin.get_by_text("示例住户䶮")).to_be_visible()
    admin.locator("form[action$=confirm] button").click()
    expect(admin.get_by_role("heading", name=re.compile("10"))).to_be_visible()


def print_cards(story: Story, admin: Page) -> Printed:
    """Get both PDFs; show the first card of the rendered page to a camera."""
    admin.goto("/office/cards/print")
    files = {}
    for name, action in (("cards", "print"), ("slips", "print-slips")):
        with admin.expect_download() as download:
            admin.locator(f"form[action$='/{action}'] button[type=submit]").click()
        files[name] = story.folder / f"{name}.pdf"
        download.value.save_as(files[name])
    subprocess.run(
        ["pdftoppm", "-r", "200", "-f", "1", "-l", "1", "-png", files["cards"], files["cards"]],
        check=True,
    )
    [page] = story.folder.glob("cards.pdf*.png")
    sheet = Image.open(page)
    # The first of the ten: the left half of the first of five rows.
    first = sheet.crop((0, 0, sheet.width // 2, sheet.height // 5))
    [read] = zxingcpp.read_barcodes(first)
    first.save(story.folder / "first-card.png")
    shown = film(story.folder / "first-card.png", story.folder / "card.mjpeg")
    return Printed(read.text, slip_of(files["slips"], read.text), shown)


def name_of(story: Story, address: str) -> str:
    with story.acting() as act:
        code = address.rsplit("/", 1)[1]
        return act.session.scalars(select(Card).where(Card.code == code)).one().resident.name


def slip_of(slips: Path, address: str) -> str:
    """The activation code printed nearest to the end of this card's code."""
    with pdfplumber.open(slips) as document:
        words = " ".join(page.extract_text() for page in document.pages)
    end = words.index(address[-4:])
    codes = re.finditer(r"\b\d{4} \d{4}\b", words)
    return min(codes, key=lambda found: abs(found.start() - end))[0].replace(" ", "")


def volunteer(story: Story, camera: Browser) -> None:
    """Create and publish an event, scan the card in and out, award the sheet."""
    organiser = story.staff(camera, "organiser", TABLET)
    organiser.goto("/office/events/new")
    organiser.locator("[name=title]").fill("示例清洁日")
    organiser.locator("[name=service]").select_option("environment")
    organiser.locator("[name=place]").fill("中心花园")
    organiser.locator("[name=starts_at]").fill("2026-11-20T10:00")
    organiser.locator("[name=ends_at]").fill("2026-11-20T12:00")
    organiser.locator("main form button[type=submit]").first.click()
    organiser.locator("form[action$=publish] button").click()
    event = organiser.url.split("?")[0]
    for mode, hour, minute in (("in", 9, 40), ("out", 11, 50)):
        story.at(hour, minute)
        door = organiser.context.new_page()
        door.goto(f"{event}/door?mode={mode}")
        door.locator("[data-scan-start]").click()
        expect(door.locator("#status .verdict--done")).to_be_visible(timeout=20_000)
        door.close()
    story.at(12, 30)
    organiser.goto(f"{event}/award")
    expect(organiser.get_by_text("18").first).to_be_visible()
    organiser.locator("form[action$=award] button[type=submit]").click()
    expect(organiser.locator("main")).to_contain_text("18")
    organiser.context.close()


def activate(story: Story, card: Printed) -> Page:
    """Open the address in the QR, set a PIN with the slip, and see the points."""
    phone = story.device(story.plain, PHONE)
    phone.goto(card.address)
    assert name_of(story, card.address) not in phone.content()
    phone.locator("[name=activation_code]").fill(card.activation_code)
    phone.locator("[name=new_pin]").fill(PIN)
    phone.locator("[name=new_pin_again]").fill(PIN)
    phone.locator("main form.form button[type=submit]").click()
    expect(phone.locator(".balance")).to_contain_text("18")
    return phone


def spend_and_undo(story: Story, camera: Browser, card: Printed) -> None:
    """Scan at the till, take an offer with a double tap, and give it back."""
    add_offer(story, "示例小点", 10)
    lots = lots_of(story, card)
    till = story.staff(camera, "cashier", TABLET)
    till.goto("/till")
    till.locator("[data-scan-start]").click()
    till.wait_for_url("**/till/customer")
    expect(till.locator(".till-holder")).to_contain_text("示***")
    till.locator("a.offer", has_text="示例小点").click()
    till.locator(".till-take").dblclick()
    expect(till.locator(".till-verdict.verdict--done")).to_be_visible()
    with story.acting() as act:
        assert len(act.session.scalars(select(Redemption)).all()) == 1
    assert sum(lots_of(story, card).values()) == 18 - 10
    till.locator("details.confirm summary").click()
    till.locator("details.confirm [name=why]").first.check()
    till.locator("details.confirm button[type=submit]").click()
    expect(till.locator(".till-verdict.verdict--look")).to_be_visible()
    assert lots_of(story, card) == lots
    till.context.close()


def add_offer(story: Story, title: str, points: int) -> None:
    with story.acting() as act:
        merchant = act.session.get_one(Merchant, story.shop.merchant_id)
        offers.add(act, merchant, title=title, points=points)


def lots_of(story: Story, card: Printed) -> dict[int, int]:
    with story.acting() as act:
        wallet = act.session.scalars(select(Card).where(Card.code == card.code)).one()
        rows = act.session.execute(
            select(Lot.id, Lot.remaining).where(Lot.account_id == wallet.resident.wallet_id)
        )
        return {row.id: row.remaining for row in rows}


def give(story: Story, phone: Page) -> None:
    """Give 50 yuan; Stripe says by a signed webhook, twice, that it is paid."""
    phone.goto("/me/give")
    phone.locator("main a[href^='/me/give/']").first.click()
    phone.locator("button.amount", has_text="¥50").click()
    phone.wait_for_url("**/places?session=**")
    [session] = story.stripe.sessions.values()
    assert (session["amount_total"], session["currency"]) == (5000, "cny")
    body, headers = signed(completed(session), story.settings.stripe_webhook_secret or "")
    for _ in range(2):
        hook = Request(f"{story.settings.public_url}/hooks/stripe", body.encode(), headers)
        with urlopen(hook) as answer:
            assert answer.status == 200, json.load(answer)
    phone.goto(session["success_url"])
    expect(phone.locator("main")).to_contain_text("50")


def suggest(story: Story, phone: Page) -> None:
    """Send a suggestion with a photo; the desk accepts and adopts it."""
    photo = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(photo, "JPEG")
    phone.goto("/me/suggest/new")
    phone.locator("[name=text]").fill("三号楼门前的路灯坏了。")
    phone.locator("[name=category][value=facilities]").check()
    phone.locator("[name=place]").fill("三号楼")
    phone.locator("input[type=file]").set_input_files(
        {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**/sent")
    desk = story.staff(story.plain, "organiser2", DESKTOP)
    desk.goto("/office/suggestions")
    desk.locator("main a[href*='/office/suggestions/']", has_text="路灯").first.click()
    desk.locator("form[action$=accept] button").click()
    desk.locator("a[href$=adopt]").click()
    desk.locator("[name=public_title]").fill("修好三号楼路灯")
    desk.locator("main form.form button[type=submit]").click()
    expect(desk.locator("main")).to_contain_text("20")
    desk.context.close()


def read_statement(phone: Page) -> None:
    """Every point has its line and its reason: 18 earned, 10 spent and returned, 50 and 20."""
    phone.goto("/me")
    expect(phone.locator(".balance")).to_contain_text("88")
    phone.goto("/me/statement")
    statement = phone.locator("main")
    for reason in ("示例清洁日", "示例小点", "示例助学", "修好三号楼路灯"):
        expect(statement).to_contain_text(reason)
    changes = phone.locator(".entry__points").all_inner_texts()
    assert changes == ["+20", "+50", "+10", "−10", "+18"]
