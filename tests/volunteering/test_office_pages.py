"""The office's pages: an event from its draft to its points, and who may not see it."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rewards import staff
from rewards.volunteering import events, signups
from rewards.volunteering.events import Which
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

TYPED = {
    "title": "慰问老人",
    "service": "elders",
    "place": "活动室",
    "starts_at": "2026-11-21T09:30",
    "ends_at": "2026-11-21T11:30",
}


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)
    return unescape(response.get_data(as_text=True))


def post(client: FlaskClient, address: str, **data: object) -> TestResponse:
    return client.post(address, data=data)


def followed(client: FlaskClient, address: str, **data: object) -> str:
    """What the page says that a form leads to."""
    response = post(client, address, **data)
    assert response.status_code == 303, response.get_data(as_text=True)
    return page(client, response.headers["Location"])


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, f"no hidden field {name}"
    return found[1]


def at(morning: Morning, rest: str = "") -> str:
    return f"/office/events/{morning.event_id}{rest}"


def test_a_moment_is_written_in_the_order_of_the_day_alone(
    office: FlaskClient, morning: Morning
) -> None:
    office.set_cookie("language", "en")
    text = page(office, at(morning))
    assert "Nov 20, 2026, 10:00–12:00" in text


def test_an_event_is_drafted_published_and_called_off(
    office: FlaskClient, morning: Morning
) -> None:
    blank = page(office, "/office/events/new")
    assert 'value="elders"' in blank and "每小时 10 分" in blank
    text = followed(office, "/office/events", **TYPED)
    assert "草稿" in text and "2026年11月21日 09:30–11:30" in text
    with morning.acting() as act:
        [draft] = events.listing(act, morning.world.community_id, Which.DRAFT).events
        address = f"/office/events/{draft.id}"
    assert "活动已发布" in followed(office, address + "/publish")
    assert 'value="2026-11-21T09:30"' in page(office, address + "/edit")
    assert "修改已保存" in followed(office, address + "/edit", **TYPED | {"title": "看望老人"})
    refused = post(office, address + "/cancel", reason="")
    assert refused.status_code == 422
    assert "此活动已取消：下雨" in followed(office, address + "/cancel", reason="下雨")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 81}, "title"),
        ({"service": "gambling"}, "service"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"ends_at": "2026-11-21T09:30"}, "ends_at"),
        ({"ends_at": "2026-11-22T09:31"}, "ends_at"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "2.5"}, "capacity"),
        ({"grade": "none-such"}, "grade"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    office: FlaskClient, morning: Morning, wrong: dict[str, str], field: str
) -> None:
    response = post(office, "/office/events", **TYPED | wrong)
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert f'href="#f-{field}"' in text and "活动室" in text
    with morning.acting() as act:
        assert events.listing(act, morning.world.community_id, Which.DRAFT).count == 0


def test_the_list_filters_and_takes_any_page_number(office: FlaskClient, morning: Morning) -> None:
    assert "整理绿地" in page(office, "/office/events?which=upcoming&page=99999999999999999999")
    assert "整理绿地" not in page(office, "/office/events?q=读书")
    assert "整理绿地" not in page(office, "/office/events?which=draft")
    assert "整理绿地" in page(office, "/office/events?which=nonsense&page=-3")


def test_the_desk_signs_a_resident_up_and_off(office: FlaskClient, morning: Morning) -> None:
    one = morning.residents[0]
    assert "示例居民1 已报名" in followed(office, at(morning, "/signups"), who="13800000001")
    again = post(office, at(morning, "/signups"), who="示例居民1")
    assert again.status_code == 422 and "已经报名" in again.get_data(as_text=True)
    nobody = post(office, at(morning, "/signups"), who="查无此人")
    assert nobody.status_code == 422 and 'href="#f-who"' in nobody.get_data(as_text=True)
    stranger = morning.codes[morning.world.other_resident_id]
    foreign = post(office, at(morning, "/signups"), who=stranger)
    assert "其他社区" in foreign.get_data(as_text=True)
    followed(office, at(morning, f"/signups/{one}/withdraw"))
    with morning.acting() as act:
        assert signups.taken(act, [morning.event_id]) == {}


def test_the_door_says_who_passed_or_why_not(office: FlaskClient, morning: Morning) -> None:
    code = morning.codes[morning.residents[0]]
    door = at(morning, "/door")
    morning.at(STARTS)
    text = followed(office, door, code=f"https://example.org/c/{code}", mode="in")
    assert "verdict--done" in text and "示*** 已于 10:00 签到（未报名）" in text
    assert "现在在场：1 人" in text and "示例居民1" not in text
    text = followed(office, door, code=code, mode="in")
    assert "verdict--problem" in text and "在 10:00 已经签到过" in text
    morning.at(STARTS.replace(minute=45))
    text = followed(office, door, code=code, mode="out")
    assert "已于 10:45 签退，计 45 分钟" in text
    assert 'aria-current="true"' in text and "现在在场：0 人" in text
    for wrong in ("", "not a card", morning.codes[morning.world.other_resident_id]):
        assert "verdict--problem" in followed(office, door, code=wrong, mode="in")
    assert "verdict--problem" in followed(office, door, code=code, mode="sideways")


def test_a_sheet_is_corrected_attested_checked_and_awarded(
    office: FlaskClient, morning: Morning, new_client
) -> None:
    one, two, three = morning.residents
    line = morning.serve(one, 30)
    morning.at(ENDS)
    address = at(morning, f"/sheet/{line}")
    assert "30 分钟" in page(office, at(morning, "/sheet"))
    for wrong in ({"minutes": "121", "reason": "误"}, {"minutes": "60", "reason": ""}):
        assert post(office, address, **wrong).status_code == 422
    assert "待复核" in followed(office, address, minutes="90", reason="忘记签退")
    added = {"who": "示例居民2", "minutes": "60", "reason": "没带卡"}
    assert "已补录 示例居民2" in followed(office, at(morning, "/sheet/add"), **added)
    assert post(office, at(morning, "/sheet/add"), **added).status_code == 422
    assert page(office, at(morning, "/award"), 409)

    with morning.by() as (act, event):
        correction = morning.line(act, event, one).attendance.corrections[-1].id
    assert post(office, address + "/attest", correction=correction).status_code == 403
    second = new_client()
    world.sign_in(second, "organiser2")
    assert "已复核" in followed(second, address + "/attest", correction=correction)

    check = page(office, at(morning, "/award"))
    assert "共 1 位居民，合计 15 积分" in check and "有 1 行这次不发放" in check
    sent = {name: hidden(check, name) for name in ("round_number", "points")}
    assert "积分已发放" in followed(office, at(morning, "/award"), **sent)
    assert "积分已发放" in followed(office, at(morning, "/award"), **sent)
    other = post(second, at(morning, "/award"), **sent)
    assert other.status_code == 409 and "另一位工作人员" in other.get_data(as_text=True)
    assert [morning.spendable(i) for i in (one, two, three)] == [15, 0, 0]
    assert post(office, at(morning, "/award"), round_number="", points="x").status_code == 409
    assert page(office, at(morning, "/awarded/2"), 404)


def test_points_are_taken_back_from_one_and_from_all(office: FlaskClient, morning: Morning) -> None:
    one, two, three = morning.residents
    lines = [morning.serve(i) for i in morning.residents]
    morning.at(ENDS)
    morning.award()
    address = at(morning, f"/sheet/{lines[0]}/reverse")
    assert post(office, address, key="a-key-of-mine", reason="").status_code == 422
    key = hidden(page(office, address), "key")
    assert "追回 20 积分" in followed(office, address, key=key, reason="误扫")
    assert morning.spendable(one) == 0
    morning.spend(two, 5)
    spent = at(morning, f"/sheet/{lines[1]}/reverse")
    refused = post(office, spent, key="another-key", reason="误扫")
    assert refused.status_code == 422 and "5" in refused.get_data(as_text=True)
    assert hidden(refused.get_data(as_text=True), "key") != "another-key"
    text = followed(office, at(morning, "/reverse"), key="key-for-all", reason="重复")
    assert "1 位居民追回共 20 积分" in text and "未能追回：示例居民2" in text
    assert [morning.spendable(i) for i in (one, two, three)] == [0, 15, 0]
    assert page(office, address, 409)


ADDRESSES = (
    "",
    "/edit",
    "/cancel",
    "/door",
    "/sheet",
    "/sheet/add",
    "/sheet/1",
    "/award",
    "/awarded/1",
    "/reverse",
    "/sheet/1/reverse",
)


def test_another_communitys_event_is_nowhere_to_be_found(
    client: FlaskClient, morning: Morning
) -> None:
    with morning.acting() as act:
        other = world.person(act, "elsewhere", "组织者丙")
        staff.grant(act, other, staff.Role.ORGANISER, community_id=morning.world.other_community_id)
    world.sign_in(client, "elsewhere")
    for rest in ADDRESSES:
        assert client.get(at(morning, rest)).status_code == 404, rest
    for rest in ("/publish", "/door", "/edit", "/award", "/reverse", "/sheet/add"):
        response = post(client, at(morning, rest), **TYPED, code="x", mode="in")
        assert response.status_code == 404, rest


def test_those_without_a_role_here_are_kept_out(client: FlaskClient, morning: Morning) -> None:
    assert client.get("/office/events").headers["Location"].startswith("/sign-in")
    with morning.acting() as act:
        world.person(act, "cashier", "收银员甲")
    world.sign_in(client, "cashier")
    assert client.get("/office/events").status_code == 403
    assert post(client, at(morning, "/publish")).status_code == 403
    with client.session_transaction() as session:
        session["_user_id"] = f"resident:{morning.residents[0]}:1"
    assert client.get(at(morning, "/sheet")).status_code == 403
