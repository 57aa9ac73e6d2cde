"""A resident sends a suggestion once, follows it, and nobody else sees its photos."""

from io import BytesIO
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from PIL import Image

from rewards import suggestions
from tests.suggestions import images
from tests.suggestions.conftest import Desk
from tests.web.suggestions.conftest import how_many, only, send

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


def test_a_suggestion_is_sent_and_followed_to_its_points(desk: Desk, resident: FlaskClient) -> None:
    answer = send(resident)
    assert answer.status_code == 303
    with desk.acting() as act:
        number = only(act, desk).id
    assert f"S{number:06d}" in resident.get(answer.location).text
    assert "东门的路灯不亮" in resident.get("/me/suggest").text
    desk.do(suggestions.accept, number)
    desk.do(suggestions.answer, number, "已联系<b>物业</b>")
    desk.adopt(number)
    page = resident.get(f"/me/suggest/{number}").text
    assert "已联系&lt;b&gt;物业&lt;/b&gt;" in page
    assert "20 积分" in page
    assert "组织者甲" not in page, "to its author, whoever handled it is the desk"


def test_a_double_tap_sends_one(desk: Desk, resident: FlaskClient) -> None:
    photo = ("lamp.jpg", images.photo())
    first, second = send(resident, photo), send(resident, photo)
    assert first.location == second.location
    assert how_many(desk) == 1
    assert len(list(desk.folder.iterdir())) == 2


def test_going_back_and_sending_other_words_asks_before_it_sends_a_second(
    desk: Desk, resident: FlaskClient
) -> None:
    send(resident)
    again = send(resident, text="井盖松动")
    assert again.status_code == 422
    assert "井盖松动" in again.text
    assert 'value="the-forms-own-key"' not in again.text
    assert how_many(desk) == 1
    assert send(resident, text="井盖松动", key="a-new-forms-key").status_code == 303


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "长" * 1001}, "text"),
        ({"category": "politics"}, "category"),
        ({"category": ""}, "category"),
        ({"place": "远" * 101}, "place"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    desk: Desk, resident: FlaskClient, changed: dict[str, str], field: str
) -> None:
    answer = send(resident, **changed)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert how_many(desk) == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("drawing.svg", images.SVG, "不是照片"),
        ("photo.jpg", images.PROGRAM, "不是照片"),
        ("half.jpg", images.photo(800, 600)[:9000], "已损坏或不完整"),
        ("bomb.png", images.bomb(), "5000 万像素"),
        ("fifty.jpg", images.photo() + bytes(50 * 1024 * 1024), "超过 10 MB"),
    ],
    ids=["svg", "program", "truncated", "bomb", "50 MB"],
)
def test_a_bad_photo_is_refused_by_name_and_what_was_typed_stays(
    desk: Desk, resident: FlaskClient, name: str, content: bytes, says: str
) -> None:
    answer = send(resident, ("good.jpg", images.photo()), (name, content))
    assert answer.status_code == 422
    assert f"“{name}”" in answer.text and says in answer.text
    assert 'href="#f-photos"' in answer.text
    for typed in ("东门的路灯不亮", 'value="东门"', 'value="safety" checked'):
        assert typed in answer.text
    assert how_many(desk) == 0
    assert not desk.folder.exists()


def test_a_request_beyond_all_measure_is_told_what_to_do(desk: Desk, resident: FlaskClient) -> None:
    claimed = {"CONTENT_LENGTH": str(65 * 1024 * 1024)}
    answer = resident.post("/me/suggest/new", environ_overrides=claimed)
    assert answer.status_code == 413
    assert "10 MB" in answer.text and "返回" in answer.text
    assert how_many(desk) == 0


def test_an_expired_session_in_the_middle_of_a_large_form_keeps_what_was_typed(
    desk: Desk, client: FlaskClient
) -> None:
    answer = send(client, ("large.jpg", bytes(25 * 1024 * 1024)))
    assert answer.status_code == 401
    assert "东门的路灯不亮" in answer.text
    assert how_many(desk) == 0


