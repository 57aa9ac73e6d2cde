"""By what redemptions are looked up, by plans too that a connection keeps for what is to come."""

import pytest
from sqlalchemy import text

from merchants.checkout import Counter as Desk
from merchants.checkout import order, take_all
from rewards.bulk import writing
from rewards.ledger import Answer
from tests.conftest import Acting, Database, FakeClock
from tests.merchants.shop import Counter

READ = text("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes")
COUNT = text("SELECT pg_stat_force_next_flush()")


def redeem(counter: Counter, name: str, many: int) -> None:
    """Redeem a point so many times, in one batch."""
    with counter.as_cashier() as act:
        desk = Desk.at(act, counter.merchant(act))
        ask = {"scanned": counter.shop.card_code, "points": 1, "again": True}
        orders = [order(act, desk, key=f"{name}-{n}", **ask) for n in range(many)]
        with writing(act.session) as writer:
            outcomes = take_all(writer, orders)
    assert all(isinstance(outcome, Answer) and outcome.refusal is None for outcome in outcomes)


def entries_read(database: Database) -> int:
    """How many index entries were read until now."""
    with database.engine.begin() as connection:
        connection.execute(COUNT)
    with database.engine.begin() as connection:
        return int(connection.scalar(READ) or 0)


@pytest.mark.postgresql_only
@pytest.mark.parametrize(("few", "analyzed"), [(30, True), (300, False), (300, True)])
def test_plans_made_for_few_rows_look_them_up_when_there_are_many(
    acting: Acting, clock: FakeClock, database: Database, few: int, analyzed: bool
) -> None:
    counter = Counter(acting, points=5000)
    for n in range(few):
        clock.forward(seconds=1)  # else an index would keep all of them as one
        redeem(counter, f"few-{n}", 1)
    if analyzed:
        with acting() as act:
            act.session.execute(text("ANALYZE"))
    database.engine.dispose()  # another connection has no plans yet
    counter.redeem(points=2).result()
    redeem(counter, "many", 2000)
    clock.forward(minutes=5)
    before = entries_read(database)
    counter.redeem(points=3).result()
    assert entries_read(database) - before < 200


def test_a_shop_s_month_is_looked_up_by_its_days(database: Database) -> None:
    month = (
        "SELECT sum(points) FROM redemption WHERE merchant_id = 7 "
        "AND business_day >= '2026-11-01' AND business_day <= '2026-11-30'"
    )
    with database.engine.begin() as connection:
        explain = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN"
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {month}")))
    assert "ix_redemption_merchant_id_business_day" in plan
