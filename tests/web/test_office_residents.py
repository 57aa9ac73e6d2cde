"""The residents' pages: who may see what, and what each act leaves behind."""

import re
from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rewards import awards, cards, imports, ledger
from rewards.audit import AuditEntry
from rewards.awards import Award, Due
from rewards.communities import Programme
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.facts import Kind
from tests import world
from tests.conftest import Acting, FakeClock
from tests.schemes import plain

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> world.World:
    with acting() as act:
        return world.build(act)


@pytest.fixture
def desk(client: FlaskClient, here: world.World) -> FlaskClient:
    world.sign_in(client, "organiser")
    return client


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.get_data(as_text=True)


def audited(acting: Acting, action: str) -> int:
    with acting() as act:
        found = select(func.count()).where(AuditEntry.action == action)
        return act.session.scalar(found) or 0


def award(acting: Acting, here: world.World, resident_id: int) -> int:
    """Two hours of service at ten points an hour, awarded; answers the award's id."""
    with acting() as act:
        programme = act.session.get_one(Programme, here.programme_id)
        rules = world.set_rules(act, programme.id, hours_cap=2)
        deed = awards.deed(
            world.resident(act, resident_id), Kind.SERVICE, act.now, minutes=150, event_id=1
        )
        worth = rules.engine.evaluate(deed, rules.engine.tally())
        due = Due(world.resident(act, resident_id), "attendance", 1, worth, "示例清扫活动", act.now)

        def work(op: ledger.Operation) -> dict[str, int]:
            return {"award": awards.grant_all(act, op, programme, rules, [due])[0].id}

        return int(ledger.once(act, "test", "award-for-hours", {}, work).result()["award"])


def spend(acting: Acting, here: world.World, resident_id: int, amount: int) -> None:
    with acting() as act:
        wallet_id = world.resident(act, resident_id).wallet_id
        shop = ledger.open_account(act.session, ledger.MERCHANT, "示例餐馆", here.programme_id)

        def work(op: ledger.Operation) -> dict[str, int]:
            today = act.now.date()
            return {
                "id": ledger.redeem(op, wallet_id, shop.id, amount, today=today, reason="示例套餐")
            }

        ledger.once(act, "test", "spent-at-shop", {}, work).result()


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_list_masks_phones_and_finds_by_last_four(desk: FlaskClient) -> None:
    page = text_of(desk, "/office/residents")
    assert "示例居民1" in page and "···0001" in page and "13800000001" not in page
    assert "示例外人" not in page
    found = text_of(desk, "/office/residents?q=0002")
    assert "示例居民2" in found and "示例居民1" not in found
    assert "没有符合的居民" in text_of(desk, "/office/residents?q=9999")


def test_a_nonsense_query_shows_the_list(desk: FlaskClient) -> None:
    for query in ("page=0", "page=x", "sort=nothing", "card=maybe", "q=" + "长" * 200):
        assert "示例居民1" in text_of(desk, f"/office/residents?{query}")


def test_a_resident_is_registered_once(desk: FlaskClient, acting: Acting) -> None:
    data = {"name": "新居民䶮", "phone": "139 1111 0001", "building": "3号楼", "note": "示例"}
    response = desk.post("/office/residents/new", data=data)
    assert response.status_code == 303
    assert "新居民䶮" in text_of(desk, response.location)
    again = desk.post("/office/residents/new", data=data)
    assert again.status_code == 422
    assert "这个号码已登记在 新*** 名下" in again.get_data(as_text=True)
    with acting() as act:
        newcomers = select(func.count()).where(Resident.phone == "+8613911110001")
        assert act.session.scalar(newcomers) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "请填写"),
        ({"name": "甲", "phone": "12"}, "电话"),
        ({"name": "长" * 61}, "60"),
    ],
)
def test_what_is_malformed_is_said_at_the_field(
    desk: FlaskClient, typed: dict[str, str], words: str
) -> None:
    response = desk.post("/office/residents/new", data=typed)
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert 'class="error-summary"' in page and words in page


