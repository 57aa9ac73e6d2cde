"""Giving on a phone and at the desk: page by page, refused in words, once however often sent."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rewards import cards
from rewards.donations import causes
from rewards.settings import Settings
from tests import world
from tests.conftest import Acting, FakeClock
from tests.giving_on.conftest import OPEN, Street
from tests.web import doors

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

PIN = {"pin": doors.PIN}


def activate(street: Street, settings: Settings, number: int) -> None:
    key = cards.activation_key(settings.secret_key)
    with street.acting() as act:
        card = cards.find(act, street.codes[number])
        code = cards.activation_code(card, key)
        assert cards.activate(act, card, code, doors.PIN, key) is None


@pytest.fixture
def phone(client: FlaskClient, street: Street, settings: Settings) -> FlaskClient:
    """The giver's phone, signed in, with 50 points on the card."""
    street.pay_in(50, date(2027, 6, 30))
    activate(street, settings, street.giver)
    assert doors.enter(client, street.codes[street.giver]).status_code == 303
    client.set_cookie("language", "en")
    return client


def text(answer: TestResponse, status: int = 200) -> str:
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page
    return re.sub(r"\s+", " ", page)


def choose(client: FlaskClient, street: Street, to: int | None = None, at: str = "/me") -> None:
    """Scan a neighbour's card."""
    code = street.codes[to or street.neighbour]
    answer = client.post(f"{at}/give-on/neighbour", data={"code": code})
    assert (answer.status_code, answer.location) == (303, f"{at}/give-on/amount")


def checked(client: FlaskClient, points: int, at: str = "/me") -> dict[str, str]:
    """Look at the check page; answers its hidden fields."""
    page = text(client.get(f"{at}/give-on/check?points={points}"))
    return dict(re.findall(r'type="hidden" name="(key|points)" value="([^"]+)"', page))


def confirm(client: FlaskClient, fields: dict[str, str], at: str = "/me") -> TestResponse:
    return client.post(f"{at}/give-on/give", data=fields)


def test_from_the_first_page_to_the_receipt(
    phone: FlaskClient, new_client: Callable[[], FlaskClient], street: Street, settings: Settings
) -> None:
    assert "To a neighbour or a cause" in text(phone.get("/me"))
    assert "At most 50 points can be given now." in text(phone.get("/me/give-on"))
    choose(phone, street)
    page = text(phone.get("/me/give-on/amount"))
    assert "How many points for 示***?" in page and "示例居民" not in page.partition("<main")[2]
    page = text(phone.get("/me/give-on/check?points=20"))
    assert "Give 20 points to 示***?" in page
    assert "30 points" in page and "until June 30, 2027" in page
    answer = confirm(phone, checked(phone, 20) | PIN)
    assert answer.status_code == 303
    page = text(phone.get(answer.location))
    assert "20 points given to 示***" in page and "You have 30 points left." in page
    assert (street.spendable(), street.spendable(street.neighbour)) == (30, 20)
    statement = text(phone.get("/me/statement"))
    assert "Given to 示***" in statement and "示例居民2" not in statement
    # The neighbour is told, and has a line and its proof.
    activate(street, settings, street.neighbour)
    other = new_client()
    doors.enter(other, street.codes[street.neighbour])
    other.set_cookie("language", "en")
    page = text(other.get("/me"))
    assert "From your neighbours" in page and "Given by 示***" in page and "示例居民1" not in page
    assert "Given by 示***" in text(other.get("/me/statement"))
    reference = answer.location.rpartition("/")[2].partition("?")[0]
    page = text(other.get(f"/me/give-on/gifts/{reference}"))
    assert "20 points from 示***" in page and "Take it back" not in page
    assert (
        other.post(f"/me/give-on/gifts/{reference}/undo", data={"key": "k" * 8}).status_code == 404
    )
    assert "Given by 示***" in text(other.get("/me/statement/2/proof"))


def test_a_cause_is_chosen_from_the_list_and_shows_its_sum(
    phone: FlaskClient, street: Street
) -> None:
    assert "示例助学" in text(phone.get("/me/give-on/choose"))
    answer = phone.post(f"/me/give-on/cause/{street.cause}")
    assert answer.location == "/me/give-on/amount"
    assert "How many points for 示例助学?" in text(phone.get(answer.location))
    answer = confirm(phone, checked(phone, 5) | PIN)
    assert "5 points given to the cause “示例助学”" in text(phone.get(answer.location))
    for address in ("/me/give", f"/me/give/{street.cause}"):
        page = text(phone.get(address))
        assert "5 points were given to it." in page
        assert f'href="/me/give-on/causes/{street.cause}"' in page
    rows = text(phone.get(f"/me/give-on/causes/{street.cause}"))
    assert "5 points in all." in rows and "示***" not in rows.partition("<main")[2]
    assert "Given to 示例助学" in text(phone.get("/me/statement"))


