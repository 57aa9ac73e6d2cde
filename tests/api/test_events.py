"""An event's sheet is read and awarded by programs as it is by hand."""

import pytest
from flask.testing import FlaskClient

from rewards import staff
from rewards.staff import Role
from tests import world
from tests.api.caller import Caller
from tests.conftest import Acting, FakeClock
from tests.volunteering.conftest import ENDS, Morning


@pytest.fixture
def morning(acting: Acting, clock: FakeClock) -> Morning:
    """The event is over; one resident served an hour, another two."""
    made = Morning(acting, clock)
    made.serve(made.residents[0], 60)
    made.serve(made.residents[1], 120)
    made.at(ENDS)
    return made


@pytest.fixture
def organiser(client: FlaskClient, morning: Morning) -> Caller:
    return Caller(client).sign_in("organiser")


def test_what_the_sheet_says_is_awarded_once(organiser: Caller, morning: Morning) -> None:
    path = f"/events/{morning.event_id}"
    sheet = organiser.get(f"{path}/sheet").json
    assert (sheet["round_number"], sheet["points_ready"], sheet["points_awarded"]) == (1, 30, 0)
    assert [(line["minutes"], line["points"], line["state"]) for line in sheet["lines"]] == [
        (60, 10, "ready"),
        (120, 20, "ready"),
    ]
    sent = {"round_number": sheet["round_number"], "points": sheet["points_ready"]}
    first = organiser.post(f"{path}/awards", sent)
    assert first.json == {"residents": 2, "points": 30, "round_number": 1}
    again = organiser.post(f"{path}/awards", sent)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert morning.spendable(morning.residents[1]) == 20
    after = organiser.get(f"{path}/sheet").json
    assert (after["points_ready"], after["points_awarded"]) == (0, 30)


def test_other_points_than_the_sheet_s_are_refused(organiser: Caller, morning: Morning) -> None:
    answer = organiser.post(
        f"/events/{morning.event_id}/awards", {"round_number": 1, "points": 999}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "sheet_changed")
    assert morning.spendable(morning.residents[1]) == 0


def test_an_event_of_elsewhere_is_not_there(client: FlaskClient, morning: Morning) -> None:
    with morning.acting() as act:
        other = world.person(act, "elsewhere", "别处组织者")
        staff.grant(act, other, Role.ORGANISER, community_id=morning.world.other_community_id)
        world.person(act, "nobody", "无职者")
    caller = Caller(client).sign_in("elsewhere")
    assert caller.get(f"/events/{morning.event_id}/sheet").status_code == 404
    nobody = Caller(client).sign_in("nobody")
    assert nobody.get(f"/events/{morning.event_id}/sheet").status_code == 403
