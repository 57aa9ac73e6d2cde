"""The overview counts this community and this month; each number's rows are behind it."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rewards import awards, ledger
from rewards.act import Act
from rewards.audit import AuditEntry
from rewards.communities import Programme
from rewards.reports import expiring, movements
from rewards.reports.movements import EARNED, Wanted, Way
from rewards.reports.overview import overview
from rewards.schemes import versions
from tests import world
from tests.conftest import START, Acting, FakeClock
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def award(act: Act, here: World, source: str, number: int, points: int, to: int = 0) -> int:
    """Award *points*, as each way of earning does; answers the award's id."""
    programme = act.session.get_one(Programme, here.programme_id)
    resident_id = here.resident_ids[to] if to >= 0 else here.other_resident_id
    due = awards.Due(
        world.resident(act, resident_id),
        source,
        number,
        world.worth(points),
        "示例理由",
        act.now,
    )

    def work(op: ledger.Operation) -> dict[str, int]:
        in_force = versions.in_force(act, programme.id, act.now)
        return {"award": awards.grant_all(act, op, programme, in_force, [due])[0].id}

    answer = ledger.once(act, "test", f"award:{source}:{number}", {"n": number}, work)
    award_id: int = answer.result()["award"]
    return award_id


def redeem(act: Act, here: World, points: int, key: str) -> int:
    shop = act.session.scalar(select(ledger.Account.id).where(ledger.Account.name == "示例店"))
    if shop is None:
        shop = ledger.open_account(act.session, ledger.MERCHANT, "示例店", here.programme_id).id
    wallet = world.resident(act, here.resident_ids[0]).wallet_id

    def work(op: ledger.Operation) -> dict[str, int]:
        today = START.date()
        return {"id": ledger.redeem(op, wallet, shop, points, today=today, reason="茶")}

    transfer: int = ledger.once(act, "test", key, {}, work).result()["id"]
    return transfer


def void(act: Act, transfer_id: int) -> None:
    ledger.once(
        act,
        "test",
        f"void:{transfer_id}",
        {},
        lambda op: {"id": ledger.give_back(op, transfer_id, reason="错")},
    ).result()


@pytest.fixture
def season(acting: Acting, here: World, clock: FakeClock) -> World:
    """Points of last month, of this month, of another community, and some undone."""
    clock.now = START - timedelta(weeks=4)
    with acting() as act:
        award(act, here, "attendance", 1, 100)
    clock.now = START
    with acting() as act:
        award(act, here, "attendance", 2, 30)
        award(act, here, "donation", 1, 7)
        award(act, here, "suggestion", 1, 5, to=1)
        award(act, here, "attendance", 3, 999, to=-1)
        redeem(act, here, 40, "first-redemption")
        undone = redeem(act, here, 11, "second-redemption")
        void(act, undone)
    return here


def test_the_month_s_sums_are_net_and_of_here(acting: Acting, season: World) -> None:
    with acting() as act:
        found = overview(act, world.community(act, season.community_id))
        assert (found.awarded.points, found.awarded.count) == (42, 3)
        assert (found.redeemed.points, found.redeemed.count) == (40, 1)
        assert found.residents == 3


def test_the_rows_behind_a_number_come_to_it(acting: Acting, season: World) -> None:
    with acting() as act:
        community = world.community(act, season.community_id)
        found = overview(act, community)
        since = movements.midnight(community, found.month)
        for ways, number in ((EARNED, found.awarded), ((Way.REDEEMED,), found.redeemed)):
            rows = list(movements.every(act, community, Wanted(ways=ways, since=since)))
            assert sum(row.points - row.undone for row in rows) == number.points


def test_weeks_begin_on_monday_and_hold_what_moved_in_them(acting: Acting, season: World) -> None:
    with acting() as act:
        weeks = movements.weekly(act, world.community(act, season.community_id))
        assert len(weeks) == 12
        assert {week.monday.weekday() for week in weeks} == {0}
        assert weeks[-1].points == {
            Way.VOLUNTEERING: 30,
            Way.DONATION: 7,
            Way.SUGGESTION: 5,
            Way.DEED: 0,
            Way.REDEEMED: 40,
            Way.GIVEN: 0,
            Way.GIVEN_TO_CAUSE: 0,
            Way.DEDUCTED: 0,
        }
        assert weeks[-5].points[Way.VOLUNTEERING] == 100
        assert sum(sum(week.points.values()) for week in weeks) == 182


def test_sunday_night_in_beijing_is_still_that_week(
    acting: Acting, here: World, clock: FakeClock
) -> None:
    sunday = START - timedelta(days=5)
    clock.now = sunday.replace(hour=15, minute=59)  # 23:59 in Beijing
    with acting() as act:
        award(act, here, "attendance", 1, 1)
    clock.now = sunday.replace(hour=16, minute=0)  # Monday
    with acting() as act:
        award(act, here, "attendance", 2, 10)
    clock.now = START
    with acting() as act:
        weeks = movements.weekly(act, world.community(act, here.community_id))
        assert [week.points[Way.VOLUNTEERING] for week in weeks[-2:]] == [1, 10]


