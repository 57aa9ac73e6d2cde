"""An import over the web: sent, checked, mended, confirmed; and every kind of wrong file."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from merchants import partners, people
from rewards import staff
from rewards.imports import Batch, ImportLine
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.imports.test_files import HOSTILE, ROWS, workbook_of
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


MIXED = "姓名,手机,楼栋\n新甲,13911110001,1号楼\n,13911110002,\n新乙,12,\n旧人,13800000001,\n"


def send(desk: FlaskClient, content: bytes | str, name: str = "名单.csv") -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    response = desk.post("/office/imports", data={"file": (io.BytesIO(raw), name)})
    # The test client keeps a large body in a temporary file that it leaves open.
    response.request.environ["wsgi.input"].close()
    return response


def page_of(desk: FlaskClient, path: str) -> str:
    response = desk.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def count(acting: Acting, model: type) -> int:
    with acting() as act:
        return act.session.scalar(select(func.count()).select_from(model)) or 0


def lines_of(acting: Acting) -> dict[int, int]:
    """The staged lines' ids by their numbers."""
    with acting() as act:
        return dict(act.session.execute(select(ImportLine.number, ImportLine.id)).all())


def test_an_import_from_file_to_register(desk: FlaskClient, acting: Acting) -> None:
    before = count(acting, Resident)
    sent = send(desk, MIXED)
    assert sent.status_code == 303
    check = sent.location
    page = page_of(desk, check)
    assert "有 3 行存在问题" in page and "名单.csv" in page
    assert "缺少姓名" in page and "电话无法识别" in page and "示***" in page
    assert "新甲" not in page and "新甲" in page_of(desk, f"{check}?show=all")
    assert count(acting, Resident) == before

    lines = lines_of(acting)
    line = f"{check}/lines/{lines[4]}"
    assert "12" in page_of(desk, line)
    malformed = desk.post(line, data={"name": "新乙", "phone": "123"})
    assert malformed.status_code == 422
    meeting = desk.post(line, data={"name": "新乙", "phone": "13911110001"})
    assert meeting.status_code == 422
    assert "与第 2 行是同一位居民" in meeting.get_data(as_text=True)
    known = desk.post(line, data={"name": "新乙", "phone": "13800000002"})
    assert "这是已登记的 示***" in known.get_data(as_text=True)
    assert desk.post(line, data={"name": "新乙", "phone": "13911110003"}).status_code == 303

    too_early = desk.post(f"{check}/confirm")
    assert too_early.status_code == 303
    assert "还有 2 行有问题" in page_of(desk, check)
    assert desk.post(f"{check}/lines/{lines[3]}/skip").status_code == 303
    assert desk.post(f"{check}/skip-problems").status_code == 303
    assert "登记 2 位居民" in page_of(desk, check)

    for _ in range(2):
        assert desk.post(f"{check}/confirm", data={"cards": "1"}).status_code == 303
    done = page_of(desk, check)
    assert "已登记 2 位居民" in done and "组织者甲" in done
    assert count(acting, Resident) == before + 2
    assert count(acting, ImportLine) == 0
    assert "名单.csv" in page_of(desk, "/office/imports")
    assert desk.get(line).status_code == 404


def test_a_workbook_comes_in_too(desk: FlaskClient) -> None:
    sent = send(desk, workbook_of([list(row) for row in ROWS]), "list.xlsx")
    assert "示例䶮𬱖㛃" in page_of(desk, sent.location)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_no_list_is_refused_at_the_field(
    desk: FlaskClient, acting: Acting, what: str
) -> None:
    make, _ = HOSTILE[what]
    response = send(desk, make())
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert 'id="f-file-error"' in page and 'href="#f-file"' in page
    assert count(acting, Batch) == 0


def test_no_file_at_all_is_said(desk: FlaskClient) -> None:
    response = desk.post("/office/imports", data={})
    assert response.status_code == 422
    assert "请先选择文件" in response.get_data(as_text=True)


def test_columns_that_are_not_read_are_named(desk: FlaskClient) -> None:
    sent = send(desk, "姓名,身份证号,爱好\n甲,x,y\n")
    assert "以下各列不会读取：身份证号、爱好。" in page_of(desk, sent.location)


def test_what_the_file_says_is_shown_as_text(desk: FlaskClient) -> None:
    sent = send(desk, '姓名,备注\n甲,"<script>alert(1)</script>"\n')
    page = page_of(desk, sent.location)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_the_sample_file_can_be_imported(desk: FlaskClient) -> None:
    for tongue in ("zh", "en"):
        desk.set_cookie("language", tongue)
        sample = desk.get("/office/imports/sample.csv")
        assert sample.status_code == 200 and "attachment" in sample.headers["Content-Disposition"]
        assert send(desk, sample.get_data()).status_code == 303


