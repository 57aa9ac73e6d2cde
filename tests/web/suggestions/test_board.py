"""The public board counts honestly, opens each number's rows, and names nobody."""

import re

import pytest
from flask.testing import FlaskClient

from rewards import suggestions
from rewards.suggestions import Category, Upload
from tests.suggestions import images
from tests.suggestions.conftest import Desk

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

BOARD = "/board/sample-one"


def numbers(page: str) -> list[str]:
    return re.findall(r'stat__number">(\d+)<', page)


def test_the_counts_and_the_rows_behind_them(desk: Desk, client: FlaskClient) -> None:
    desk.send()
    desk.do(suggestions.accept, desk.send())
    desk.adopted()
    desk.do(suggestions.solve, desk.adopted(), "灯已换好")
    desk.do(suggestions.refuse, desk.send(category=Category.CULTURE), "不在本社区")
    assert numbers(client.get(BOARD).text) == ["5", "2", "1"]
    behind = {
        "reported": 5,
        "waiting": 1,
        "in-hand": 2,
        "solved": 1,
        "refused": 1,
        "reported?category=safety": 4,
        "reported?category=culture": 1,
        "solved?category=culture": 0,
    }
    for address, count in behind.items():
        rows = re.findall(r"S\d{6}", client.get(f"{BOARD}/{address}").text)
        assert len(rows) == count, address


def test_nobody_is_named_and_nothing_shown_that_the_office_did_not_write(
    desk: Desk, client: FlaskClient
) -> None:
    waiting = desk.send("我住3号楼502,我叫示例居民1")
    desk.do(suggestions.answer, waiting, "好的,示例居民1")
    desk.adopted("我住3号楼502,我叫示例居民1")
    for page in ("/board", BOARD, f"{BOARD}/reported", f"{BOARD}/in-hand"):
        text = client.get(page).text
        for private in ("502", "示例居民", "示***", "东门</", "组织者甲"):
            assert private not in text, (page, private)
    assert "东门路灯修复" in client.get(BOARD).text


def test_a_title_leaves_the_board_with_its_adoption(desk: Desk, client: FlaskClient) -> None:
    number = desk.adopted()
    desk.reverse(number)
    for page in (BOARD, f"{BOARD}/reported", f"{BOARD}/in-hand"):
        assert "东门路灯修复" not in client.get(page).text


def test_photos_are_public_only_where_the_office_ticked_it(desk: Desk, client: FlaskClient) -> None:
    pictures = suggestions.prepare_all([Upload("lamp.jpg", images.photo())])
    shown, hidden = desk.send(pictures=pictures), desk.send(pictures=pictures)
    for number, public in ((shown, True), (hidden, False)):
        desk.do(suggestions.accept, number)
        desk.do(suggestions.adopt, number, public_title="路灯", photos_public=public).result()
    with desk.acting() as act:
        ids = {n: desk.load(act, n).photos[0].id for n in (shown, hidden)}
    assert client.get(f"/board/photos/{ids[shown]}/full").status_code == 200
    assert client.get(f"/board/photos/{ids[hidden]}/full").status_code == 404
    page = client.get(BOARD).text
    assert f"/board/photos/{ids[shown]}/small" in page
    assert f"/board/photos/{ids[hidden]}/" not in page
    desk.reverse(shown)
    assert client.get(f"/board/photos/{ids[shown]}/full").status_code == 404


def test_an_empty_board_is_friendly_and_an_unknown_one_is_not_found(
    desk: Desk, client: FlaskClient
) -> None:
    empty = client.get("/board/sample-two")
    assert empty.status_code == 200 and "还没有建言" in empty.text
    assert client.get("/board").status_code == 200
    for page in ("/board/nowhere", "/board/nowhere/solved", f"{BOARD}/secrets"):
        assert client.get(page).status_code == 404
