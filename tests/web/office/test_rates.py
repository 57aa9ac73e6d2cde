"""Rates are checked before they are set, and only the programme's administrators set them."""

import pytest
from flask.testing import FlaskClient

from rewards import staff
from rewards.schemes import rates
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

NEW = {
    "points_per_hour": "20",
    "hours_cap": "4",
    "points_per_yuan": "1",
    "donation_cap": "0",
    "points_per_suggestion": "20",
    "suggestions_cap": "3",
    "expiry_kind": "never",
    "expiry_months": "",
    "effective_on": "2026-12-01",
}


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        local = world.person(act, "local", "社区管理员")
        staff.grant(act, local, Role.ADMINISTRATOR, community_id=made.community_id)
        return made


def count(acting: Acting, here: World) -> int:
    with acting() as act:
        return len(rates.history(act, here.programme_id))


def test_check_then_set(client: FlaskClient, here: World, acting: Acting) -> None:
    world.sign_in(client, "admin")
    checked = client.post("/office/rates/check", data=NEW)
    assert checked.status_code == 200
    assert count(acting, here) == 1, "checking sets nothing"
    with acting() as act:
        seen = rates.history(act, here.programme_id)[0].id
    assert f'name="seen" value="{seen}"' in checked.get_data(as_text=True)
    for _tap in range(2):
        answer = client.post("/office/rates", data={**NEW, "seen": seen})
        assert (answer.status_code, answer.location) == (303, "/office/rates")
    assert count(acting, here) == 2
    with acting() as act:
        assert rates.history(act, here.programme_id)[0].expiry == {"kind": "never"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"effective_on": "2026-11-19"},
        {"effective_on": "tomorrow"},
        {"points_per_hour": "-1"},
        {"points_per_hour": "1.5"},
        {"points_per_hour": "9" * 18},
        {"points_per_yuan": ""},
        {"expiry_months": "0"},
        {"expiry_kind": "month_end"},
        {"expiry_kind": "year_end", "expiry_months": "12"},
        {"expiry_kind": "weekly"},
        {"grace_days": "-1"},
        {"wallet_limit": "0"},
        {"when_full": "sell"},
    ],
)
def test_wrong_rates_are_explained_and_not_set(
    client: FlaskClient, here: World, acting: Acting, wrong: dict[str, str]
) -> None:
    world.sign_in(client, "admin")
    for address in ("/office/rates/check", "/office/rates"):
        answer = client.post(address, data={**NEW, **wrong})
        assert answer.status_code == 422
        assert "error-summary" in answer.get_data(as_text=True)
    assert count(acting, here) == 1


@pytest.mark.parametrize("username", ["organiser", "local"])
def test_others_look_only(client: FlaskClient, here: World, acting: Acting, username: str) -> None:
    world.sign_in(client, username)
    page = client.get("/office/rates")
    assert page.status_code == 200 and "/office/rates/new" not in page.get_data(as_text=True)
    assert client.get("/office/rates/new").status_code == 403
    assert client.post("/office/rates", data=NEW).status_code == 403
    assert count(acting, here) == 1


@pytest.mark.parametrize(
    ("typed", "kept", "said"),
    [
        (
            {"expiry_kind": "to_the_day", "expiry_months": "18"},
            {"kind": "months", "months": 18, "to_month_end": False},
            "满 18 个月到期",
        ),
        (
            {"expiry_kind": "month_end", "expiry_months": "6"},
            {"kind": "months", "months": 6, "to_month_end": True},
            "第 6 个月的月底到期",
        ),
        (
            {"expiry_kind": "year_end", "expiry_years": "0", "expiry_months": "12"},
            {"kind": "year_end", "years": 0},
            "当年的年底到期",
        ),
        (
            {"expiry_kind": "year_end", "expiry_years": "2"},
            {"kind": "year_end", "years": 2},
            "第 2 年",
        ),
        (
            {"expiry_kind": "idle", "expiry_months": "9"},
            {"kind": "idle", "months": 9},
            "连续 9 个月",
        ),
    ],
)
def test_every_policy_is_typed_kept_said_and_typed_again(
    client: FlaskClient,
    here: World,
    acting: Acting,
    typed: dict[str, str],
    kept: dict[str, object],
    said: str,
) -> None:
    world.sign_in(client, "admin")
    data = {
        **NEW,
        **typed,
        "effective_on": "2026-11-20",
        "grace_days": "30",
        "wallet_limit": "1500",
    }
    assert said in client.post("/office/rates/check", data=data).get_data(as_text=True)
    with acting() as act:
        seen = rates.history(act, here.programme_id)[0].id
    assert client.post("/office/rates", data={**data, "seen": seen}).status_code == 303
    with acting() as act:
        row = rates.history(act, here.programme_id)[0]
        assert (row.expiry, row.grace_days, row.wallet_limit, row.when_full) == (
            kept,
            30,
            1500,
            "trim",
        )
    page = client.get("/office/rates").get_data(as_text=True)
    assert said in page and "30 天" in page and "1,500" in page
    again = client.get("/office/rates/new").get_data(as_text=True)
    assert f'value="{typed["expiry_kind"]}" checked' in again
