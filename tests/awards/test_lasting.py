"""The day that awarded points last through isn't sealed, so reconciliation computes it anew."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from rewards import awards, awards_check, ledger
from rewards.communities import Programme
from rewards.schemes import versions
from rewards.schemes.facts import Kind
from tests import world
from tests.awards.office import Office
from tests.conftest import Database
from tests.ledger.test_verify import unfrozen
from tests.schemes import plain


def found(database: Database) -> list[tuple[str, int]]:
    with Session(database.engine) as session:
        drifts = ledger.verify(session, more=[awards_check.awards])
        return [(drift.what, drift.id) for drift in drifts]


def by_rule(office: Office, *given: tuple[int, int, str]) -> None:
    """Award gifts (number, resident, kind) by rules whose points last differently."""
    month = {"kind": "months", "months": 1, "to_month_end": False}
    rules = plain.scheme(
        plain.rule("money", 10, expiry=month),
        plain.rule("goods", 20, expiry={"kind": "year_end", "years": 1}),
        plain.rule("goods", 5, key="more", role="bonus", expiry=month),
        wallet={"expiry": {"kind": "never"}},
    )
    with office.acting() as act:
        version = versions.publish(act, office.world.programme_id, rules, effective_from=act.now)
        dues = []
        for number, resident_id, kind in given:
            resident = world.resident(act, resident_id)
            deed = awards.deed(resident, Kind(kind), act.now, fen=100, items=1)
            worth = version.engine.evaluate(deed, version.engine.tally())
            dues.append(awards.Due(resident, "donation", number, worth, "示例", act.now))
        programme = act.session.get_one(Programme, office.world.programme_id)

        def work(op: ledger.Operation) -> dict[str, int]:
            awards.grant_all(act, op, programme, version, dues)
            return {}

        ledger.once(act, "test", "by-rule", {}, work).result()


def test_points_last_as_their_rule_says_and_tampering_with_that_is_found(
    office: Office, database: Database
) -> None:
    by_rule(office, (1, office.one, "money"), (2, office.two, "goods"), (3, office.one, "goods"))
    with Session(database.engine) as session:
        days = session.execute(text("SELECT expires_on, SUM(remaining) FROM lot GROUP BY 1"))
        lots = {str(day): int(points) for day, points in days}
    # An act's points last as long as its longest line: the bonus of a month goes with the goods.
    assert lots == {"2026-12-20": 10, "2027-12-31": 50}
    assert found(database) == []
    unfrozen(database, "UPDATE lot SET expires_on = '2027-12-30' WHERE expires_on = '2026-12-20'")
    assert found(database) == [("days of award", 1)]


def test_a_rule_that_was_changed_under_an_award_is_found_by_its_days(
    office: Office, database: Database
) -> None:
    by_rule(office, (1, office.one, "money"), (2, office.two, "goods"))
    unfrozen(
        database,
        "UPDATE award_line SET rule = 'goods' WHERE award_id = 1",
    )
    assert found(database) == [("days of award", 1)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE lot SET expires_on = '9999-12-30' WHERE id = 1",
        # The entry moves to the lot of another day, and both lots agree with it.
        "INSERT INTO lot (id, account_id, expires_on, remaining) "
        "SELECT 99, account_id, '2099-12-31', remaining FROM lot WHERE id = 1;"
        "UPDATE lot_entry SET lot_id = 99 WHERE lot_id = 1;"
        "UPDATE lot SET remaining = 0 WHERE id = 1",
    ],
)
def test_points_that_were_made_to_last_longer_are_found(
    office: Office, database: Database, tampering: str
) -> None:
    office.grant((office.one, 1, 20), (office.two, 2, 30))
    office.limit(None)  # other rules since then, by which points never expire
    [later] = office.grant((office.two, 3, 40))
    assert found(database) == []
    unfrozen(database, *tampering.split(";"))
    assert found(database) == [("days of award", 1)]
    assert later.id != 1
