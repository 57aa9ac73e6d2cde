"""Points rules in the office: drafted, compared, approved by a second person, withdrawn."""

import io
import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from rewards import staff
from rewards.schemes import drafts, files, presets, versions
from rewards.schemes.document import parse
from rewards.schemes.drafts import Draft
from rewards.schemes.scheme import Scheme
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

RULE = {
    "name_zh": "周末环境服务",
    "name_en": "Weekends",
    "source": "hours",
    "role": "base",
    "amount": "hour",
    "points": "15",
    "classes": ["environment"],
    "weekdays": ["6", "7"],
    "caps-0-most": "45",
    "caps-0-window": "day",
    "rounding": "half_up",
}


class Office:
    """An administrator at work on one draft."""

    def __init__(self, client: FlaskClient, acting: Acting, here: World) -> None:
        self.client, self.acting, self.here = client, acting, here
        self.draft_id = 0

    def start(self, preset: str = "simple") -> None:
        answer = self.client.post(f"/office/schemes/presets/{preset}")
        assert answer.status_code == 303
        self.draft_id = int(answer.location.rsplit("/", 1)[1])

    @property
    def address(self) -> str:
        return f"/office/schemes/drafts/{self.draft_id}"

    def draft(self) -> dict[str, Any]:
        with self.acting() as act:
            found = act.session.get_one(Draft, self.draft_id)
            return {
                "status": found.status,
                "revision": found.revision,
                "reason": found.returned_because,
            }

    def scheme(self) -> Scheme:
        with self.acting() as act:
            return parse(act.session.get_one(Draft, self.draft_id).document)

    def send(self, place: str, **data: Any) -> int:
        sent = {"revision": self.draft()["revision"], **data}
        return self.client.post(self.address + place, data=sent).status_code

    def page(self, place: str = "") -> str:
        answer = self.client.get(self.address + place)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def as_second(self, client: FlaskClient) -> "Office":
        second = Office(client, self.acting, self.here)
        second.draft_id = self.draft_id
        world.sign_in(client, "admin2")
        return second


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        second = world.person(act, "admin2", "管理员乙")
        staff.grant(act, second, Role.ADMINISTRATOR, programme_id=made.programme_id)
        local = world.person(act, "local", "社区管理员")
        staff.grant(act, local, Role.ADMINISTRATOR, community_id=made.community_id)
        return made


@pytest.fixture
def office(client: FlaskClient, acting: Acting, here: World) -> Office:
    world.sign_in(client, "admin")
    return Office(client, acting, here)


def test_a_rate_is_changed_and_said(office: Office) -> None:
    office.start()
    assert "每小时 10 分" in office.page()
    form = office.page("/rules/hours")
    assert re.search(r'name="points"[^>]* value="10"', form)
    typed = {
        "name_zh": "志愿服务",
        "source": "hours",
        "role": "base",
        "amount": "hour",
        "points": "12.5",
        "rounding": "half_up",
    }
    assert office.send("/rules/hours", **typed) == 303
    page = office.page()
    assert "每小时 12.5 分" in page and "有变化" in page
    side_by_side = office.page("/compare")
    assert "每小时 10 分" in side_by_side and "每小时 12.5 分" in side_by_side


def test_a_narrower_rule_stands_before_the_one_that_pays_for_all(office: Office) -> None:
    office.start()
    assert office.send("/rules/new", **RULE) == 303
    hours = [r.key for r in office.scheme().rules if r.source == "hours"]
    assert hours == ["weekends", "hours"]
    assert "周末环境类" in office.page()
    assert office.send("/rules/weekends/move", way="down") == 303
    hours = [r.key for r in office.scheme().rules if r.source == "hours"]
    assert hours == ["hours", "weekends"]
    page = office.page()
    assert "提交前请先改正" in page and 'href="#rule-weekends"' in page
    assert office.send("/submit", effective_on="2026-12-01") == 422
    assert office.send("/rules/weekends/delete") == 303
    assert "提交前请先改正" not in office.page()


def test_the_words_are_shown_before_anything_is_saved(office: Office) -> None:
    office.start()
    answer = office.client.post(office.address + "/rules/words", data=RULE)
    said = answer.get_data(as_text=True)
    assert "周末环境类服务每小时 15 分" in said and "每日至多 45 分" in said
    assert "<html" not in said
    answer = office.client.post(office.address + "/rules/new", data=RULE | {"look": "1"})
    assert (answer.status_code, "每小时 15 分" in answer.get_data(as_text=True)) == (200, True)
    answer = office.client.post(office.address + "/rules/words", data=RULE | {"points": ""})
    assert "每小时" not in answer.get_data(as_text=True)
    assert office.draft()["revision"] == 1


