"""The desk issues, prints, blocks and replaces cards, and resets PINs, within its community."""

import io
from collections.abc import Callable

import pdfplumber
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import select

from rewards import cards
from rewards.audit import AuditEntry
from rewards.cards import Card, printing
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
        return world.build(act)


@pytest.fixture
def desk(client: FlaskClient, here: World) -> FlaskClient:
    world.sign_in(client, "organiser")
    return client


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def number(acting: Acting, code: str) -> int:
    with acting() as act:
        return cards.find(act, code).id


def test_cards_are_issued_to_the_chosen_and_printed_next(
    desk: FlaskClient, acting: Acting, here: World
) -> None:
    assert "还没有服务卡" in text(desk, "/office/cards")
    assert text(desk, "/office/cards/issue").count('name="resident"') == 3
    none = desk.post("/office/cards/issue", data={})
    assert none.status_code == 422 and "请至少选择一位居民" in none.get_data(as_text=True)
    answer = desk.post(
        "/office/cards/issue",
        data={"resident": here.resident_ids[:2], "expires_on": "2027-11-30"},
    )
    assert answer.status_code == 303
    page = text(desk, answer.location)
    assert page.count("示例居民1") == page.count("示例居民2") == 1
    assert "示例居民3" not in page
    again = desk.post("/office/cards/issue", data={"resident": here.resident_ids[:2]})
    assert again.status_code == 409
    with acting() as act:
        made = act.session.scalars(select(Card)).all()
        assert [str(card.expires_on) for card in made] == ["2027-11-30"] * 2


def test_the_sheet_is_printed_once_and_the_slips_apart(
    desk: FlaskClient, acting: Acting, settings: Settings, here: World
) -> None:
    codes = [doors.issue(acting, i) for i in here.resident_ids]
    page = text(desk, "/office/cards/print")
    assert all(f'name="id" value="{number(acting, code)}"' in page for code in codes)
    ids = [number(acting, code) for code in codes]
    sheet = desk.post("/office/cards/print", data={"id": ids, "names": "full"})
    assert sheet.mimetype == "application/pdf"
    assert "attachment" in sheet.headers["Content-Disposition"]
    with pdfplumber.open(io.BytesIO(sheet.data)) as document:
        [printed] = document.pages
        words = printed.extract_text()
        image = printed.to_image(resolution=150).original
    assert {b.text for b in zxingcpp.read_barcodes(image)} == {
        f"http://localhost/c/{code}" for code in codes
    }
    slips = desk.post("/office/cards/print-slips", data={"id": ids})
    with pdfplumber.open(io.BytesIO(slips.data)) as document:
        on_slips = document.pages[0].extract_text()
    for resident, code in enumerate(codes, start=1):
        secret = doors.slip(acting, settings, code)
        assert f"示例居民{resident}" in words and f"示例居民{resident}" in on_slips
        assert f"{secret[:4]} {secret[4:]}" in on_slips
        assert f"{secret[:4]} {secret[4:]}" not in words
    assert "没有待打印的卡" in text(desk, "/office/cards/print")
    again = desk.post("/office/cards/print", data={"id": ids, "names": "masked"})
    assert again.status_code == 200, "a card can be printed again"
    assert desk.post("/office/cards/print", data={}).status_code == 422


def test_another_community_s_cards_are_not_printed_or_seen(
    desk: FlaskClient, acting: Acting, here: World
) -> None:
    theirs = number(acting, doors.issue(acting, here.other_resident_id))
    for path in ("print", "print-slips"):
        assert desk.post(f"/office/cards/{path}", data={"id": [theirs]}).status_code == 422
    assert desk.get(f"/office/cards/{theirs}").status_code == 404
    for act_name in ("block", "unblock", "replace", "reset-pin"):
        answer = desk.post(f"/office/cards/{theirs}/{act_name}", data={"reason": "试一试"})
        assert answer.status_code == 404
    assert (
        desk.post("/office/cards/issue", data={"resident": [here.other_resident_id]}).status_code
        == 404
    )
    assert "示例外人" not in text(desk, "/office/cards")
    with acting() as act:
        assert act.session.get_one(Card, theirs).printed_at is None


