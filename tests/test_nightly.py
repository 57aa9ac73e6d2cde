"""Each night expired points are swept, exactly once however often a run is killed."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from rewards import audit, expiration, ledger
from rewards.act import Act
from rewards.communities import Programme
from rewards.ledger.model import Balance
from tests import world
from tests.conftest import Acting, FakeClock


def run(app: Flask, *args: str):
    return app.test_cli_runner().invoke(args=args)


@pytest.fixture
def expired(acting: Acting) -> int:
    """A wallet with 30 points whose last day is over, and 12 whose isn't; its id."""
    with acting() as act:
        here = world.build(act)
        holder = world.resident(act, here.resident_ids[0])
        programme = act.session.get_one(Programme, here.programme_id)
        days = {date(2026, 11, 18): 10, date(2026, 11, 19): 20, date(2026, 11, 20): 12}
        accruals = [
            ledger.Accrual(holder.wallet_id, amount, last, "示例", act.now)
            for last, amount in days.items()
        ]

        def work(op: ledger.Operation) -> dict[str, list[int]]:
            return {"ids": ledger.accrue(op, programme.issuer_account_id, accruals)}

        ledger.once(act, "test", "given", {}, work).result()
        return holder.wallet_id


def test_expire_sweeps_what_is_past_and_is_in_the_log(
    app: Flask, acting: Acting, expired: int
) -> None:
    for swept in (2, 0):
        answer = run(app, "expire")
        assert answer.exit_code == 0
        assert f"lots of expired points swept: {swept}." in answer.stdout
    with acting() as act:
        assert ledger.posted(act.session, expired) == 12
        noted = act.session.scalars(
            select(audit.AuditEntry).where(audit.AuditEntry.action == "points.expire")
        ).one()
        assert noted.detail["points"] == 30


def test_a_day_ends_where_the_programme_is(
    app: Flask, acting: Acting, expired: int, clock: FakeClock
) -> None:
    clock.now = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # midnight in Beijing
    assert "swept: 3." in run(app, "expire").stdout


def test_a_killed_run_is_simply_run_again(
    app: Flask, acting: Acting, expired: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = expiration.sweep

    def one_by_one(act: Act, programme: Programme, *, after: int = 0) -> list[int]:
        if after:
            raise KeyboardInterrupt
        return done(act, programme, after=after, size=1)

    with monkeypatch.context() as patch:
        patch.setattr("rewards.expiration.sweep", one_by_one)
        assert run(app, "expire").exit_code != 0
    with acting() as act:
        assert ledger.posted(act.session, expired) == 32, "one batch was done"
    assert "swept: 1." in run(app, "expire").stdout
    with acting() as act:
        assert (ledger.posted(act.session, expired), list(ledger.verify(act.session))) == (12, [])


def test_nightly_runs_each_in_turn_and_tells_of_a_failure(
    app: Flask, acting: Acting, expired: int
) -> None:
    answer = run(app, "nightly")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.index("swept: 2.") < answer.stdout.index("no drift")
    with acting() as act:
        act.session.execute(update(Balance).where(Balance.account_id == expired).values(posted=13))
    answer = run(app, "nightly")
    assert answer.exit_code == 1 and "failed: verify" in answer.stderr
