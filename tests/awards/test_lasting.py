"""The day that awarded points last through isn't sealed, so reconciliation computes it anew."""

import pytest
from sqlalchemy.orm import Session

from rewards import awards_check, ledger
from tests.awards.office import Office
from tests.conftest import Database
from tests.ledger.test_verify import unfrozen


def found(database: Database) -> list[tuple[str, int]]:
    with Session(database.engine) as session:
        drifts = ledger.verify(session, more=[awards_check.awards])
        return [(drift.what, drift.id) for drift in drifts]


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