def test_editing_keeps_a_number_that_is_left_empty(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    path = f"/office/residents/{here.resident_ids[0]}/edit"
    assert "13800000001" not in text_of(desk, path)
    assert desk.post(path, data={"name": "改名", "building": "9号楼"}).status_code == 303
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        assert (resident.name, resident.phone) == ("改名", "+8613800000001")
    desk.post(path, data={"name": "改名", "no_phone": "1"})
    taken = desk.post(path, data={"name": "改名", "phone": "13800000002"})
    assert taken.status_code == 422
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        assert (resident.phone, resident.building) == (None, "")
    assert audited(acting, "resident.edit") == 2


def tags_in_force(acting: Acting, here: world.World, *keys: str) -> None:
    with acting() as act:
        tags = [{"key": key, "name": {"zh": f"示例{key}", "en": f"Sample {key}"}} for key in keys]
        document = {**plain.document(), "tags": tags}
        versions.publish(act, here.programme_id, document, effective_from=act.now)


def known_of(acting: Acting, resident_id: int) -> tuple[str, list[str]]:
    with acting() as act:
        resident = world.resident(act, resident_id)
        return resident.household, resident.tags


def test_household_and_tags_of_the_rules_in_force_are_asked_and_shown(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    form = text_of(desk, "/office/residents/new")
    assert 'name="household"' in form and 'name="tags"' not in form
    tags_in_force(acting, here, "party", "head")
    assert "示例party" in text_of(desk, "/office/residents/new")
    data = {"name": "新居民", "household": "3-2-501", "tags": ["party", "head", "party"]}
    address = desk.post("/office/residents/new", data=data).location
    resident_id = int(address.rsplit("/", 1)[1])
    assert known_of(acting, resident_id) == ("3-2-501", ["head", "party"])
    page = text_of(desk, address)
    assert "3-2-501" in page and "示例head、示例party" in page
    form = text_of(desk, f"{address}/edit")
    assert 'value="3-2-501"' in form and len(re.findall(r'name="tags"[^>]* checked', form)) == 2
    desk.post(f"{address}/edit", data={"name": "新居民", "tags": "head"})
    assert known_of(acting, resident_id) == ("", ["head"])


def test_a_tag_that_the_rules_in_force_lack_is_refused_but_not_taken_away(
    desk: FlaskClient, here: world.World, acting: Acting, clock: FakeClock
) -> None:
    tags_in_force(acting, here, "party")
    path = f"/office/residents/{here.resident_ids[0]}"
    desk.post(f"{path}/edit", data={"name": "示例居民1", "tags": "party"})
    clock.forward(minutes=1)
    tags_in_force(acting, here, "head")
    for address in (f"{path}/edit", "/office/residents/new"):
        wrong = desk.post(address, data={"name": "甲", "tags": "party"})
        assert wrong.status_code == 422
        assert "请从列表中选择" in wrong.get_data(as_text=True)
    assert "示例party" in text_of(desk, path)
    desk.post(f"{path}/edit", data={"name": "示例居民1", "tags": "head"})
    assert known_of(acting, here.resident_ids[0]) == ("", ["head", "party"])


def test_the_whole_number_is_shown_on_record(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    path = f"/office/residents/{here.resident_ids[0]}"
    page = text_of(desk, path)
    assert "···0001" in page and "138 0000 0001" not in page
    assert "138 0000 0001" in desk.post(f"{path}/phone").get_data(as_text=True)
    assert audited(acting, "resident.phone") == 1
    assert desk.get(f"{path}/phone").status_code == 405


def test_a_list_is_taken_out_on_record_and_runs_nothing(desk: FlaskClient, acting: Acting) -> None:
    desk.post("/office/residents/new", data={"name": "=1+1", "building": "@SUM(A1)"})
    response = desk.post("/office/residents/export", data={"sort": "newest"})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="residents-2026-11-20.csv"'
    )
    content = response.get_data()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0] == "姓名,电话,楼栋,备注,户号,身份,积分,登记日期"
    assert lines[1] == "'=1+1,,'@SUM(A1),,,,0,2026-11-20"
    assert "示例居民1,138 0000 0001,,,,,0,2026-11-20" in lines
    assert len(lines) == 5
    assert audited(acting, "resident.export") == 1


def test_a_list_that_was_taken_out_can_be_read_in_again(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    tags_in_force(acting, here, "party", "head")
    data = {"name": "新居民", "household": "3-2-501", "tags": ["party", "head"]}
    desk.post("/office/residents/new", data=data)
    list_ = desk.post("/office/residents/export", data={"sort": "newest"}).get_data()
    assert "新居民,,,,3-2-501,示例head、示例party,0,2026-11-20" in list_.decode("utf-8-sig")
    with acting() as act:
        there = world.community(act, here.other_community_id)
        batch = imports.check_in(act, there, "residents.csv", list_)
        assert batch.ignored_columns == ["积分", "登记日期"]
        assert imports.confirm(act, batch, with_cards=False) is None
        read = act.session.query(Resident).filter_by(name="新居民", community_id=there.id).one()
        assert (read.household, read.tags) == ("3-2-501", ["head", "party"])


def test_the_page_shows_card_points_owed_and_why(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    resident_id = here.resident_ids[0]
    award(acting, here, resident_id)
    spend(acting, here, resident_id, 5)
    with acting() as act:
        card = cards.issue(act, world.resident(act, resident_id))
        code = card.code
    page = text_of(desk, f"/office/residents/{resident_id}")
    assert "示例清扫活动" in page and "示例套餐" in page and "示例餐馆" in page
    assert "2 小时 30 分钟" in page and "每小时 10 分" in page
    assert "2027年11月30日" in page
    assert f"···· {code[-4:]}" in page and code not in page
    desk.set_cookie("language", "en")
    english = text_of(desk, f"/office/residents/{resident_id}")
    assert "30 minutes" in english and "10 points" in english


def test_the_page_shows_what_is_set_aside(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    desk.set_cookie("language", "en")
    address = f"/office/residents/{here.resident_ids[0]}"
    assert "Nothing is set aside." in text_of(desk, address)
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        world.give(act, resident.id, 50)
        shop = ledger.open_account(act.session, ledger.MERCHANT, "示例餐馆", here.programme_id)

        def work(op: ledger.Operation) -> dict[str, int]:
            today, until = act.now.date(), act.now + timedelta(days=3)
            place = partial(ledger.place, op, resident.wallet_id, shop.id, today=today)
            ended = place(7, until=until, reason="示例点心")
            ledger.release(op, ended)
            return {"hold": place(20, until=until, reason="示例套餐")}

        ledger.once(act, "test", "set-aside", {}, work).result()
    page = re.sub(r"(<[^>]+>|\s)+", " ", text_of(desk, address))
    assert "示例餐馆 · 示例套餐 20 points · until November 23, 2026" in page
    assert "示例点心" not in page and "Nothing is set aside." not in page


def test_the_statement_is_paged(desk: FlaskClient, here: world.World, acting: Acting) -> None:
    resident_id = here.resident_ids[0]
    with acting() as act:
        for number in range(25):
            world.give(act, resident_id, number + 1, f"gift-number-{number}")
    page = text_of(desk, f"/office/residents/{resident_id}")
    assert page.count("<tr>") == 21
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    assert text_of(desk, older[1]).count("<tr>") == 6


def test_an_award_is_taken_back_once_with_a_reason(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    resident_id = here.resident_ids[0]
    award_id = award(acting, here, resident_id)
    path = f"/office/residents/{resident_id}/awards/{award_id}/take-back"
    assert path in text_of(desk, f"/office/residents/{resident_id}")
    key = key_in(text_of(desk, path))
    unexplained = desk.post(path, data={"key": key, "reason": " "})
    assert unexplained.status_code == 422
    for _ in range(2):
        response = desk.post(path, data={"key": key, "reason": "时长有误"})
        assert response.status_code == 303
    page = text_of(desk, f"/office/residents/{resident_id}")
    assert "已追回 20 积分" in page and "时长有误" in page and path not in page
    assert desk.get(path).status_code == 409
    with acting() as act:
        resident = world.resident(act, resident_id)
        assert ledger.posted(act.session, resident.wallet_id) == 0
        assert act.session.get_one(Award, award_id).reversal_reason == "时长有误"
        assert list(ledger.verify(act.session)) == []
    assert audited(acting, "award.reverse") == 1


def test_spent_points_are_refused_clearly_then_owed_if_wished(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    resident_id = here.resident_ids[0]
    award_id = award(acting, here, resident_id)
    spend(acting, here, resident_id, 12)
    path = f"/office/residents/{resident_id}/awards/{award_id}/take-back"
    refused = desk.post(path, data={"key": key_in(text_of(desk, path)), "reason": "时长有误"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "12" in page and 'name="owe"' in page and "时长有误" in page
    with acting() as act:
        wallet_id = world.resident(act, resident_id).wallet_id
        assert ledger.posted(act.session, wallet_id) == 8
    data = {"key": key_in(page), "reason": "时长有误", "owe": "1"}
    assert desk.post(path, data=data).status_code == 303
    assert "已追回 8 积分；12 积分记为欠额" in text_of(desk, f"/office/residents/{resident_id}")
    with acting() as act:
        assert ledger.owed(act.session, wallet_id) == 12


def test_another_community_s_resident_and_award_are_not_there(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    award_id = award(acting, here, here.other_resident_id)
    other, mine = here.other_resident_id, here.resident_ids[0]
    for path in ("", "/edit", f"/awards/{award_id}/take-back"):
        assert desk.get(f"/office/residents/{other}{path}").status_code == 404
    for path in ("/phone", "/edit", f"/awards/{award_id}/take-back"):
        assert desk.post(f"/office/residents/{other}{path}").status_code == 404
    crossed = f"/office/residents/{mine}/awards/{award_id}/take-back"
    assert desk.get(crossed).status_code == 404


@pytest.mark.parametrize("path", ["/office/residents", "/office/imports"])
def test_only_the_office_comes_in(
    client: FlaskClient, here: world.World, acting: Acting, path: str
) -> None:
    anyone = client.get(path)
    assert anyone.status_code == 303 and "/sign-in" in anyone.location
    with acting() as act:
        world.person(act, "nobody", "无权者")
    world.sign_in(client, "nobody")
    assert client.get(path).status_code == 403
    assert client.post(f"{path}/1/phone" if "residents" in path else path).status_code == 403