def test_wrong_fields_are_said_and_what_was_typed_stays(office: Office) -> None:
    office.start()
    wrong = RULE | {"points": "viele", "caps-0-most": "x", "revision": 1}
    answer = office.client.post(office.address + "/rules/new", data=wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "error-summary" in page
    assert 'href="#f-caps-0-most"' in page and 'value="viele"' in page
    assert re.search(r'value="6" checked', page)
    more = office.client.post(office.address + "/rules/new", data=wrong | {"more": "caps"})
    page = more.get_data(as_text=True)
    assert "error-summary" not in page and 'name="caps-3-most"' in page


def test_a_table_is_drawn_and_filled_in(office: Office) -> None:
    office.start("graded-events")
    typed = {
        "name_zh": "按类别和等级",
        "source": "event",
        "role": "base",
        "amount": "table",
        "rows": "class",
        "columns": "grade",
        "rounding": "half_up",
    }
    drawn = office.client.post(office.address + "/rules/new", data=typed | {"draw": "1"})
    page = drawn.get_data(as_text=True)
    names = re.findall(r'name="(cells-\d+)-(row|column)" value="([^"]+)"', page)
    assert len(names) == 8 * 3 * 2
    cells = {f"{cell}-{part}": value for cell, part, value in names}
    assert office.send("/rules/new", **typed, **cells, **{"cells-4-points": "7"}) == 303
    [made] = [r for r in office.scheme().rules if r.name.zh == "按类别和等级"]
    assert dict(made.amount.cells) == {("elders", "two"): 7}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("name", {"name_zh": "新名称"}, "新名称"),
        ("grades", {"terms-0-name_zh": "特级"}, "特级"),
        ("calendar", {"holidays": "2027-01-01 - 2027-01-03"}, "2027-01-01 - 2027-01-03"),
        ("wallet", {"expiry_kind": "never", "limit": "1500"}, "1,500"),
        ("spending", {"after_hours": "100", "times-0-most": "1"}, "100"),
        ("stars", {"stars-0-name_zh": "一星级", "stars-0-hours": "100"}, "一星级"),
        ("deductions", {"deductions-0-name_zh": "违约", "deductions-0-points": "5"}, "违约"),
    ],
)
def test_every_part_is_typed_and_said(
    office: Office, part: str, typed: dict[str, str], said: str
) -> None:
    office.start()
    assert office.page(f"/parts/{part}")
    assert office.send(f"/parts/{part}", **typed) == 303
    assert said in office.page()


def test_limits_of_several_rules(office: Office) -> None:
    office.start()
    typed = {"name_zh": "合计", "most": "100", "window": "month", "rules": ["hours", "money"]}
    assert office.send("/limits/new", **typed) == 303
    [limit] = office.scheme().shared_caps
    assert limit.rules == {"hours", "money"} and "100 分" in office.page()
    assert 'value="100"' in office.page(f"/limits/{limit.key}")
    assert office.send("/rules/hours/delete") == 303
    assert office.scheme().shared_caps[0].rules == {"money"}
    assert office.send(f"/limits/{limit.key}/delete") == 303
    assert office.scheme().shared_caps == ()


def test_two_at_once_lose_nothing(office: Office) -> None:
    office.start()
    assert office.send("/parts/name", name_zh="第一") == 303
    answer = office.client.post(
        office.address + "/parts/name", data={"revision": 1, "name_zh": "第二"}
    )
    assert answer.status_code == 422 and "第二" in answer.get_data(as_text=True)
    assert office.scheme().name.zh == "第一"


def test_submitted_approved_by_another_and_in_force(
    office: Office, new_client: Any, clock: Any
) -> None:
    office.start("hailin")
    assert office.send("/submit", effective_on="2026-11-19") == 422
    assert office.send("/submit", effective_on="2026-12-01") == 303
    assert office.draft()["status"] == "submitted"
    assert "已提交" in office.page("/submitted")
    assert "须由另一人批准" in office.page("/decide")
    assert office.send("/approve") == 403
    assert office.send("/parts/name", name_zh="偷改") == 422
    second = office.as_second(new_client())
    assert "批准，2026年12月1日" in second.page("/decide")
    answer = second.client.post(office.address + "/approve")
    assert answer.status_code == 303
    page = second.client.get(answer.location).get_data(as_text=True)
    assert "2026年12月1日" in page
    public = office.client.get("/rules").get_data(as_text=True)
    assert "2026年12月1日" in public and "每小时 1 分" in public
    clock.forward(days=12)
    with office.acting() as act:
        now = versions.in_force(act, office.here.programme_id, act.now)
        assert now.document == presets.preset("hailin").document


def test_given_back_with_a_reason_and_taken_up_again(office: Office, new_client: Any) -> None:
    office.start()
    office.send("/submit", effective_on="2026-12-01")
    second = office.as_second(new_client())
    assert second.send("/give-back", reason="") == 422
    assert second.send("/give-back", reason="分值太高") == 303
    assert office.draft()["reason"] == "分值太高" and "分值太高" in office.page()
    assert office.send("/parts/name", name_zh="改过") == 303
    assert office.send("/submit", effective_on="2026-12-01") == 303
    assert office.send("/give-back", reason="想再改") == 303, "one may take one's own back"


