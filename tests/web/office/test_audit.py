"""Administrators read the log of their community, filter it and take it out."""

import csv
import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import wsgi
from rewards import audit
from rewards.act import Actor
from rewards.web.office import audit_words
from tests import world
from tests.conftest import Acting
from tests.world import World

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        made = world.build(act)
    with acting(Actor("staff", made.organiser_id, "=组织者")) as act:
        audit.record(
            act, "card.block", "card:1", community_id=made.community_id, reason="=HYPERLINK(1)"
        )
        audit.record(act, "card.block", "card:2", community_id=made.other_community_id)
    return made


def test_filters_and_scope(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "admin")
    page = client.get("/office/audit?family=card").get_data(as_text=True)
    assert page.count("<tr>") == 2, "the head and one entry of this community"
    assert "HYPERLINK" in page
    assert "<table" not in client.get("/office/audit?since=2026-11-21").get_data(as_text=True)
    page = client.get(f"/office/audit?who=staff:{here.organiser_id}").get_data(as_text=True)
    assert page.count("<tr>") == 2


def test_an_organiser_may_not_read_it(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "organiser")
    assert client.get("/office/audit").status_code == 403
    assert client.post("/office/audit/export").status_code == 403


def test_the_export_is_inert_and_in_the_log_itself(client: FlaskClient, here: World) -> None:
    world.sign_in(client, "admin")
    for form in ({"family": "card"}, {}):
        answer = client.post("/office/audit/export", data=form)
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
        assert "'=组织者" in [row[2] for row in rows]
    assert [row[3] for row in rows[1:3]] == ["audit.export", "audit.export"]


def test_every_act_that_is_recorded_has_words() -> None:
    root = Path(wsgi.__file__).parent
    sources = [p for folder in ("rewards", "merchants") for p in (root / folder).rglob("*.py")]
    acts = re.compile(rf'"((?:{"|".join(audit_words.FAMILIES)})\.[a-z_]+)"')
    recorded = {
        act
        for path in sources
        if not {"web", "api"} & set(path.parts)
        for act in acts.findall(path.read_text(encoding="utf-8"))
        if not act.endswith(".id")
    }
    assert len(recorded) > 40
    assert recorded - set(audit_words.ACTIONS) == set()
