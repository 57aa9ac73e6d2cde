"""The operator's commands say what they did, and fail loudly."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from rewards import staff
from rewards.communities import Programme
from rewards.ledger.model import Balance
from rewards.staff import Role
from tests import world
from tests.conftest import Acting

GIVEN = [
    "--programme=示例积分项目",
    "--programme-en=Sample programme",
    "--community=示例社区",
    "--community-en=Sample community",
    "--slug=sample",
    "--username=admin",
    "--name=管理员甲",
]


def run(app: Flask, *args: str, typed: str | None = None):
    return app.test_cli_runner().invoke(args=args, input=typed)


def test_verify_counts_what_it_checked(app: Flask, acting: Acting) -> None:
    with acting() as act:
        here = world.build(act)
        world.give(act, here.resident_ids[0], 30)
    answer = run(app, "verify")
    assert (answer.exit_code, answer.stdout) == (0, "1 transfers checked: no drift.\n")


def test_verify_names_a_drift_and_fails(app: Flask, acting: Acting) -> None:
    with acting() as act:
        here = world.build(act)
        world.give(act, here.resident_ids[0], 30)
        wallet = world.resident(act, here.resident_ids[0]).wallet_id
        act.session.execute(update(Balance).where(Balance.account_id == wallet).values(posted=31))
    answer = run(app, "verify")
    assert answer.exit_code == 1
    assert f"Wallet {wallet} keeps 31 points, but its transfers come to 30." in answer.stderr


@pytest.mark.parametrize(
    ("typed", "password"),
    [("a long password\na long password\n", "a long password"), ("\n", None)],
    ids=["typed", "made"],
)
def test_init_makes_an_administrator_who_can_sign_in(
    app: Flask, acting: Acting, typed: str, password: str | None
) -> None:
    answer = run(app, "init", *GIVEN, typed=typed)
    assert answer.exit_code == 0, answer.output
    if password is None:
        [line] = [x for x in answer.stdout.splitlines() if "shown only now" in x]
        password = line.rpartition(" ")[2]
    else:
        assert password not in answer.stdout
    with acting() as act:
        member, refusal = staff.sign_in(act, "admin", password)
        assert refusal is None and member is not None
        [community] = staff.communities_of(act, member)
        assert staff.roles_in(member, community) == {Role.ADMINISTRATOR}


def test_a_short_or_mistyped_password_is_asked_for_again(app: Flask) -> None:
    typed = "short\na long password\na wrong password\na long password\na long password\n"
    answer = run(app, "init", *GIVEN, typed=typed)
    assert answer.exit_code == 0
    assert "at least 10" in answer.stdout and "differ" in answer.stdout


def test_init_is_for_an_empty_installation(app: Flask, acting: Acting) -> None:
    with acting() as act:
        world.build(act)
    answer = run(app, "init", *GIVEN, typed="\n")
    assert answer.exit_code == 1
    assert "示例积分项目" in answer.stderr
    with acting() as act:
        assert len(act.session.scalars(select(Programme)).all()) == 1


@pytest.mark.parametrize("wrong", ["--slug=Not A Slug", "--timezone=Mars/Olympus", "--timezone=/"])
def test_init_checks_what_it_is_given(app: Flask, wrong: str) -> None:
    assert run(app, "init", *GIVEN, wrong, typed="\n").exit_code == 2