def test_a_file_for_a_day_that_is_taken_is_refused_with_the_line(
    office: Office, new_client: Any
) -> None:
    office.start()
    office.send("/submit", effective_on="2026-12-01")
    second = office.as_second(new_client())
    assert second.client.post(office.address + "/approve").status_code == 303
    loaded = presets.preset("simple")
    text = files.dump(loaded.document, files.Form.YAML, date(2026, 12, 1))
    sent = {"file": (io.BytesIO(text.encode()), "rules.yaml")}
    refused = office.client.post("/office/schemes/file", data=sent)
    assert refused.status_code == 422
    said = refused.get_data(as_text=True)
    assert "第 2 行" in said and "2026-12-01" in said
    refused.request.environ["wsgi.input"].close()


def test_withdrawn_before_it_begins(office: Office, new_client: Any) -> None:
    office.start()
    office.send("/submit", effective_on="2026-12-01")
    second = office.as_second(new_client())
    answer = second.client.post(office.address + "/approve")
    version = answer.location.removesuffix("/approved")
    assert office.client.post(version + "/withdraw", data={"reason": " "}).status_code == 422
    assert office.client.post(version + "/withdraw", data={"reason": "再议"}).status_code == 303
    assert "再议" in office.client.get(version).get_data(as_text=True)
    public = office.client.get("/rules").get_data(as_text=True)
    assert "再议" in public and "生效前撤回" in public


def test_a_file_goes_out_and_comes_in(office: Office) -> None:
    office.start("guangzhou")
    for form in ("yaml", "json"):
        answer = office.client.get(f"{office.address}/rules.{form}")
        assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
        sent = {"file": (io.BytesIO(answer.data), f"rules.{form}")}
        started = office.client.post("/office/schemes/file", data=sent)
        assert started.status_code == 303
        before = office.scheme()
        office.draft_id = int(started.location.rsplit("/", 1)[1])
        assert office.scheme() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format: e-points-scheme/1\nname: {zh: 甲, en: A}\nrules: []\nrulse: []\n", "第 4 行"),
        ("format: e-points-scheme/1\nname: &n {zh: 甲, en: A}\nrules: *n\n", "第 2 行"),
        ("", "空"),
        (
            "format: e-points-scheme/1\nname: {zh: 甲, en: A}\neffective_on: 2026-11-19\n"
            "rules: []\n",
            "第 3 行",
        ),
        ("\x00", "第 1 行"),
    ],
)
def test_a_wrong_file_is_refused_by_its_lines(office: Office, text: str, said: str) -> None:
    sent = {"file": (io.BytesIO(text.encode()), "rules.yaml")}
    answer = office.client.post("/office/schemes/file", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "error-summary" in page and said in page
    assert office.client.post("/office/schemes/file").status_code == 422
    with office.acting() as act:
        assert drafts.standing(act, office.here.programme_id) == []


def test_the_day_that_a_file_asks_for_is_offered(office: Office) -> None:
    text = presets.text("hailin") + "effective_on: 2026-12-24\n"
    sent = {"file": (io.BytesIO(text.encode()), "rules.yaml")}
    started = office.client.post("/office/schemes/file", data=sent)
    office.draft_id = int(started.location.rsplit("/", 1)[1])
    assert 'value="2026-12-24"' in office.page("/submit")
    assert "effective_on: '2026-12-24'" in office.client.get(office.address + "/rules.yaml").text


@pytest.mark.parametrize("username", ["organiser", "local"])
def test_others_read_only(office: Office, new_client: Any, username: str) -> None:
    office.start()
    client = new_client()
    world.sign_in(client, username)
    for path in ("/office/schemes", office.address, office.address + "/compare"):
        page = client.get(path)
        assert page.status_code == 200
        assert "/rules/new" not in page.get_data(as_text=True)
    for path in (
        "/office/schemes/new",
        office.address + "/rules/hours",
        office.address + "/submit",
    ):
        assert client.get(path).status_code == 403
    for path in ("/rules/new", "/parts/name", "/submit", "/approve", "/discard"):
        assert client.post(office.address + path, data=RULE).status_code == 403
    assert client.post("/office/schemes/presets/simple").status_code == 403


def test_what_is_not_there(office: Office) -> None:
    office.start()
    for path in ("/rules/none", "/parts/none", "/limits/none"):
        assert office.client.get(office.address + path).status_code == 404
        assert office.send(path) == 404
    assert office.client.get("/office/schemes/presets/none").status_code == 404
    assert office.client.get("/office/schemes/versions/999").status_code == 404
    assert office.client.get("/office/schemes/drafts/999").status_code == 404
    assert office.client.get("/rules/999").status_code == 404
    assert office.client.get("/rules/versions/999").status_code == 404


def test_a_draft_is_put_away(office: Office) -> None:
    office.start()
    assert office.send("/discard") == 303
    assert office.draft()["status"] == "discarded"
    assert office.send("/rules/new", **RULE) == 422
