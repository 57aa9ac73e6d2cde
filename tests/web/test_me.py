"""A resident's own pages tell the truth, and only their own."""

from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from rewards import cards, ledger
from rewards.cards import qr
from rewards.settings import Settings
from tests import world
from tests.conftest import Acting
from tests.web import doors
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act, residents_wanted=2)


@pytest.fixture
def code(client: FlaskClient, acting: Acting, settings: Settings, here: World) -> str:
    """The card that *client* came in by."""
    made = doors.activated(acting, settings, here.resident_ids[0])
    assert doors.enter(client, made).status_code == 303
    return made


def give(acting: Acting, here: World, amount: int, expires_on: date, reason: str = "社区清洁"):
    with acting() as act:
        holder = world.resident(act, here.resident_ids[0])
        issuer = holder.community.programme.issuer_account_id
        accrual = ledger.Accrual(holder.wallet_id, amount, expires_on, reason, act.now)
        ledger.once(
            act,
            "t",
            f"{reason}-{amount}",
            {},
            lambda op: {"t": ledger.accrue(op, issuer, [accrual])},
        ).result()


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_home_says_what_there_is_and_what_expires_next(
    client: FlaskClient, acting: Acting, here: World, code: str
) -> None:
    assert "还没有积分" in text(client, "/me")
    give(acting, here, 40, ledger.NEVER)
    assert "长期有效" in text(client, "/me")
    give(acting, here, 85, date(2026, 12, 31))
    give(acting, here, 7, date(2026, 11, 19))  # past its date: not spendable
    page = text(client, "/me")
    assert '<span class="balance__number">125</span>' in page
    assert "最先到期的是85分，请在2026年12月31日前" in page
    client.set_cookie("language", "en")
    assert "85 points expire first: spend them by December 31, 2026." in text(client, "/me")


def test_dated_amounts_sum_to_the_balance(
    client: FlaskClient, acting: Acting, here: World, code: str
) -> None:
    assert "没有会到期的" in text(client, "/me/expiring")
    for amount, day in ((40, ledger.NEVER), (85, date(2026, 12, 31)), (3, date(2027, 1, 31))):
        give(acting, here, amount, day)
    page = text(client, "/me/expiring")
    for part in ("85", "3", "40", "<b>128</b>"):
        assert f'<td class="num">{part}</td>' in page


def test_the_statement_pages_through_every_line_once(
    client: FlaskClient, acting: Acting, here: World, code: str
) -> None:
    assert "还没有记录" in text(client, "/me/statement")
    for number in range(45):
        give(acting, here, 1, ledger.NEVER, f"第{number:02d}次")
    address, seen = "/me/statement", ""
    while address:
        page = text(client, address)
        seen += page
        following = page.partition('rel="next" href="')[2]
        address = following.partition('"')[0]
    assert [seen.count(f"第{n:02d}次") for n in range(45)] == [1] * 45


def test_a_stranger_s_points_are_nowhere(
    client: FlaskClient, acting: Acting, here: World, code: str
) -> None:
    with acting() as act:
        world.give(act, here.resident_ids[1], 77)
    for address in ("/me", "/me/statement", "/me/expiring"):
        assert "77" not in text(client, address)


def test_the_card_on_the_phone_is_read_as_the_printed_one_is(
    client: FlaskClient, code: str
) -> None:
    page = text(client, "/me/card")
    assert " ".join(code[i : i + 4] for i in (0, 4, 8, 12)) in page
    drawn = "<svg xmlns" + page.partition("<svg xmlns")[2].partition("</svg>")[0] + "</svg>"
    assert read(drawn) == f"http://localhost/c/{code}"
    large = text(client, "/me/card/large")
    assert drawn in large and "示例居民" not in large


def read(svg: str) -> str:
    """What a camera reads in the SVG, drawn on black to prove its own quiet zone."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * 6 + 120, side * 6 + 120), 0)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, side * 6 + 59, side * 6 + 59), fill=255)
    for run in root[1].attrib["d"].split("M")[1:]:
        corner, _, rest = run.partition("h")
        x, y, length = (*map(int, corner.split()), int(rest.partition("v")[0]))
        left, top = 60 + x * 6, 60 + y * 6
        draw.rectangle((left, top, left + length * 6 - 1, top + 5), fill=0)
    [found] = zxingcpp.read_barcodes(image)
    assert len(qr.modules(found.text)) + 2 * qr.QUIET == side
    return found.text


def test_a_lost_card_is_blocked_from_the_phone(
    client: FlaskClient, new_client: Callable[[], FlaskClient], acting: Acting, code: str
) -> None:
    assert client.post("/me/card/block").location == "/me/card"
    assert client.post("/me/card/block").status_code == 303
    page = text(client, "/me/card")
    assert "已停用" in page and "<svg xmlns" not in page
    assert "没有可用的服务卡" in text(client, "/me")
    assert "<svg xmlns" not in text(client, "/me/card/large")
    assert doors.enter(new_client(), code).status_code == 409
    with acting() as act:
        assert cards.find(act, code).ended_because == "居民本人挂失"


def test_a_changed_pin_signs_out_everywhere_else(
    client: FlaskClient, new_client: Callable[[], FlaskClient], code: str
) -> None:
    other = new_client()
    doors.enter(other, code)
    data = {"pin": "815390", "new_pin": "264807", "new_pin_again": "264807"}
    wrong = client.post("/me/settings/pin", data=data)
    assert wrong.status_code == 403 and 'id="f-pin-error"' in wrong.get_data(as_text=True)
    weak = client.post(
        "/me/settings/pin", data={**data, "new_pin": "111111", "new_pin_again": "111111"}
    )
    assert weak.status_code == 422
    assert client.post("/me/settings/pin", data={**data, "pin": doors.PIN}).status_code == 303
    assert "密码已修改" in text(client, "/me/settings")
    assert other.get("/me").status_code == 303
    assert doors.enter(other, code).status_code == 403
    assert doors.enter(other, code, "264807").status_code == 303


def test_staff_have_no_business_there(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "admin")
    for address in ("/me", "/me/card", "/me/settings"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", ["0", "1"])
def test_the_first_page_has_an_entrance_for_everybody(
    client: FlaskClient, here: World, language: str, elder: str
) -> None:
    client.set_cookie("language", language)
    client.set_cookie("elder", elder)
    page = text(client, "/")
    for address in ("/me/sign-in", "/sign-in", "/places", "/board"):
        assert f'href="{address}"' in page
    assert f'name="elder" value="{1 - int(elder)}"' in page


def test_the_first_page_knows_who_is_in(client: FlaskClient, code: str) -> None:
    assert 'href="/me"' in text(client, "/")


def test_what_expires_is_listed_by_day_and_month_with_the_rules(
    client: FlaskClient, acting: Acting, here: World, code: str
) -> None:
    for amount, last in ((40, "2026-11-23"), (5, "2026-11-30"), (7, "2027-02-28")):
        give(acting, here, amount, date.fromisoformat(last))
    page = text(client, "/me/expiring")
    assert "还剩 3 天" in page and "2026年11月合计" in page
    assert "<b>52</b>" in page, "together"
    assert "12 个月内有效，至当月月底" in page