def test_a_commit_that_fails_leaves_no_file(
    desk: Desk, resident: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("rewards.web.resident.suggestions.commit", fail)
    assert send(resident, ("lamp.jpg", images.photo())).status_code == 500
    assert list(desk.folder.iterdir()) == []
    assert how_many(desk) == 0


def test_a_photo_is_served_clean_to_its_author(desk: Desk, resident: FlaskClient) -> None:
    send(resident, ("yard.jpg", images.photo_with_position()))
    with desk.acting() as act:
        suggestion = only(act, desk)
        number, photo = suggestion.id, suggestion.photos[0].id
    assert f"/me/suggest/photos/{photo}/small" in resident.get(f"/me/suggest/{number}").text
    for size, longest in (("full", 800), ("small", 400)):
        answer = resident.get(f"/me/suggest/photos/{photo}/{size}")
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "public" not in answer.headers["Cache-Control"]
        image = Image.open(BytesIO(answer.data))
        assert max(image.size) == longest and dict(image.getexif()) == {}


def test_photos_are_seen_by_author_and_office_alone(
    desk: Desk,
    resident: FlaskClient,
    neighbour: FlaskClient,
    organiser: FlaskClient,
    elsewhere: FlaskClient,
    client: FlaskClient,
) -> None:
    send(resident, ("lamp.jpg", images.photo()))
    with desk.acting() as act:
        number = only(act, desk).photos[0].id
    seen = SimpleNamespace(
        own=resident.get(f"/me/suggest/photos/{number}/full").status_code,
        neighbour=neighbour.get(f"/me/suggest/photos/{number}/full").status_code,
        office=organiser.get(f"/office/suggestions/photos/{number}/full").status_code,
        elsewhere=elsewhere.get(f"/office/suggestions/photos/{number}/full").status_code,
        anyone=client.get(f"/board/photos/{number}/full").status_code,
        unsigned=client.get(f"/me/suggest/photos/{number}/full").status_code,
    )
    assert seen == SimpleNamespace(
        own=200, neighbour=404, office=200, elsewhere=404, anyone=404, unsigned=303
    )


def test_a_photo_whose_file_is_lost_is_not_found(desk: Desk, resident: FlaskClient) -> None:
    send(resident, ("lamp.jpg", images.photo()))
    with desk.acting() as act:
        number = only(act, desk).photos[0].id
    for path in desk.folder.iterdir():
        path.unlink()
    assert resident.get(f"/me/suggest/photos/{number}/full").status_code == 404


def test_a_neighbour_finds_nothing_of_it(desk: Desk, neighbour: FlaskClient) -> None:
    number = desk.send()
    changed = {"text": "别的", "category": "other"}
    for page in ("", "/sent", "/edit"):
        assert neighbour.get(f"/me/suggest/{number}{page}").status_code == 404
    assert neighbour.post(f"/me/suggest/{number}/edit", data=changed).status_code == 404
    assert "东门的路灯不亮" not in neighbour.get("/me/suggest").text


def test_it_is_changed_while_it_waits_and_not_after(desk: Desk, resident: FlaskClient) -> None:
    number = desk.send()
    assert "东门的路灯不亮" in resident.get(f"/me/suggest/{number}/edit").text
    changed = {"text": "西门的路灯不亮", "category": "facilities", "place": ""}
    assert resident.post(f"/me/suggest/{number}/edit", data=changed).status_code == 303
    assert "西门的路灯不亮" in resident.get(f"/me/suggest/{number}").text
    wrong = resident.post(f"/me/suggest/{number}/edit", data={**changed, "text": ""})
    assert wrong.status_code == 422
    desk.do(suggestions.accept, number)
    assert resident.get(f"/me/suggest/{number}/edit").status_code == 409
    late = resident.post(f"/me/suggest/{number}/edit", data={**changed, "text": "太晚了"})
    assert late.status_code == 409 and "社区已开始处理" in late.text
    assert "太晚了" not in resident.get(f"/me/suggest/{number}").text
