"""The desk's pages: record, attest, refuse, undo, and the causes that gifts go to."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from rewards import cards, ledger
from rewards.donations.causes import Cause
from rewards.donations.gifts import Donation
from rewards.schemes import versions
from tests import stripe_double, world
from tests.conftest import Acting
from tests.donations.giving import Giving
from tests.schemes import plain

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


class Desk:
    """The browser at the desk, and a colleague's."""

    def __init__(self, giving: Giving, colleague: FlaskClient) -> None:
        self.giving, self.client, self.colleague = giving, giving.client, colleague
        world.sign_in(self.client, "organiser")
        world.sign_in(colleague, "organiser2")

    def record(self, **changes: str) -> TestResponse:
        data = {
            "key": "desk-0001",
            "kind": "cash",
            "cause": str(self.giving.cause_id),
            "amount": "30",
            "goods": "",
            **changes,
        }
        return self.client.post(f"/office/donations/new/{self.giving.resident_id}", data=data)

    def recorded(self, **changes: str) -> str:
        """The address of a gift just recorded."""
        response = self.record(**changes)
        assert response.status_code == 303, response.get_data(as_text=True)
        return response.location

    def gifts(self) -> int:
        with self.giving.acting() as act:
            return len(act.session.scalars(select(Donation.id)).all())

    def spendable(self) -> int:
        with self.giving.acting() as act:
            wallet = world.resident(act, self.giving.resident_id).wallet_id
            return ledger.spendable(act.session, wallet, act.now.date())


@pytest.fixture
def desk(giving: Giving, new_client: Callable[[], FlaskClient]) -> Desk:
    return Desk(giving, new_client())


def words(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def test_items_are_asked_for_where_the_rules_count_them(desk: Desk) -> None:
    address = f"/office/donations/new/{desk.giving.resident_id}"
    assert "只在捐物时填写：一个数字" in words(desk.client.get(address))
    with desk.giving.acting() as act:
        goods = plain.rule("goods", 5, per="item")
        programme_id = desk.giving.world.programme_id
        versions.publish(act, programme_id, plain.scheme(goods), effective_from=act.now)
    assert "所以要填" in words(desk.client.get(address))
    missing = desk.record(kind="goods", goods="大米")
    assert missing.status_code == 422 and 'href="#f-items"' in words(missing)
    wrong = desk.record(kind="goods", goods="大米", items="3.5")
    assert wrong.status_code == 422 and 'href="#f-items"' in words(wrong)
    place = desk.recorded(kind="goods", goods="大米", items="3", key="desk-0002")
    assert desk.colleague.post(f"{place}/attest").status_code == 303
    assert "居民获得 15 积分" in words(desk.colleague.get(place))
    assert ",大米,3," in words(desk.client.post("/office/donations/export"))


def test_one_records_another_attests(desk: Desk) -> None:
    place = desk.recorded(kind="goods", goods="大米三袋", amount="120")
    assert "请一位同事登录" in words(desk.client.get(place))
    assert desk.client.post(f"{place}/attest").status_code == 403
    assert desk.spendable() == 0
    waiting = words(desk.colleague.get("/office/donations?state=recorded"))
    assert "大米三袋" in waiting
    assert desk.colleague.post(f"{place}/attest").status_code == 303
    page = words(desk.colleague.get(place))
    assert "已复核，居民获得 120 积分" in page
    assert "组织者甲" in page and "组织者乙" in page
    assert desk.colleague.post(f"{place}/attest").status_code == 303
    assert desk.spendable() == 120


def test_the_giver_is_found_by_card_or_name(desk: Desk, acting: Acting) -> None:
    with acting() as act:
        code = cards.issue(act, world.resident(act, desk.giving.resident_id)).code
        stranger = world.resident(act, desk.giving.world.other_resident_id)
        foreign = cards.issue(act, stranger).code
    here = f"/office/donations/new/{desk.giving.resident_id}"
    for scanned in (code, f"http://localhost/c/{code}", " ".join(code).lower()):
        response = desk.client.post("/office/donations/new", data={"code": scanned})
        assert response.location == here
    assert here in words(desk.client.get("/office/donations/new?q=居民1"))
    for scanned in ("", "nonsense", foreign):
        response = desk.client.post("/office/donations/new", data={"code": scanned})
        assert response.status_code == 422
    assert "没有找到这位居民" in words(desk.client.get("/office/donations/new?q=示例外人"))


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0"},
        {"amount": "-1"},
        {"amount": "1.005"},
        {"amount": "9" * 20},
        {"kind": "goods"},
        {"kind": "gold"},
        {"cause": ""},
        {"cause": "999"},
        {"key": ""},
    ],
)
def test_bad_input_is_refused_and_kept_on_the_page(desk: Desk, changes: dict[str, str]) -> None:
    response = desk.record(**changes)
    assert response.status_code == 422
    assert "有问题需要处理" in words(response)
    assert desk.gifts() == 0