def test_pages_of_movements_join(acting: Acting, season: World) -> None:
    with acting() as act:
        community = world.community(act, season.community_id)
        every = [m.id for m in movements.every(act, community, Wanted())]
        first = movements.page(act, community, Wanted(), size=2)
        second = movements.page(act, community, Wanted(), before=first.before, size=2)
        assert [m.id for m in (*first.movements, *second.movements)] == every[:4]


def test_the_page_shows_the_numbers_and_links_to_their_rows(
    client: FlaskClient, season: World
) -> None:
    world.sign_in(client, "organiser")
    page = client.get("/office").get_data(as_text=True)
    assert 'href="/office/points?way=earned&amp;since=2026-11-01"' in page
    assert "<svg" in page and "<table" in page and "style=" not in page
    rows = client.get("/office/points?way=redeemed&since=2026-11-01").get_data(as_text=True)
    assert rows.count("示例店") == 2
    assert "示例外人" not in client.get("/office/points").get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    ["way=nonsense", "since=2026-13-99", "until=9999-12-31", "before=0", "before=" + "9" * 30],
)
def test_odd_addresses_are_no_limit_and_no_error(
    client: FlaskClient, season: World, query: str
) -> None:
    world.sign_in(client, "organiser")
    assert client.get(f"/office/points?{query}").status_code == 200


def test_the_export_has_what_the_list_shows_and_is_logged(
    client: FlaskClient, season: World, acting: Acting
) -> None:
    world.sign_in(client, "organiser")
    answer = client.post("/office/points/export", data={"way": "redeemed"})
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row[3:5] for row in rows[1:]] == [["11", "11"], ["40", "0"]]
    with acting() as act:
        [entry] = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "points.export")
        )
        assert entry.actor == f"staff:{season.organiser_id}"


def test_an_empty_office_says_what_to_do(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "organiser")
    assert 'class="empty"' in client.get("/office").get_data(as_text=True)


def test_whoever_has_two_communities_switches_between_them(
    client: FlaskClient, here: World
) -> None:
    world.sign_in(client, "admin")
    assert "示例一社区" in _heading(client)
    answer = client.post("/office/community", data={"community_id": here.other_community_id})
    assert answer.status_code == 303
    assert "示例二社区" in _heading(client)


@pytest.mark.parametrize("chosen", ["other", "99999", "", "x"])
def test_nobody_switches_to_a_community_of_others(
    client: FlaskClient, here: World, chosen: str
) -> None:
    world.sign_in(client, "organiser")
    chosen = str(here.other_community_id) if chosen == "other" else chosen
    assert client.post("/office/community", data={"community_id": chosen}).status_code == 404
    assert "示例一社区" in _heading(client)


def test_staff_of_the_office_land_there(client: FlaskClient, here: World) -> None:
    answer = client.post("/sign-in", data={"username": "organiser", "password": world.PASSWORD})
    assert answer.location == "/office"


def _heading(client: FlaskClient) -> str:
    found = re.search(r"<h1>(.*?)</h1>", client.get("/office").get_data(as_text=True))
    assert found is not None
    return found[1]


def test_what_expires_month_by_month_here_and_everywhere(
    client: FlaskClient, acting: Acting, here: World
) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        assert expiring.of_community(act, community).spendable == 0
        award(act, here, "attendance", 1, 30)
        award(act, here, "attendance", 2, 500, to=-1)
        world.give(act, here.resident_ids[1], 7)
    with acting() as act:
        seen = expiring.of_community(act, world.community(act, here.community_id))
        assert [month.first.isoformat() for month in seen.months][::11] == [
            "2026-11-01",
            "2027-10-01",
        ]
        assert (seen.afterwards, seen.never, seen.held, seen.spendable) == (30, 7, 0, 37)
        programme = act.session.get_one(Programme, here.programme_id)
        assert expiring.of_programme(act, programme).spendable == 537
        world.set_rules(act, programme.id, expiry={"kind": "year_end", "years": 0})
    with acting() as act:
        award(act, here, "attendance", 3, 1234)
        months = expiring.of_community(act, world.community(act, here.community_id)).months
        assert months[1] == expiring.Month(date(2026, 12, 1), 1234)
    world.sign_in(client, "organiser")
    page = client.get("/office").get_data(as_text=True)
    assert "bar--expiring" in page and page.count("1,234") >= 2 and "整个项目" not in page
    client.post("/sign-out")
    world.sign_in(client, "admin")
    page = client.get("/office").get_data(as_text=True)
    assert "整个项目" in page and "1,771" in page
