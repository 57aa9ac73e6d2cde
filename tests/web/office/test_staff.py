"""The staff pages: passwords are shown once, rights are held to, mistakes are explained."""

import re

import pytest
from flask.testing import FlaskClient

from rewards import staff
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

NEW = {"name": "新同事", "username": "fresh", "role": "organiser", "scope": "community"}


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
        local = world.person(act, "local", "社区管理员")
        staff.grant(act, local, Role.ADMINISTRATOR, community_id=made.community_id)
        return made


def enter(client: FlaskClient, username: str, password: str) -> int:
    return client.post("/sign-in", data={"username": username, "password": password}).status_code


def shown_password(page: str) -> str:
    found = re.search(r'success__ref">([0-9a-z-]{19})<', page)
    assert found is not None, page
    return found[1]


def test_a_new_colleague_gets_a_password_shown_once(
    client: FlaskClient, new_client, here: World
) -> None:
    world.sign_in(client, "local")
    answer = client.post("/office/staff/new", data=NEW)
    password = shown_password(answer.get_data(as_text=True))
    assert "no-store" in answer.headers["Cache-Control"]
    fresh = new_client()
    assert enter(fresh, "fresh", password) == 303
    assert fresh.get("/office").status_code == 200
    assert fresh.get("/office/staff").status_code == 403
    listed = client.get("/office/staff").get_data(as_text=True)
    assert "新同事" in listed and password not in listed


def test_a_typed_password_is_not_shown(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "local")
    answer = client.post("/office/staff/new", data={**NEW, "password": "typed by hand 1"})
    assert answer.status_code == 200
    assert "typed by hand 1" not in answer.get_data(as_text=True)
    assert enter(client, "fresh", "typed by hand 1") == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "organiser"},
        {"username": "ab"},
        {"name": ""},
        {"role": "cashier"},
        {"scope": "world"},
        {"password": "short"},
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(
    client: FlaskClient, here: World, acting: Acting, wrong: dict[str, str]
) -> None:
    world.sign_in(client, "admin")
    answer = client.post("/office/staff/new", data={**NEW, **wrong})
    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)
    with acting() as act:
        assert staff.find(act, "fresh") is None


def test_an_administrator_of_one_community_can_t_grant_the_programme(
    client: FlaskClient, here: World, acting: Acting
) -> None:
    world.sign_in(client, "local")
    assert "programme" not in client.get("/office/staff/new").get_data(as_text=True)
    answer = client.post("/office/staff/new", data={**NEW, "scope": "programme"})
    assert answer.status_code == 403
    with acting() as act:
        assert staff.find(act, "fresh") is None


def test_roles_are_given_and_taken(client: FlaskClient, here: World, acting: Acting) -> None:
    world.sign_in(client, "local")
    role = {"role": "administrator", "scope": "community"}
    address = f"/office/staff/{here.organiser_id}/roles"
    assert client.post(address, data=role).status_code == 303
    assert client.post(address, data=role).status_code == 422
    with acting() as act:
        [grant_id] = [
            g.id for g in staff.load(act, here.organiser_id).grants if g.role == "administrator"
        ]
    assert client.post(f"{address}/{grant_id}/remove").status_code == 303
    assert client.post(f"{address}/{grant_id}/remove").status_code == 404


def test_a_role_for_somebody_of_elsewhere(client: FlaskClient, here: World, acting: Acting) -> None:
    with acting() as act:
        outsider = world.person(act, "outsider", "外面的人").id
    world.sign_in(client, "local")
    assert client.get(f"/office/staff/{outsider}").status_code == 404
    form = {"username": "outsider", "role": "organiser", "scope": "community"}
    assert client.post("/office/staff/existing", data=form).status_code == 303
    assert client.get(f"/office/staff/{outsider}").status_code == 200
    assert client.post("/office/staff/existing", data=form).status_code == 422
    form["username"] = "nobody"
    assert client.post("/office/staff/existing", data=form).status_code == 422


def test_deactivating_signs_out_at_once(client: FlaskClient, new_client, here: World) -> None:
    organiser = new_client()
    world.sign_in(organiser, "organiser")
    assert organiser.get("/office").status_code == 200
    world.sign_in(client, "local")
    assert client.post(f"/office/staff/{here.organiser_id}/deactivate").status_code == 303
    assert organiser.get("/office").status_code == 303
    assert enter(organiser, "organiser", world.PASSWORD) == 403
    assert client.post(f"/office/staff/{here.organiser_id}/reactivate").status_code == 303
    assert enter(organiser, "organiser", world.PASSWORD) == 303


def test_a_reset_password_is_shown_once_and_the_old_one_is_over(
    client: FlaskClient, new_client, here: World
) -> None:
    organiser = new_client()
    world.sign_in(organiser, "organiser")
    world.sign_in(client, "local")
    answer = client.post(f"/office/staff/{here.organiser_id}/password")
    password = shown_password(answer.get_data(as_text=True))
    assert organiser.get("/office").status_code == 303
    assert enter(organiser, "organiser", world.PASSWORD) == 403
    assert enter(organiser, "organiser", password) == 303


@pytest.mark.parametrize("act_on", ["password", "deactivate"])
def test_the_programme_s_administrator_is_out_of_a_community_s_reach(
    client: FlaskClient, new_client, here: World, act_on: str
) -> None:
    world.sign_in(client, "local")
    assert client.post(f"/office/staff/{here.administrator_id}/{act_on}").status_code == 403
    assert enter(new_client(), "admin", world.PASSWORD) == 303


def test_the_last_administrator_keeps_the_role(
    client: FlaskClient, here: World, acting: Acting
) -> None:
    with acting() as act:
        [grant_id] = [g.id for g in staff.load(act, here.administrator_id).grants]
    world.sign_in(client, "admin")
    address = f"/office/staff/{here.administrator_id}/roles/{grant_id}/remove"
    assert client.post(address).status_code == 409
    assert client.get("/office/staff").status_code == 200


def test_one_s_own_password(client: FlaskClient, new_client, here: World) -> None:
    elsewhere = new_client()
    world.sign_in(elsewhere, "organiser")
    world.sign_in(client, "organiser")
    form = {"current": "not this one", "new": "another long password"}
    assert client.post("/password", data=form).status_code == 422
    form["current"] = world.PASSWORD
    assert client.post("/password", data={**form, "new": "short"}).status_code == 422
    assert client.post("/password", data=form).status_code == 303
    assert client.get("/office").status_code == 200, "this device stays signed in"
    assert elsewhere.get("/office").status_code == 303, "the others do not"
    assert enter(new_client(), "organiser", "another long password") == 303
