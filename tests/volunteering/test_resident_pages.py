"""A resident finds an event, takes a place, gives it up, and sees the hours served."""

from html import unescape

import pytest
from flask.testing import FlaskClient

from rewards.volunteering import amendments, signups
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def mine(client: FlaskClient, morning: Morning) -> FlaskClient:
    """A browser in which the first resident is signed in."""
    return signed_in(client, morning.residents[0])


def signed_in(client: FlaskClient, resident_id: int) -> FlaskClient:
    with client.session_transaction() as session:
        session["_user_id"] = f"resident:{resident_id}:1"
    return client


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return unescape(response.get_data(as_text=True))


def followed(client: FlaskClient, address: str) -> str:
    response = client.post(address)
    assert response.status_code == 303, response.get_data(as_text=True)
    return page(client, response.headers["Location"])


def test_a_place_is_taken_once_and_given_up(mine: FlaskClient, morning: Morning) -> None:
    small = morning.new_event(title="浇花", capacity=1)
    assert "还剩 1 个名额" in page(mine, "/me/events")
    address = f"/me/events/{small}"
    for _ in range(2):
        assert "您已报名" in followed(mine, address + "/sign-up")
    text = page(mine, "/me/events")
    assert "我的报名" in text and text.count("浇花") == 1 and "整理绿地" in text
    with morning.acting() as act:
        assert signups.taken(act, [small]) == {small: 1}
    assert "已取消报名" in followed(mine, address + "/withdraw")
    assert "没有报名" in followed(mine, address + "/withdraw")


def test_a_full_event_says_so(mine: FlaskClient, morning: Morning) -> None:
    small = morning.new_event(capacity=1)
    with morning.by(event_id=small) as (act, event):
        signups.sign_up(act, event, world.resident(act, morning.residents[1]))
    text = page(mine, f"/me/events/{small}")
    assert "名额已满" in text and "sign-up" not in text
    assert "1 个名额已满" in followed(mine, f"/me/events/{small}/sign-up")


def test_who_has_a_place_reads_why_the_event_is_off(mine: FlaskClient, morning: Morning) -> None:
    followed(mine, f"/me/events/{morning.event_id}/sign-up")
    with morning.by() as (act, event):
        amendments.cancel(act, event, reason="下雨")
    assert "已取消" in page(mine, "/me/events")
    assert "此活动已取消：下雨" in page(mine, f"/me/events/{morning.event_id}")
    assert "此活动已取消" in followed(mine, f"/me/events/{morning.event_id}/sign-up")


def test_drafts_and_other_communities_are_not_there(
    mine: FlaskClient, morning: Morning, new_client
) -> None:
    draft = morning.new_event(published=False)
    stranger = signed_in(new_client(), morning.world.other_resident_id)
    assert "整理绿地" not in page(stranger, "/me/events")
    for client, event_id in ((mine, draft), (stranger, morning.event_id), (mine, 9999)):
        page(client, f"/me/events/{event_id}", 404)
        assert client.post(f"/me/events/{event_id}/sign-up").status_code == 404
        assert client.post(f"/me/events/{event_id}/withdraw").status_code == 404


def test_hours_served_are_shown_with_their_points(mine: FlaskClient, morning: Morning) -> None:
    assert "还没有服务时长" in page(mine, "/me/events/hours")
    morning.at(STARTS)
    morning.check_in(morning.residents[0])
    assert "您已于 10:00 签到" in page(mine, f"/me/events/{morning.event_id}")
    morning.at(ENDS)
    morning.check_out(morning.residents[0])
    assert "积分待发放" in page(mine, "/me/events/hours")
    morning.award()
    text = page(mine, "/me/events/hours?page=77")
    assert "2 小时" in text and "+20" in text
    assert "您参加了 2 小时" in page(mine, f"/me/events/{morning.event_id}")


def test_staff_and_strangers_have_no_events_of_their_own(
    client: FlaskClient, office: FlaskClient, new_client
) -> None:
    assert office.get("/me/events").status_code == 403
    assert new_client().get("/me/events").status_code == 303