def test_a_line_with_an_unknown_identity_is_mended_by_ticking(
    desk: FlaskClient, here: world.World, acting: Acting
) -> None:
    assert "没有设身份" in page_of(desk, "/office/imports")
    with acting() as act:
        document = {**plain.document(), "tags": [plain.named("party"), plain.named("head")]}
        versions.publish(act, here.programme_id, document, effective_from=act.now)
    assert "现行规则里有：示例party、示例head" in page_of(desk, "/office/imports")
    sample = desk.get("/office/imports/sample.csv").get_data(as_text=True)
    assert sample.splitlines()[0].endswith("户号,身份") and sample.rstrip().endswith("示例party")
    check = send(desk, "姓名,户号,身份\n甲,3-2-501,示例party\n乙,,网格员\n").location
    page = page_of(desk, f"{check}?show=all")
    assert "3-2-501" in page and "示例party" in page and "身份不在规则里" in page
    line = f"{check}/lines/{lines_of(acting)[3]}"
    assert "没有“网格员”这个身份" in page_of(desk, line)
    wrong = desk.post(line, data={"name": "乙", "tags": "grid"})
    assert wrong.status_code == 422 and 'href="#f-tags"' in wrong.get_data(as_text=True)
    assert desk.post(line, data={"name": "乙", "tags": "head"}).status_code == 303
    assert desk.post(f"{check}/confirm").status_code == 303
    with acting() as act:
        rows = act.session.execute(
            select(Resident.household, Resident.tags).where(Resident.name.in_(list("甲乙")))
        )
        assert sorted(map(tuple, rows)) == [("", ["head"]), ("3-2-501", ["party"])]


def test_a_discarded_import_registers_nobody(desk: FlaskClient, acting: Acting) -> None:
    before = count(acting, Resident)
    check = send(desk, MIXED).location
    for _ in range(2):
        assert desk.post(f"{check}/discard").status_code == 303
    assert "这次导入已放弃" in page_of(desk, check)
    assert desk.post(f"{check}/confirm").status_code == 409
    assert (count(acting, Resident), count(acting, ImportLine)) == (before, 0)


def test_lines_are_filtered_and_paged(desk: FlaskClient) -> None:
    rows = "\n".join(f"新{i:03},139111{i:05}," for i in range(60))
    check = send(desk, f"姓名,手机,楼栋\n{rows}\n").location
    first = page_of(desk, check)
    assert "新000" in first and "新055" not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert "新055" in page_of(desk, following[1].replace("&amp;", "&"))
    assert "没有处于此状态的行" in page_of(desk, f"{check}?show=skipped")
    for query in ("page=0", "page=-5", "page=x", "page=99", "show=nonsense"):
        page_of(desk, f"{check}?{query}")


def test_skipping_comes_back_to_the_same_list(desk: FlaskClient, acting: Acting) -> None:
    check = send(desk, MIXED).location
    line_id = lines_of(acting)[2]
    for act in ("skip", "restore"):
        back = desk.post(
            f"{check}/lines/{line_id}/{act}", data={"next": f"{check}?show=all&page=1"}
        )
        assert back.location == f"{check}?show=all&page=1"
    away = desk.post(f"{check}/lines/{line_id}/skip", data={"next": "https://example.org/"})
    assert away.location == check


def test_another_community_s_import_is_not_there(
    desk: FlaskClient, acting: Acting, new_client: Callable[[], FlaskClient], here: world.World
) -> None:
    check = send(desk, MIXED).location
    line_id = next(iter(lines_of(acting).values()))
    with acting() as act:
        stranger = world.person(act, "stranger", "组织者丙")
        staff.grant(act, stranger, Role.ORGANISER, community_id=here.other_community_id)
    other = new_client()
    world.sign_in(other, "stranger")
    assert other.get(check).status_code == 404
    assert other.get(f"{check}/lines/{line_id}").status_code == 404
    line = f"lines/{line_id}"
    for act_on in ("confirm", "discard", "skip-problems", line, f"{line}/skip", f"{line}/restore"):
        assert other.post(f"{check}/{act_on}").status_code == 404
    assert "名单.csv" not in page_of(other, "/office/imports")


def test_neither_cashier_nor_resident_comes_in(
    client: FlaskClient, acting: Acting, here: world.World, desk: FlaskClient
) -> None:
    check = send(desk, MIXED).location
    desk.post("/sign-out")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"resident:{here.resident_ids[0]}:1", True
    for path in ("/office/imports", check, "/office/residents"):
        assert client.get(path).status_code == 403
    assert client.post(f"{check}/confirm").status_code == 403
    with acting() as act:
        community = world.community(act, here.community_id)
        shop = partners.add(
            act,
            community.programme,
            name_zh="示例餐馆",
            name_en="Sample eatery",
            category=partners.Category.DINING.value,
            points_per_yuan=10,
        )
        people.engage(act, shop, world.person(act, "cashier", "收银员甲"), Role.CASHIER)
    client.post("/sign-out")
    world.sign_in(client, "cashier")
    for path in ("/office/imports", check, "/office/residents"):
        assert client.get(path).status_code == 403
    assert client.post(f"{check}/confirm").status_code == 403