def test_a_form_sent_twice_records_once(desk: Desk) -> None:
    assert desk.recorded() == desk.recorded()
    assert desk.gifts() == 1


def test_refusing_wants_a_reason(desk: Desk) -> None:
    place = desk.recorded()
    unreasoned = desk.colleague.post(f"{place}/refuse", data={"reason": " "})
    assert unreasoned.status_code == 422
    assert '<details class="confirm" open>' in words(unreasoned)
    response = desk.colleague.post(f"{place}/refuse", data={"reason": "没有收到"})
    assert response.status_code == 303
    assert "没有收到" in words(desk.client.get(place))
    assert desk.colleague.post(f"{place}/attest").status_code == 409
    assert desk.spendable() == 0


def test_undoing_asks_what_to_do_about_spent_points(desk: Desk) -> None:
    place = desk.recorded()
    desk.colleague.post(f"{place}/attest")
    desk.giving.spend(10)
    refused = desk.client.post(f"{place}/reverse", data={"key": "undo-001", "reason": "记错"})
    assert refused.status_code == 422
    assert "记错" in words(refused)
    assert desk.spendable() == 20
    data = {"key": "undo-002", "reason": "记错", "owe": "1"}
    assert desk.client.post(f"{place}/reverse", data=data).status_code == 303
    assert desk.client.post(f"{place}/reverse", data=data).status_code == 303
    assert desk.spendable() == 0
    assert desk.giving.stand(int(place.rsplit("/")[-1])).owed == 10


def test_what_needs_somebody_is_counted_and_listed(desk: Desk) -> None:
    desk.recorded()
    held, questioned = desk.giving.start(), desk.giving.start()
    desk.giving.tell(stripe_double.completed(desk.giving.session(held), amount_total=1))
    desk.giving.tell(stripe_double.completed(desk.giving.session(questioned)))
    desk.giving.tell(stripe_double.dispute(desk.giving.session(questioned), "created"))
    page = words(desk.client.get("/office/donations"))
    for state, gift in (("held", held), ("disputed", questioned)):
        assert f"/office/donations?state={state}" in page
        listed = words(desk.client.get(f"/office/donations?state={state}"))
        assert re.findall(r'/office/donations/(\d+)"', listed) == [str(gift)]
    assert "请及时在 Stripe 后台答复" in words(desk.client.get(f"/office/donations/{questioned}"))
    page = words(desk.client.get(f"/office/donations/{held}"))
    assert "实付金额与约定金额不符" in page
    assert "Stripe 显示实付 ¥0.01" in page


def test_the_list_can_be_taken_out(desk: Desk) -> None:
    desk.recorded(kind="goods", goods="=HYPERLINK(1)")
    response = desk.client.post("/office/donations/export", data={"kind": "goods"})
    assert response.content_type == "text/csv; charset=utf-8"
    text = response.get_data().decode("utf-8-sig")
    assert "示例居民1" in text and "'=HYPERLINK(1)" in text
    empty = desk.client.post("/office/donations/export", data={"kind": "card"})
    assert "示例居民1" not in empty.get_data().decode("utf-8-sig")


def test_another_communitys_gifts_are_not_there(desk: Desk, acting: Acting) -> None:
    place = desk.recorded()
    world.sign_in(desk.client, "admin")
    elsewhere = str(desk.giving.world.other_community_id)
    desk.client.post("/office/community", data={"community_id": elsewhere})
    assert desk.client.get(place).status_code == 404
    for step in ("attest", "refuse", "reverse"):
        data = {"reason": "x", "key": "other-001"}
        assert desk.client.post(f"{place}/{step}", data=data).status_code == 404
    assert desk.record().status_code == 404
    assert desk.client.get(f"/office/causes/{desk.giving.cause_id}").status_code == 404
    assert desk.client.get("/office/donations").status_code == 200


def test_causes_are_the_administrators(desk: Desk, acting: Acting) -> None:
    assert desk.client.get("/office/causes").status_code == 403
    assert desk.client.post("/office/causes/new", data={}).status_code == 403
    world.sign_in(desk.client, "admin")
    assert desk.client.post("/office/causes/new", data={"title": "x"}).status_code == 422
    data = {"title": "示例图书角", "description": "买书。"}
    assert desk.client.post("/office/causes/new", data=data).status_code == 303
    assert "示例图书角" in words(desk.client.get("/office/causes"))
    with acting() as act:
        cause = act.session.scalars(select(Cause).where(Cause.title == "示例图书角")).one().id
    changed = {"title": "示例读书角", "description": "买书。"}
    assert desk.client.post(f"/office/causes/{cause}", data=changed).status_code == 303
    assert desk.client.post(f"/office/causes/{cause}/close").status_code == 303
    assert desk.record(cause=str(cause)).status_code == 422
    assert desk.client.post(f"/office/causes/{cause}/reopen").status_code == 303
    assert desk.record(cause=str(cause), key="desk-0002").status_code == 303
