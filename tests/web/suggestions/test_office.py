"""The desk handles suggestions of its own community, each step once, nobody named needlessly."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rewards import cards, suggestions
from rewards.audit import AuditEntry
from rewards.suggestions import Category, Status
from tests import world
from tests.suggestions.conftest import Desk
from tests.web.suggestions.conftest import how_many, only

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

ADOPTING = {"public_title": "东门路灯修复", "words": "谢谢您"}


def post(client: FlaskClient, number: int, step: str, **data: str):
    return client.post(f"/office/suggestions/{number}/{step}", data=data)


def test_a_suggestion_goes_its_whole_way(desk: Desk, organiser: FlaskClient) -> None:
    number = desk.send()
    assert post(organiser, number, "accept").status_code == 303
    assert post(organiser, number, "answer", words="已联系物业").status_code == 303
    asked = organiser.get(f"/office/suggestions/{number}/adopt")
    assert "将获得 20 积分" in asked.text and "示***" in asked.text
    assert post(organiser, number, "adopt", **ADOPTING).status_code == 303
    assert desk.points() == 20
    assert post(organiser, number, "solve", words="灯已换好").status_code == 303
    assert desk.status(number) is Status.SOLVED
    page = organiser.get(f"/office/suggestions/{number}").text
    assert "已联系物业" in page and "灯已换好" in page and "东门路灯修复" in page


def test_a_second_tap_on_adopt_says_so_and_adds_nothing(desk: Desk, organiser: FlaskClient) -> None:
    number = desk.send()
    desk.do(suggestions.accept, number)
    post(organiser, number, "adopt", **ADOPTING)
    organiser.get(f"/office/suggestions/{number}")
    again = post(organiser, number, "adopt", **ADOPTING)
    assert again.status_code == 303
    assert "没有重复发放积分" in organiser.get(again.location).text
    assert desk.points() == 20


@pytest.mark.parametrize(
    ("step", "data", "says"),
    [
        ("adopt", ADOPTING, "只有已受理的建言可以采纳"),
        ("solve", {"words": "好了"}, "只有已采纳的建言可以标为已解决"),
        ("reverse", {"key": "reversal-key", "reason": "重复"}, "没有可以撤回的采纳"),
    ],
)
def test_a_step_out_of_turn_is_explained_beside_the_suggestion(
    desk: Desk, organiser: FlaskClient, step: str, data: dict[str, str], says: str
) -> None:
    number = desk.send()
    answer = post(organiser, number, step, **data)
    assert answer.location == f"/office/suggestions/{number}"
    assert says in organiser.get(answer.location).text
    assert desk.status(number) is Status.SENT


@pytest.mark.parametrize("step", ["refuse", "answer", "solve", "adopt", "reverse"])
def test_words_that_the_resident_needs_are_asked_for(
    desk: Desk, organiser: FlaskClient, step: str
) -> None:
    number = desk.send()
    desk.do(suggestions.accept, number)
    assert organiser.get(f"/office/suggestions/{number}/{step}").status_code == 200
    answer = post(organiser, number, step)
    assert answer.status_code == 422 and "error-summary" in answer.text
    assert desk.status(number) is Status.ACCEPTED


def test_one_that_is_not_taken_up_says_why(
    desk: Desk, organiser: FlaskClient, resident: FlaskClient
) -> None:
    number = desk.send()
    post(organiser, number, "refuse", words="不在本社区")
    assert desk.status(number) is Status.REFUSED
    assert "不在本社区" in resident.get(f"/me/suggest/{number}").text


def test_an_adoption_is_taken_back_with_a_reason(
    desk: Desk, organiser: FlaskClient, resident: FlaskClient
) -> None:
    number = desk.adopted()
    data = {"key": "reversal-key", "reason": "与另一条重复"}
    for _ in range(2):
        assert post(organiser, number, "reverse", **data).status_code == 303
    assert desk.points() == 0
    assert "与另一条重复" in resident.get(f"/me/suggest/{number}").text


def test_points_already_spent_keep_the_form_and_its_words(
    desk: Desk, organiser: FlaskClient
) -> None:
    number = desk.adopted()
    desk.spend(15)
    answer = post(organiser, number, "reverse", key="reversal-key", reason="与另一条重复")
    assert answer.status_code == 422
    assert "15" in answer.text and "与另一条重复" in answer.text
    assert 'value="reversal-key"' not in answer.text
    assert desk.status(number) is Status.ADOPTED


def test_the_queue_is_filtered_by_status_and_subject(desk: Desk, organiser: FlaskClient) -> None:
    desk.send("路灯不亮")
    desk.send("办个读书会", category=Category.CULTURE)
    accepted = desk.send("井盖松动")
    desk.do(suggestions.accept, accepted)

    def shown(query: str) -> set[str]:
        page = organiser.get(f"/office/suggestions{query}").text
        return {text for text in ("路灯不亮", "办个读书会", "井盖松动") if text in page}

    assert shown("") == {"路灯不亮", "办个读书会"}
    assert shown("?status=accepted") == {"井盖松动"}
    assert shown("?status=sent&category=culture") == {"办个读书会"}
    assert shown("?status=all") == {"路灯不亮", "办个读书会", "井盖松动"}
    assert shown("?status=nonsense&category=nonsense&page=-3") == shown("?status=all")
    assert shown("?status=solved") == set()


def test_names_are_masked_until_they_are_asked_for_on_record(
    desk: Desk, organiser: FlaskClient
) -> None:
    number = desk.send()
    for page in ("", f"/{number}"):
        text = organiser.get(f"/office/suggestions{page}").text
        assert "示例居民1" not in text and "示***" in text
    opened = post(organiser, number, "contact")
    assert "示例居民1" in opened.text and "13800000001" in opened.text.replace(" ", "")
    with desk.acting() as act:
        entries = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "resident.phone")
        ).all()
        assert [(e.subject, e.actor_name) for e in entries] == [
            (f"resident:{desk.world.resident_ids[0]}", "组织者甲")
        ]


def test_another_communitys_desk_finds_nothing(desk: Desk, elsewhere: FlaskClient) -> None:
    number = desk.send()
    assert "东门的路灯不亮" not in elsewhere.get("/office/suggestions?status=all").text
    for page in ("", "/refuse", "/answer", "/solve", "/adopt", "/reverse"):
        assert elsewhere.get(f"/office/suggestions/{number}{page}").status_code == 404
    for step in ("accept", "refuse", "answer", "solve", "adopt", "reverse", "contact"):
        data = {"words": "x", "reason": "x", "key": "reversal-key", "public_title": "x"}
        assert post(elsewhere, number, step, **data).status_code == 404
    assert [what for what, *_ in desk.history(number)] == ["sent"]


def test_neither_a_resident_nor_a_cashier_has_a_desk(
    desk: Desk, resident: FlaskClient, client: FlaskClient
) -> None:
    number = desk.send()
    with desk.acting() as act:
        world.person(act, "cashier", "收银员甲")
    world.sign_in(client, "cashier")
    for browser in (resident, client):
        assert browser.get("/office/suggestions").status_code == 403
        assert post(browser, number, "accept").status_code == 403
    assert client.get("/me/suggest").status_code == 403
    assert desk.status(number) is Status.SENT


def take(client: FlaskClient, code: str, **changed: str):
    data = {
        "key": "the-desks-own-key",
        "code": code,
        "channel": "phone",
        "text": "希望晚上也能办事",
        "category": "service",
        **changed,
    }
    return client.post("/office/suggestions/new", data=data)


def card_of(desk: Desk, resident_id: int) -> str:
    with desk.acting() as act:
        return cards.issue(act, world.resident(act, resident_id)).code


def test_the_desk_takes_one_down_by_the_residents_card(
    desk: Desk, organiser: FlaskClient, resident: FlaskClient
) -> None:
    code = card_of(desk, desk.world.resident_ids[0])
    for _ in range(2):
        assert take(organiser, code).status_code == 303
    assert how_many(desk) == 1
    with desk.acting() as act:
        assert only(act, desk).channel == "phone"
    assert "希望晚上也能办事" in resident.get("/me/suggest").text
    assert "社区窗口代为登记" in resident.get(f"/me/suggest/{_number(desk)}").text


def _number(desk: Desk) -> int:
    with desk.acting() as act:
        return only(act, desk).id


def test_a_card_that_is_no_card_or_of_elsewhere_is_refused_at_its_field(
    desk: Desk, organiser: FlaskClient
) -> None:
    foreign = card_of(desk, desk.world.other_resident_id)
    for code, says in (("nonsense", "服务卡"), (foreign, "其他社区"), ("", "f-code")):
        answer = take(organiser, code)
        assert answer.status_code == 422
        assert says in answer.text and "希望晚上也能办事" in answer.text
    assert how_many(desk) == 0