def test_two_taps_and_a_way_back_give_once(phone: FlaskClient, street: Street) -> None:
    choose(phone, street)
    fields = checked(phone, 20) | PIN
    first = confirm(phone, fields)
    # The answer to the first was lost: the phone's cookie is still that of before.
    choose_again = confirm(phone, fields)
    assert choose_again.location == "/me/give-on/choose"
    assert "Choose once more" in text(phone.get("/me/give-on/choose"))
    assert first.status_code == 303 and street.spendable() == 30


def test_a_lost_answer_is_given_again(phone: FlaskClient, street: Street) -> None:
    choose(phone, street)
    cookie = phone.get_cookie("epoints")
    assert cookie is not None
    first = confirm(phone, checked(phone, 20) | PIN)
    phone.set_cookie("epoints", cookie.value)
    again = confirm(phone, checked(phone, 20) | PIN)
    assert again.location == first.location
    assert street.spendable() == 30


def test_another_tab_does_not_change_to_whom(phone: FlaskClient, street: Street) -> None:
    choose(phone, street)
    fields = checked(phone, 20) | PIN
    choose(phone, street, street.stranger)
    assert confirm(phone, fields).location == "/me/give-on/choose"
    assert street.spendable() == 50


def test_the_pin_is_asked_for_and_wrong_ones_are_counted(
    phone: FlaskClient, street: Street
) -> None:
    choose(phone, street)
    fields = checked(phone, 20)
    for pin, status in ((None, 422), ("12", 422), ("000001", 403)):
        answer = confirm(phone, fields | ({"pin": pin} if pin else {}))
        assert 'id="f-pin-error"' in text(answer, status)
    for _ in range(4):
        last = confirm(phone, fields | {"pin": "000001"})
    assert "Wait 1 minutes" in text(last, 429)
    assert "Wait 1 minutes" in text(confirm(phone, fields | PIN), 429)
    assert street.spendable() == 50


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("0", "Enter a whole number, 1 or more."),
        ("-5", "Enter a whole number, 1 or more."),
        ("1.5", "Enter a whole number"),
        ("", "Enter"),
        ("9" * 19, "That number is too large."),
        ("51", "Not enough points: 1 more needed."),
    ],
)
def test_numbers_that_cannot_be_given_say_why(
    phone: FlaskClient, street: Street, points: str, words: str
) -> None:
    choose(phone, street)
    page = text(phone.get(f"/me/give-on/check?points={points}"), 409 if points == "51" else 422)
    assert words in page and 'id="f-points-error"' in page
    assert street.spendable() == 50


def test_nonsense_in_the_form_is_refused(phone: FlaskClient, street: Street) -> None:
    choose(phone, street)
    mark = checked(phone, 1)["key"].rpartition(".")[0]
    for points in ("abc", "0", "+7", ""):
        answer = confirm(phone, {"key": f"{mark}.{points}", "points": points, **PIN})
        assert answer.status_code == 422, points
    assert confirm(phone, {}).status_code == 303
    assert street.spendable() == 50


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("own", "given to yourself"),
        ("blocked", "This card is blocked."),
        ("elsewhere", "isn&#39;t known here"),
        ("none", "isn&#39;t a service card"),
        ("empty", "be left empty"),
    ],
)
def test_cards_that_cannot_be_given_to_say_why(
    phone: FlaskClient, street: Street, which: str, words: str
) -> None:
    code = {"own": street.codes[street.giver], "none": "1234", "empty": ""}.get(which)
    if which == "elsewhere":
        code = street.elsewhere()
    elif which == "blocked":
        code = street.codes[street.neighbour]
        with street.acting() as act:
            cards.block(act, cards.find(act, code), reason="示例")
    page = text(phone.post("/me/give-on/neighbour", data={"code": code}), 422)
    assert words in page and 'id="f-code-error"' in page
    assert "示***" not in page


