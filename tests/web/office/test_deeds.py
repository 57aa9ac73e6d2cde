"""Acts outside events at the desk: recorded, checked line by line, approved by another."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rewards import cards, ledger, staff
from rewards.schemes import versions
from rewards.settings import Settings
from rewards.staff import Role
from tests import world
from tests.conftest import START, Acting
from tests.deeds.conftest import document
from tests.web.doors import activated, enter

pytestmark = pytest.mark.one_database


class Office:
    """Two browsers of two organisers, and the world they work in."""

    def __init__(self, acting: Acting, first: FlaskClient, second: FlaskClient) -> None:
        self.acting, self.first, self.second = acting, first, second
        self.keys = count(1)
        with acting() as act:
            self.world = world.build(act)
            versions.publish(
                act, self.world.programme_id, document(), effective_from=START.replace(month=10)
            )
            self.code = cards.issue(act, world.resident(act, self.world.resident_ids[1])).code
            world.give(act, self.world.resident_ids[0], 25)
        world.sign_in(first, "organiser")
        world.sign_in(second, "organiser2")

    def record(self, kind: str, **data: str) -> TestResponse:
        usual = {
            "key": f"desk-{next(self.keys):04d}",
            "who": "示例居民1",
            "happened_at": "2026-11-19T18:30",
            "reason": "楼道堆物",
        }
        return self.first.post(f"/office/deeds/new/{kind}", data=usual | data)

    def points(self, page: str) -> str:
        found = re.search(r'name="points" value="(\d+)"', page)
        assert found is not None, page
        return found[1]

    def spendable(self, nth: int = 0) -> int:
        with self.acting() as act:
            wallet = world.resident(act, self.world.resident_ids[nth]).wallet_id
            return ledger.spendable(act.session, wallet, act.now.date())


@pytest.fixture
def desk(acting: Acting, client: FlaskClient, new_client: Callable[[], FlaskClient]) -> Office:
    return Office(acting, client, new_client())


def words(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def test_one_records_for_several_and_another_approves(desk: Office) -> None:
    assert "随手拍" in words(desk.first.get("/office/deeds/new"))
    form = words(desk.first.get("/office/deeds/new/photo_report"))
    assert "隐患" in form and 'name="minutes"' not in form
    listed = f"示例居民1\n{desk.code}\n13800000003"
    recorded = desk.record("photo_report", who=listed, service="hazard")
    place = recorded.location
    mine = words(desk.first.get(place))
    assert "请一位同事登录" in mine and "/approve" not in mine
    assert desk.first.post(f"{place}/approve", data={"points": "9"}).status_code == 403
    page = words(desk.second.get(place))
    assert page.count("3 分") >= 3 and "批准并发放 9 积分" in page
    assert "楼道堆物" in words(desk.second.get("/office/deeds?state=recorded"))
    answer = desk.second.post(f"{place}/approve", data={"points": desk.points(page)})
    assert answer.status_code == 303
    assert [desk.spendable(n) for n in range(3)] == [28, 3, 3]
    done = words(desk.second.get(place))
    assert "已批准" in done and "/take-back" in done


def test_a_mistake_is_shown_at_its_field_and_keeps_what_was_typed(desk: Office) -> None:
    wrong = desk.record("photo_report", who="示例居民1\n没有这人", service="hazard")
    assert wrong.status_code == 422
    assert "第 2 行“没有这人”" in words(wrong) and "楼道堆物" in words(wrong)
    for kind, data, said in (
        ("photo_report", {"service": "swimming"}, "f-service-error"),
        ("visit", {}, "f-minutes-error"),
        ("referral", {}, "f-referred-error"),
        ("referral", {"referred": "没有这人"}, "f-referred-error"),
        ("team", {}, "f-note-error"),
        ("photo_report", {"happened_at": "2026-11-20T10:00"}, "f-happened_at-error"),
        ("photo_report", {"happened_at": "2010-11-20T10:00"}, "f-happened_at-error"),
        ("photo_report", {"reason": ""}, "f-reason-error"),
        ("deduction", {}, "f-deduction-error"),
    ):
        answer = desk.record(kind, **data)
        assert answer.status_code == 422 and said in words(answer), (kind, data)
    assert desk.first.get("/office/deeds/new/robbery").status_code == 404


def test_a_deduction_shows_what_is_there_and_can_be_given_back(
    desk: Office, new_client: Callable[[], FlaskClient], settings: Settings
) -> None:
    assert "乱扔垃圾：10 分" in words(desk.first.get("/office/deeds/new/deduction"))
    place = desk.record(
        "deduction", who="示例居民1\n示例居民2", deduction="litter", reason="楼下乱扔"
    ).location
    page = words(desk.second.get(place))
    assert "其余 10 分不扣" in page and "批准并扣 20 积分" in page
    desk.second.post(f"{place}/approve", data={"points": desk.points(page)})
    assert [desk.spendable(n) for n in range(2)] == [15, 0]
    me = new_client()
    enter(me, activated(desk.acting, settings, desk.world.resident_ids[0]))
    mine = words(me.get("/me/statement"))
    assert "楼下乱扔" in mine and "乱扔垃圾。如有疑问" in mine and "−10" in mine
    back = re.search(
        r'href="(/office/deeds/\d+/parts/\d+/give-back)"', words(desk.first.get(place))
    )
    assert back is not None
    assert "10 积分退回卡上" in words(desk.first.get(back[1]))
    assert desk.first.post(back[1], data={"key": "back-0001", "reason": ""}).status_code == 422
    given = desk.first.post(back[1], data={"key": "back-0001", "reason": "看错人"})
    assert given.status_code == 303 and desk.spendable() == 25
    assert "扣分退还" in words(me.get("/me/statement"))
    assert desk.first.get(back[1]).status_code == 409
    assert "看错人" in words(desk.first.get(place))


def test_it_can_be_given_back_to_whoever_recorded_it(desk: Office) -> None:
    place = desk.record("photo_report", service="litter").location
    assert desk.second.post(f"{place}/refuse", data={"reason": ""}).status_code == 422
    assert desk.second.post(f"{place}/refuse", data={"reason": "看不清"}).status_code == 303
    assert "看不清" in words(desk.first.get(place))
    assert desk.second.post(f"{place}/approve", data={"points": "1"}).status_code == 409


def test_another_communitys_act_is_not_found(desk: Office) -> None:
    place = desk.record("photo_report", service="litter").location
    with desk.acting() as act:
        stranger = world.person(act, "stranger", "外社区组织者")
        staff.grant(act, stranger, Role.ORGANISER, community_id=desk.world.other_community_id)
    world.sign_in(desk.second, "stranger")
    for path in (place, f"{place}/parts/1/give-back"):
        assert desk.second.get(path).status_code == 404
    assert desk.second.post(f"{place}/approve", data={"points": "1"}).status_code == 404


def test_what_they_gave_and_took_stands_in_the_overview(desk: Office) -> None:
    for kind, data in (
        ("photo_report", {"service": "hazard"}),
        ("deduction", {"deduction": "litter"}),
    ):
        place = desk.record(kind, **data).location
        page = words(desk.second.get(place))
        desk.second.post(f"{place}/approve", data={"points": desk.points(page)})
    assert "登记行为" in words(desk.first.get("/office"))
    given = words(desk.first.get("/office/points?way=deed"))
    assert "+3" in given and "−10" not in given
    taken = words(desk.first.get("/office/points?way=deducted"))
    assert "−10" in taken and "+3" not in taken
