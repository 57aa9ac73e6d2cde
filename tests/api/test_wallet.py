"""A resident's program sees the resident's own wallet, page by page."""

from datetime import timedelta

import pytest

from rewards import cards, ledger
from rewards.communities import Programme
from tests import world
from tests.api.caller import PIN, Caller, activate
from tests.conftest import START, Acting
from tests.world import World


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


@pytest.fixture
def resident(caller: Caller, acting: Acting, here: World) -> Caller:
    with acting() as act:
        code = cards.issue(act, world.resident(act, here.resident_ids[0])).code
        activate(act, code)
        for number in range(1, 6):
            world.give(act, here.resident_ids[0], number, f"gift-{number}")
        world.give(act, here.resident_ids[1], 1000, "somebody-else")
        programme = act.session.get_one(Programme, here.programme_id)
        wallet = world.resident(act, here.resident_ids[0]).wallet_id
        soon = START.date() + timedelta(days=3)
        accrual = ledger.Accrual(wallet, 40, soon, "示例", act.now)
        ledger.once(
            act,
            "test",
            "expiring",
            {},
            lambda op: {"ids": ledger.accrue(op, programme.issuer_account_id, [accrual])},
        )
    return caller.take({"code": code, "pin": PIN})


def test_the_balance_says_what_expires_when(resident: Caller) -> None:
    assert resident.get("/me/balance").json == {
        "spendable": 55,
        "owed": 0,
        "dated": [
            {"points": 40, "expires_on": "2026-11-23"},
            {"points": 15, "expires_on": None},
        ],
    }


def test_the_statement_goes_on_where_the_page_ended(resident: Caller) -> None:
    first = resident.get("/me/statement?size=4").json
    second = resident.get(f"/me/statement?size=4&before={first['before']}").json
    assert [line["points"] for line in first["lines"] + second["lines"]] == [40, 5, 4, 3, 2, 1]
    assert second["before"] is None
    assert first["lines"][0] == {
        **first["lines"][0],
        "kind": "accrual",
        "reason": "示例",
        "other": "示例积分项目",
        "happened_at": START.isoformat(),
        "reverses": None,
    }


@pytest.mark.parametrize("query", ["size=0", "size=101", "before=-1", "before=x", "size=1.5"])
def test_a_query_out_of_range_is_refused(resident: Caller, query: str) -> None:
    answer = resident.get(f"/me/statement?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query.partition("=")[0]]