def test_limits_are_said_before_and_kept(phone: FlaskClient, street: Street) -> None:
    with street.acting() as act:
        street.rule(act, {**OPEN, "points": {"most": 30, "window": "month"}})
    page = text(phone.get("/me/give-on"))
    assert "At most 30 points can be given now." in page
    assert "rules leave until November 30, 2026" in page
    choose(phone, street)
    page = text(phone.get("/me/give-on/check?points=31"), 409)
    assert "at most 30 points can be given on" in page
    confirm(phone, checked(phone, 30) | PIN)
    page = text(phone.get("/me/give-on"))
    assert "given already. More can be given after November 30, 2026." in page


def test_a_full_neighbour_is_refused_without_saying_how_full(
    phone: FlaskClient, street: Street
) -> None:
    street.pay_in(90, to=street.neighbour)
    with street.acting() as act:
        street.rule(act, OPEN, limit=100)
    choose(phone, street)
    page = text(confirm(phone, checked(phone, 11) | PIN), 409)
    said = unescape(re.findall(r'f-points-error".*?<span>([^<]*)', page)[0])
    assert "card can't take so many points" in said and not re.search(r"\d", said)
    # What was refused under one key is another gift now.
    assert confirm(phone, checked(phone, 10) | PIN).status_code == 303


def test_where_the_rules_say_no_there_is_no_way(phone: FlaskClient, street: Street) -> None:
    with street.acting() as act:
        street.rule(act, {"to_causes": True})
    page = text(phone.get("/me/give-on/choose"))
    assert "To a cause" in page and "To a neighbour" not in page
    choice = phone.post("/me/give-on/neighbour", data={"code": street.codes[street.neighbour]})
    assert "can&#39;t be given to a neighbour" in text(choice, 422)
    with street.acting() as act:
        street.rule(act, {"to_neighbours": False})
    assert "can't be given on" in text(phone.get("/me/give-on"))
    assert "can't be given on" in text(phone.get("/me/give-on/choose"))
    assert "/me/give-on" not in text(phone.get("/me"))
    assert phone.post(f"/me/give-on/cause/{street.cause}").status_code == 409


def test_a_closed_cause_says_so(phone: FlaskClient, street: Street) -> None:
    phone.post(f"/me/give-on/cause/{street.cause}")
    fields = checked(phone, 5) | PIN
    with street.acting() as act:
        causes.close(act, causes.load(act, street.cause, street.here.community_id))
    assert "This cause is closed" in text(confirm(phone, fields), 409)
    assert "This cause is closed" in text(phone.post(f"/me/give-on/cause/{street.cause}"), 409)
    assert "no cause at present" in text(phone.get("/me/give-on/choose"))


def test_nothing_to_give(client: FlaskClient, street: Street, settings: Settings) -> None:
    activate(street, settings, street.giver)
    doors.enter(client, street.codes[street.giver])
    client.set_cookie("language", "en")
    for address in ("/me/give-on", "/me/give-on/choose"):
        assert "There are no points to give at present." in text(client.get(address))
    assert "Nobody has given points to it yet." in text(
        client.get(f"/me/give-on/causes/{street.cause}")
    )


def test_second_thoughts(phone: FlaskClient, street: Street, clock: FakeClock) -> None:
    choose(phone, street)
    gift = confirm(phone, checked(phone, 20) | PIN).location.partition("?")[0]
    page = text(phone.get(gift))
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    assert "Until 09:10 you can take it back yourself" in page
    phone.post(f"{gift}/undo", data={"key": key})
    page = text(phone.get(gift))
    assert "The gift is undone." in page and "This gift was undone on" in page
    assert (street.spendable(), street.spendable(street.neighbour)) == (50, 0)
    assert "Gift to 示*** undone" in text(phone.get("/me/statement"))
    phone.post(f"{gift}/undo", data={"key": "another-key"})
    assert "undone before" in text(phone.get(gift))
    choose(phone, street)
    gift = confirm(phone, checked(phone, 20) | PIN).location.partition("?")[0]
    clock.forward(minutes=11)
    assert "The community office can undo a gift for a week" in text(phone.get(gift))
    phone.post(f"{gift}/undo", data={"key": "too-late-key"})
    assert "for 10 minutes only" in text(phone.get(gift))


def test_a_choice_left_lying_is_forgotten(
    phone: FlaskClient, street: Street, clock: FakeClock
) -> None:
    choose(phone, street)
    clock.forward(minutes=16)
    for address in ("amount", "check?points=5"):
        assert phone.get(f"/me/give-on/{address}").location == "/me/give-on/choose"


