"""The residents' door: the card says whose door it is, the PIN opens it."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from rewards import cards
from rewards.settings import Settings
from tests import world
from tests.conftest import Acting, FakeClock
from tests.web import doors
from tests.web.doors import PIN
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act, residents_wanted=1)


@pytest.fixture
def code(acting: Acting, here: World) -> str:
    """A card that isn't activated; its holder has 30 points."""
    with acting() as act:
        world.give(act, here.resident_ids[0], 30)
    return doors.issue(acting, here.resident_ids[0])


def activate(client: FlaskClient, code: str, slip: str, pin: str = PIN, again: str = PIN):
    data = {"activation_code": slip, "new_pin": pin, "new_pin_again": again}
    return client.post(f"/c/{code}/activate", data=data)


def test_a_finder_sees_whose_door_it_is_and_nothing_else(
    client: FlaskClient, code: str, acting: Acting, settings: Settings
) -> None:
    for state in ("new", "activated"):
        page = client.get(f"/c/{code.lower()}").get_data(as_text=True)
        assert "示例一社区" in page and "010-0000-0000" in page
        for secret in ("示例居民1", "0000001", ">30<", doors.slip(acting, settings, code)):
            assert secret not in page, state
        activate(client, code, doors.slip(acting, settings, code))
        client.post("/sign-out")
    for address in ("/me", "/me/card", "/me/statement", "/me/settings"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.location.startswith("/me/sign-in?next=")


def test_the_slip_sets_the_pin_and_lets_in(
    client: FlaskClient, new_client: Callable[[], FlaskClient], code: str, acting: Acting, settings
) -> None:
    slip = doors.slip(acting, settings, code)
    answer = activate(client, code, f"{slip[:4]} {slip[4:]}")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "30" in client.get("/me").get_data(as_text=True)
    finder = new_client()
    assert activate(finder, code, slip, "815390", "815390").status_code == 409
    assert finder.get("/me").status_code == 303
    assert doors.enter(finder, code, "815390").status_code == 403
    assert doors.enter(finder, code, "６０２９１４").location == "/me"


@pytest.mark.parametrize(
    ("pin", "again", "words"),
    [
        ("123456", "123456", "太容易被猜中"),
        ("000001", "000001", "太容易被猜中"),
        ("602914", "602915", "两次输入的密码不一样"),
        ("60291", "60291", "请输入6位数字"),
        ("", "", "此项必填"),
    ],
)
def test_a_poor_pin_is_refused_at_its_field(
    client: FlaskClient, code: str, acting: Acting, settings, pin: str, again: str, words: str
) -> None:
    answer = activate(client, code, doors.slip(acting, settings, code), pin, again)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page and 'href="#f-new_pin' in page
    assert client.get("/me").status_code == 303


def test_wrong_pins_wait_longer_each_time_and_the_count_survives(
    client: FlaskClient, acting: Acting, settings, here: World, clock: FakeClock
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[0])
    answers = [doors.enter(client, code, "815390") for _ in range(5)]
    assert [a.status_code for a in answers] == [403, 403, 403, 403, 429]
    assert doors.enter(client, code).status_code == 429
    clock.forward(minutes=1)
    assert doors.enter(client, code, "815390").status_code == 429
    clock.forward(minutes=1)
    assert doors.enter(client, code).status_code == 429, "the second wait is two minutes"
    clock.forward(minutes=1)
    assert doors.enter(client, code).location == "/me"


def test_wrong_activation_codes_wait_too(client: FlaskClient, code: str, acting, settings) -> None:
    slip = doors.slip(acting, settings, code)
    wrong = f"{(int(slip) + 1) % 10**8:08d}"
    statuses = [activate(client, code, wrong).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 403, 429]
    assert activate(client, code, slip).status_code == 429


@pytest.mark.parametrize(
    ("state", "status", "title"),
    [
        ("blocked", 409, "这张卡已停用"),
        ("replaced", 409, "已换新卡"),
        ("expired", 409, "这张卡已过期"),
    ],
)
def test_a_card_of_no_use_says_why_and_opens_nothing(
    client: FlaskClient, acting: Acting, settings, here: World, state: str, status: int, title: str
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[0])
    with acting() as act:
        card = cards.find(act, code)
        if state == "blocked":
            cards.block(act, card, reason="遗失")
        elif state == "replaced":
            cards.replace(act, card, reason="补办")
        else:
            card.expires_on = date(2026, 11, 19)
    for answer in (client.get(f"/c/{code}"), doors.enter(client, code)):
        assert answer.status_code == status
        page = answer.get_data(as_text=True)
        assert title in page and "010-0000-0000" in page and "示例居民1" not in page
    assert client.get("/me").status_code == 303


def test_an_unknown_card_and_something_else_are_told_apart(client: FlaskClient) -> None:
    unknown = client.get(f"/c/{cards.new_code()}")
    assert unknown.status_code == 404 and "查不到这张卡" in unknown.get_data(as_text=True)
    other = client.get("/c/HELLO")
    assert other.status_code == 422 and "这不是服务卡" in other.get_data(as_text=True)


def test_the_code_can_be_typed_or_scanned(client: FlaskClient, code: str) -> None:
    spaced = " ".join(code[i : i + 4] for i in (0, 4, 8, 12)).lower()
    for typed in (spaced, f"http://localhost/c/{code}"):
        answer = client.post("/me/sign-in", data={"code": typed, "next": "/me/card"})
        assert (answer.status_code, answer.location) == (303, f"/c/{code}?next=/me/card")
    for typed, status in (("6901028075862", 422), (cards.new_code(), 404), ("", 422)):
        answer = client.post("/me/sign-in", data={"code": typed})
        assert answer.status_code == status
        assert 'id="f-code-error"' in answer.get_data(as_text=True)


def test_after_the_pin_the_reader_lands_where_they_were_going(
    client: FlaskClient, acting: Acting, settings, here: World
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[0])
    assert doors.enter(client, code, next="/me/statement").location == "/me/statement"
    assert client.get(f"/c/{code}").location == "/me"
    client.post("/sign-out")
    assert doors.enter(client, code, next="https://evil.example/").location == "/me"
    assert client.get("/").status_code == 200


def test_an_expired_session_keeps_the_typed_form(
    client: FlaskClient, acting: Acting, settings, here: World
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[0])
    typed = {"reason": "楼道灯不亮 <b>", "key": "the-forms-own-key", "pin": PIN}
    asked = client.post("/me/card/block", data=typed)
    assert asked.status_code == 401
    page = asked.get_data(as_text=True)
    assert 'name="kept:reason" value="楼道灯不亮 &lt;b&gt;"' in page
    assert 'name="next" value="/me/card/block"' in page
    assert PIN not in page
    kept = {"kept:reason": typed["reason"], "kept:key": typed["key"], "next": "/me/card/block"}
    door = client.post("/me/sign-in", data={"code": code, **kept})
    assert door.status_code == 200
    assert 'name="kept:key" value="the-forms-own-key"' in door.get_data(as_text=True)
    wrong = doors.enter(client, code, "815390", **kept)
    assert 'name="kept:reason"' in wrong.get_data(as_text=True)
    offered = doors.enter(client, code, **kept)
    page = offered.get_data(as_text=True)
    assert offered.status_code == 200
    assert 'action="/me/card/block"' in page
    assert 'name="reason" value="楼道灯不亮 &lt;b&gt;"' in page
    assert "<li>楼道灯不亮 &lt;b&gt;</li>" in page and "<li>the-forms-own-key" not in page
    assert client.post("/me/card/block", data=typed).status_code == 303


def test_files_that_could_not_be_kept_are_named_as_lost(
    client: FlaskClient, acting: Acting, settings, here: World
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[0])
    photo = (io.BytesIO(b"a photo"), "lamp.jpg")
    asked = client.post("/me/card/block", data={"text": "灯", "photos": photo})
    assert 'name="kept_lost_files" value="1"' in asked.get_data(as_text=True)
    kept = {"kept:text": "灯", "kept_lost_files": "1", "next": "/me/card/block"}
    assert "没能保留" in doors.enter(client, code, **kept).get_data(as_text=True)


def test_staff_are_sent_to_their_own_door(client: FlaskClient, here: World) -> None:
    assert client.get("/office").location.startswith("/sign-in?next=")
    asked = client.post("/office/cards/issue", data={"note": "写到一半"})
    assert asked.status_code == 401
    assert 'name="kept:note" value="写到一半"' in asked.get_data(as_text=True)
    data = {"username": "organiser", "password": world.PASSWORD, "next": "/office/cards/issue"}
    offered = client.post("/sign-in", data={**data, "kept:note": "写到一半"})
    page = offered.get_data(as_text=True)
    assert 'name="note" value="写到一半"' in page and 'action="/office/cards/issue"' in page
