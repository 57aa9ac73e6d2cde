"""The office sees whether the ledger adds up, and the command line keeps what it found."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from rewards.ledger.model import Balance
from rewards.ledger.seals import tiles
from tests import world
from tests.conftest import Acting, FakeClock
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        world.give(act, made.resident_ids[0], 30)
        return made


def run(app: Flask, *args: str):
    return app.test_cli_runner().invoke(args=args)


def page(client: FlaskClient, address: str = "/office/ledger") -> str:
    client.set_cookie("language", "en")
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_from_never_checked_to_agreeing_to_a_difference_to_stale(
    app: Flask, client: FlaskClient, here: World, acting: Acting, clock: FakeClock
) -> None:
    world.sign_in(client, "admin")
    assert "hasn't been checked yet" in page(client)
    assert run(app, "verify").exit_code == 0
    shown = page(client)
    assert "The ledger agrees" in shown and "Entries: 1." in shown
    clock.forward(hours=51)
    world.sign_in(client, "admin")
    assert "hasn't been checked for a while" in page(client)
    with acting() as act:
        wallet = world.resident(act, here.resident_ids[0]).wallet_id
        act.session.execute(update(Balance).where(Balance.account_id == wallet).values(posted=31))
    assert run(app, "verify").exit_code == 1
    shown = page(client)
    assert "2 differences were found" in shown
    assert f"Wallet {wallet} keeps 31 points, but its transfers come to 30." in shown
    client.set_cookie("language", "zh")
    chinese = client.get("/office/ledger").get_data(as_text=True)
    assert f"钱包 {wallet} 记有 31 积分" in chinese


def test_only_administrators_see_it(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "organiser")
    assert client.get("/office/ledger").status_code == 403


def test_a_month_is_sealed_archived_and_checked_from_the_command_line(
    app: Flask,
    client: FlaskClient,
    here: World,
    acting: Acting,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiles, "WIDTH", 2)
    monkeypatch.setattr(tiles, "_BITS", 1)
    path = tmp_path / "2026-11.jsonl.gz"
    archive = ("archive", "--through=2026-11", str(path))
    with acting() as act:
        for number in range(3):
            world.give(act, here.resident_ids[0], 5, key=f"more-{number}")
    too_early = run(app, *archive)
    assert too_early.exit_code == 1 and "over for a day" in too_early.stderr
    clock.forward(days=20)
    assert "Nothing to archive" in run(app, *archive).stderr
    assert run(app, "seal").exit_code == 0
    done = run(app, *archive)
    assert done.exit_code == 0, done.output
    assert "2 transfers, 1 to 2" in done.stdout
    again = run(app, *archive)
    assert again.stdout == done.stdout, again.output
    assert run(app, "verify").stdout == "2 transfers checked: no drift.\n"
    checked = run(app, "archive-check", str(path))
    assert checked.exit_code == 0 and "2 transfers, 1 to 2" in checked.stdout
    world.sign_in(client, "admin")
    assert "Archives" in page(client)
    assert "in the archive" in page(client, f"/office/residents/{here.resident_ids[0]}")
    assert "in the archive" not in page(client, f"/office/residents/{here.resident_ids[1]}")
    path.write_bytes(path.read_bytes()[:-9])
    cut = run(app, "archive-check", str(path))
    assert cut.exit_code == 1 and "cut off" in cut.stderr


def test_a_ledger_that_drifts_is_not_archived(
    app: Flask,
    here: World,
    acting: Acting,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    with acting() as act:
        wallet = world.resident(act, here.resident_ids[0]).wallet_id
        act.session.execute(update(Balance).where(Balance.account_id == wallet).values(posted=31))
    clock.forward(days=20)
    answer = run(app, "archive", "--through=2026-11", str(tmp_path / "file"))
    assert answer.exit_code == 1 and "doesn't verify" in answer.stderr
    assert not list(tmp_path.glob("file*"))


@pytest.mark.parametrize("month", ["2026-13", "November", "2026-11-01"])
def test_a_month_is_typed_as_a_month(app: Flask, here: World, tmp_path: Path, month: str) -> None:
    answer = run(app, "archive", f"--through={month}", str(tmp_path / "file"))
    assert answer.exit_code == 2 and "2026-01" in answer.stderr


def test_verify_takes_a_checkpoint_from_outside(app: Flask, here: World, tmp_path: Path) -> None:
    sealed = run(app, "seal").stdout
    note = sealed.partition("\n\n")[2].rpartition("\n")[0]
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(note, encoding="utf-8")
    assert run(app, "verify", f"--checkpoint={kept}").exit_code == 0
    kept.write_text(note.replace("\n1\n", "\n2\n"), encoding="utf-8")
    answer = run(app, "verify", f"--checkpoint={kept}")
    assert answer.exit_code == 1 and "not signed by a key" in answer.stderr
    kept.write_bytes(b"\xff\xfe")
    assert "Error" in run(app, "verify", f"--checkpoint={kept}").stderr
