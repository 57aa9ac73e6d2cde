"""The public seals and a resident's proof: shown, downloaded, checked, and only one's own."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from rewards import sealcheck, sealer
from rewards.clock import Clock
from rewards.ledger import seals
from rewards.settings import Settings, SettingsError
from tests import world
from tests.api.caller import Caller
from tests.conftest import Acting, Database
from tests.web import doors
from tests.world import World


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act, residents_wanted=2)


@pytest.fixture
def mine(client: FlaskClient, acting: Acting, settings: Settings, here: World) -> int:
    """The transfer of the resident who is signed in on *client*."""
    code = doors.activated(acting, settings, here.resident_ids[0])
    assert doors.enter(client, code).status_code == 303
    with acting() as act:
        return world.give(act, here.resident_ids[0], 40)


def seal(database: Database, settings: Settings, clock: Clock) -> seals.Checkpoint:
    made = sealer.seal(database.engine, settings, clock)
    assert made is not None
    return made


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def test_before_the_first_seal_the_page_says_so(client: FlaskClient, here: World) -> None:
    assert "还没有封条" in text(client, "/seals")
    assert client.get("/seals/checkpoint").status_code == 404


def test_anyone_finds_all_that_it_takes_to_check(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    acting: Acting,
    clock: Clock,
    mine: int,
) -> None:
    older = seal(database, settings, clock)
    with acting() as act:
        world.give(act, act.session.scalar(sql("SELECT min(id) FROM resident")) or 0, 5, "more")
    newer = seal(database, settings, clock)
    page = text(client, "/seals")
    files = {
        address.rpartition("/")[2]: text(client, address)
        for address in re.findall(r'href="(/seals/[^"?]+)"', page)
    }
    assert set(files) == {"checkpoint.txt", "key.txt", "consistency.json", "sealcheck.py"}
    assert text(client, "/seals/checkpoint") == newer.note
    key = files["key.txt"]
    first = sealcheck.open_checkpoint(text(client, f"/seals/{older.size}/checkpoint.txt"), key)
    last = sealcheck.open_checkpoint(text(client, f"/seals/{newer.size}/checkpoint.txt"), key)
    sealcheck.check_consistency(json.loads(files["consistency.json"]), first, last)
    assert first.origin == "localhost/seals"
    assert "import rewards" not in files["sealcheck.py"]


@pytest.mark.parametrize(
    "address",
    [
        "/seals/7/checkpoint.txt",
        "/seals/7/key.txt",
        "/seals/1/in/7/consistency.json",
        "/seals/7/in/1/consistency.json",
    ],
)
def test_a_checkpoint_that_was_never_made_is_not_found(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    clock: Clock,
    mine: int,
    address: str,
) -> None:
    seal(database, settings, clock)
    text(client, address, 404)


def test_a_line_waits_for_its_seal_and_then_has_its_proof(
    client: FlaskClient, database: Database, settings: Settings, clock: Clock, mine: int
) -> None:
    assert f"/me/statement/{mine}/proof" in text(client, "/me/statement")
    assert "尚未封存" in text(client, f"/me/statement/{mine}/proof")
    assert client.get(f"/me/statement/{mine}/proof.json").status_code == 409
    made = seal(database, settings, clock)
    assert "已封存，未被改动" in text(client, f"/me/statement/{mine}/proof")
    document = json.loads(text(client, f"/me/statement/{mine}/proof.json"))
    assert document["entry"]["amount"] == 40
    statement = sealcheck.open_checkpoint(made.note, made.key)
    sealcheck.check_proof(document, statement, made.key)


def test_a_changed_line_is_shown_as_such(
    client: FlaskClient, database: Database, settings: Settings, clock: Clock, mine: int
) -> None:
    seal(database, settings, clock)
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(sql("DROP TRIGGER transfer_no_update"))
        else:
            connection.execute(sql("SET LOCAL session_replication_role = replica"))
        connection.execute(sql("UPDATE transfer SET amount = 4000"))
    assert "与封条不符" in text(client, f"/me/statement/{mine}/proof")
    assert client.get(f"/me/statement/{mine}/proof.json").status_code == 409


def test_nobody_gets_the_proof_of_anothers_line(
    client: FlaskClient,
    acting: Acting,
    database: Database,
    settings: Settings,
    clock: Clock,
    here: World,
    mine: int,
) -> None:
    with acting() as act:
        others = world.give(act, here.resident_ids[1], 40, "another")
    seal(database, settings, clock)
    for address in (f"/me/statement/{others}/proof", f"/me/statement/{others}/proof.json"):
        text(client, address, 404)
    text(client, f"/me/statement/{2**63 - 1}/proof", 404)


def test_the_api_gives_the_same_proof(
    app: Flask,
    acting: Acting,
    database: Database,
    settings: Settings,
    clock: Clock,
    here: World,
    mine: int,
) -> None:
    code = doors.activated(acting, settings, here.resident_ids[1])
    with acting() as act:
        own = world.give(act, here.resident_ids[1], 15, "own")
    caller = Caller(app.test_client()).take({"code": code, "pin": doors.PIN})
    early = caller.get(f"/me/statement/{own}/proof")
    assert (early.status_code, early.json["code"]) == (409, "not_sealed_yet")
    made = seal(database, settings, clock)
    proof = caller.get(f"/me/statement/{own}/proof").json
    sealcheck.check_proof(proof, sealcheck.open_checkpoint(made.note, made.key), made.key)
    assert caller.get(f"/me/statement/{mine}/proof").status_code == 404


def test_the_command_seals_and_says_the_key(app: Flask, settings: Settings, mine: int) -> None:
    ran = app.test_cli_runner().invoke(args=["seal"])
    assert ran.exit_code == 0, ran.output
    assert "Key: localhost/seals+" in ran.output and "\nlocalhost/seals\n1\n" in ran.output
    assert app.test_cli_runner().invoke(args=["seal"]).output.endswith("Nothing new to seal.\n")
    (settings.instance / "seal-key").write_text("broken")
    ran = app.test_cli_runner().invoke(args=["seal"])
    assert ran.exit_code == 1 and "must be 32 random bytes in base64" in ran.output


@pytest.mark.parametrize(
    "given, said",
    [
        ({"SEAL_EVERY": "often"}, "SEAL_EVERY must be a number of seconds"),
        ({"SEAL_EVERY": "-1"}, "SEAL_EVERY must be a number of seconds"),
        ({"SEAL_KEY": "c2hvcnQ="}, "SEAL_KEY must be 32 random bytes in base64"),
        ({"SEAL_KEY": "!"}, "SEAL_KEY must be 32 random bytes in base64"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path, given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.read({"INSTANCE": str(tmp_path), **given}, tmp_path)


def test_the_service_seals_by_itself(
    app: Flask, database: Database, settings: Settings, clock: Clock, mine: int
) -> None:
    class Twice:
        """Lets one run pass and then stops: what a wait of an hour would come to."""

        runs = 0

        def is_set(self) -> bool:
            return self.runs == 1

        def wait(self, seconds: int) -> None:
            self.runs += 1

    sealer.keep_sealing(database.engine, settings, clock, Twice())  # type: ignore[arg-type]
    with app.app_context():
        assert app.test_client().get("/seals/checkpoint").status_code == 200


def test_a_run_that_fails_is_logged_and_does_not_end_the_thread(
    settings: Settings,
    database: Database,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures = iter([seals.SealBroken, seals.NotSettled, RuntimeError("lost"), None])

    def failing(*args: object) -> None:
        failure = next(failures)
        if failure is not None:
            raise failure
        stop.set = True

    class Stop:
        set = False

        def is_set(self) -> bool:
            return self.set

        def wait(self, seconds: int) -> None:
            pass

    stop = Stop()
    monkeypatch.setattr(sealer, "seal", failing)
    sealer.keep_sealing(database.engine, settings, clock, stop)  # type: ignore[arg-type]
    said = [record.message for record in caplog.records]
    assert any("no longer match the last checkpoint" in line for line in said)
    assert "Sealing failed" in said