def test_a_reason_is_asked_for_and_kept(desk: FlaskClient, acting: Acting, here: World) -> None:
    mine = number(acting, doors.issue(acting, here.resident_ids[0]))
    for act_name in ("block", "replace"):
        answer = desk.post(f"/office/cards/{mine}/{act_name}", data={"reason": " "})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'href="#f-reason"' in page and page.count('id="f-reason"') == 1
    assert desk.post(f"/office/cards/{mine}/block", data={"reason": "来电挂失"}).status_code == 303
    assert "来电挂失" in text(desk, f"/office/cards/{mine}")
    assert desk.post(f"/office/cards/{mine}/unblock", data={"reason": "找到了"}).status_code == 303
    answer = desk.post(f"/office/cards/{mine}/replace", data={"reason": "磨损"})
    newer = int(answer.location.rpartition("/")[2])
    assert newer != mine
    page = text(desk, f"/office/cards/{mine}")
    assert f'href="/office/cards/{newer}"' in page and "已换卡" in page
    assert desk.post(f"/office/cards/{mine}/block", data={"reason": "再停用"}).status_code == 409
    with acting() as act:
        staff = f"staff:{here.organiser_id}"
        found = act.session.scalars(
            select(AuditEntry.action).where(AuditEntry.actor == staff).order_by(AuditEntry.id)
        ).all()
        assert [a for a in found if a.startswith("card.")] == [
            "card.block",
            "card.unblock",
            "card.issue",
            "card.replace",
        ]


def test_a_reset_pin_needs_a_new_slip(
    desk: FlaskClient,
    new_client: Callable[[], FlaskClient],
    acting: Acting,
    settings: Settings,
    here: World,
) -> None:
    code = doors.issue(acting, here.resident_ids[0])
    used = doors.slip(acting, settings, code)
    resident = new_client()
    data = {"new_pin": doors.PIN, "new_pin_again": doors.PIN}
    address = f"/c/{code}/activate"
    assert resident.post(address, data={"activation_code": used, **data}).status_code == 303
    mine = number(acting, code)
    reset = desk.post(f"/office/cards/{mine}/reset-pin", data={"reason": "忘记密码"})
    assert reset.status_code == 303
    assert resident.get("/me").status_code == 303, "signed out everywhere"
    finder = new_client()
    assert finder.post(address, data={"activation_code": used, **data}).status_code == 403
    fresh = doors.slip(acting, settings, code)
    assert resident.post(address, data={"activation_code": fresh, **data}).status_code == 303


def test_the_list_is_filtered(desk: FlaskClient, acting: Acting, here: World) -> None:
    codes = [doors.issue(acting, i) for i in here.resident_ids]
    with acting() as act:
        cards.block(act, cards.find(act, codes[1]), reason="遗失")

    def shown(query: str) -> list[str]:
        page = text(desk, f"/office/cards?{query}")
        return [name for name in ("示例居民1", "示例居民2", "示例居民3") if f">{name}</a>" in page]

    assert shown("") == ["示例居民1", "示例居民2", "示例居民3"]
    assert shown("status=blocked") == ["示例居民2"]
    assert shown("q=0003") == ["示例居民3"]
    assert shown(f"q={codes[0][:6]}") == ["示例居民1"]
    assert shown("printed=yes") == []
    assert shown("status=nonsense&printed=maybe&page=-3") == shown("")
    assert "没有符合的卡" in text(desk, "/office/cards?q=没有这个人")


def test_a_name_that_the_font_lacks_is_told_on_the_check_page(
    desk: FlaskClient, acting: Acting, here: World
) -> None:
    with acting() as act:
        world.resident(act, here.resident_ids[0]).name = "示例🙂"
    doors.issue(acting, here.resident_ids[0])
    assert "空框：示例🙂" in text(desk, "/office/cards/print")


def test_more_than_one_document_holds_are_printed_in_turn(
    desk: FlaskClient, acting: Acting, here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST", 2)
    for resident_id in here.resident_ids:
        doors.issue(acting, resident_id)
    page = text(desk, "/office/cards/print")
    assert "共有3张卡待打印，这里是前2张" in page