@pytest.fixture
def desk(client: FlaskClient, street: Street) -> FlaskClient:
    street.pay_in(50)
    world.sign_in(client, "organiser")
    client.set_cookie("language", "en")
    return client


def test_at_the_desk_with_the_giver_s_card(desk: FlaskClient, street: Street) -> None:
    assert "Nobody has given points on yet." in text(desk.get("/office/give-on"))
    assert desk.get("/office/give-on/choose").location == "/office/give-on/card"
    assert "nobody is at the desk" in text(desk.get("/office/give-on/card"))
    shown = desk.post("/office/give-on/card", data={"code": street.codes[street.giver]})
    assert shown.location == "/office/give-on/choose"
    assert "示例居民1" in text(desk.get(shown.location))
    choose(desk, street, at="/office")
    fields = checked(desk, 20, at="/office")
    assert 'name="pin"' not in text(desk.get("/office/give-on/check?points=20"))
    gift = confirm(desk, fields, at="/office").location
    page = text(desk.get(gift))
    assert "20 points given to 示例居民2" in page and "组织者甲" in page
    for address in ("/office/give-on", "/office/points?way=given"):
        page = text(desk.get(address))
        assert "示例居民1" in page and "20" in page
    page = text(desk.get(f"/office/residents/{street.giver}"))
    assert "示***" in page and "Given on" in page
    # The office undoes it, with a reason that both read.
    gift = gift.partition("?")[0]
    key = re.findall(r'name="key" value="([^"]+)"', text(desk.get(gift)))[0]
    assert "be left empty" in text(desk.post(f"{gift}/undo", data={"key": key}), 422)
    desk.post(f"{gift}/undo", data={"key": key, "because": "扫错了卡"})
    page = text(desk.get(gift))
    assert "Undone by" in page and "扫错了卡" in page
    assert street.spendable() == 50
    page = text(desk.post(f"{gift}/undo", data={"key": "another-key", "because": "再来"}), 422)
    assert "undone before" in page
    world.sign_in(desk, "admin")
    page = text(desk.get("/office/audit?family=gift"))
    assert "Gave points on" in page and "Undid a gift of points" in page


def test_the_desk_takes_no_card_of_another_community(
    desk: FlaskClient, street: Street, clock: FakeClock
) -> None:
    for code, words in (
        (street.codes[street.stranger], "isn&#39;t known here"),
        ("1234", "isn&#39;t a service card"),
        ("", "be left empty"),
    ):
        assert words in text(desk.post("/office/give-on/card", data={"code": code}), 422)
    desk.post("/office/give-on/card", data={"code": street.codes[street.giver]})
    clock.forward(minutes=16)
    assert desk.get("/office/give-on/choose").location == "/office/give-on/card"


def test_another_office_sees_nothing_of_it(desk: FlaskClient, street: Street) -> None:
    receipt = street.give(5, street.stranger)
    cause = street.give(7, cause=street.cause)
    assert "示***" in text(desk.get(f"/office/give-on/gifts/{receipt['reference']}"))
    rows = text(desk.get(f"/office/give-on/causes/{street.cause}"))
    assert "7 points in all" in rows and "示例居民1" in rows
    world.sign_in(desk, "admin")
    causes_page = text(desk.get("/office/causes"))
    assert f'href="/office/give-on/causes/{street.cause}">7</a>' in causes_page
    desk.post("/office/community", data={"community_id": street.here.other_community_id})
    for address in (f"gifts/{receipt['reference']}", f"causes/{street.cause}", "gifts/none"):
        assert desk.get(f"/office/give-on/{address}").status_code == 404
    undo = f"/office/give-on/gifts/{cause['reference']}/undo"
    assert desk.post(undo, data={"key": "some-key-1", "because": "示例"}).status_code == 404
    assert "Nobody has given points on yet." in text(desk.get("/office/give-on"))


def test_only_one_s_own_gifts_open(
    phone: FlaskClient, street: Street, acting: Acting, settings: Settings
) -> None:
    street.pay_in(5, to=street.neighbour)
    other = street.give(5, street.stranger, giver=street.neighbour)
    assert phone.get(f"/me/give-on/gifts/{other['reference']}").status_code == 404
    undo = phone.post(f"/me/give-on/gifts/{other['reference']}/undo", data={"key": "some-key-1"})
    assert undo.status_code == 404
