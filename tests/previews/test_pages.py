"""Trying a draft out in the office: who may, what is refused, what shows until it is done."""

import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from rewards import previews
from rewards.schemes import drafts
from rewards.schemes.facts import Kind
from rewards.web.office.previews import kind_names
from tests import world
from tests.previews.conftest import Trial
from tests.schemes import plain

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database
DAYS = {"first": "2026-11-20", "last": "2026-11-20"}


def address(draft_id: int, more: str = "") -> str:
    return f"/office/schemes/drafts/{draft_id}/preview{more}"


def shown(client: FlaskClient, draft_id: int, more: str = "") -> str:
    answer = client.get(address(draft_id, more))
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def worked_out(client: FlaskClient, draft_id: int) -> str:
    """The page as soon as it doesn't ask to be looked at again."""
    for _ in range(200):
        answer = client.get(address(draft_id))
        if "Refresh" not in answer.headers:
            return answer.get_data(as_text=True)
        time.sleep(0.02)
    raise AssertionError("it never ended")


def test_an_administrator_tries_a_draft_out(client: FlaskClient, trial: Trial) -> None:
    draft_id = trial.draft(points_per_hour=5, hours_cap=1)
    world.sign_in(client, "admin")
    assert 'value="2026-10-01"' in shown(client, draft_id)
    answer = client.post(address(draft_id), data=DAYS)
    assert (answer.status_code, answer.location) == (303, address(draft_id))
    page = worked_out(client, draft_id)
    assert re.search(r"<b>70</b>.*<b>20</b>", page, re.DOTALL)
    assert "−50" in page and "示例居民3" in page
    assert "每项活动至多 1 小时，这次计 1 小时" in page
    less = shown(client, draft_id, "/residents?show=less")
    assert "示例居民1" in less and "−30" in less
    assert "没有符合条件的居民" in shown(client, draft_id, "/residents?show=more")
    file = client.get(address(draft_id, "/residents.csv")).get_data(as_text=True)
    assert "示例居民3,2,40,10,-30" in file


def test_while_it_runs_the_page_says_how_far_it_is(client: FlaskClient, trial: Trial) -> None:
    draft_id = trial.draft()
    preview_id, _ = trial.ask(draft_id)
    world.sign_in(client, "admin")
    answer = client.get(address(draft_id))
    assert answer.headers["Refresh"] == "2"
    assert "<progress" in answer.get_data(as_text=True)
    assert client.get(address(draft_id, "/residents")).status_code == 404
    trial.morning.clock.forward(minutes=5)
    stopped = client.get(address(draft_id))
    assert "Refresh" not in stopped.headers
    assert "试算中途停止" in stopped.get_data(as_text=True)
    previews.run(trial.database.engine, preview_id, trial.morning.clock)
    assert "试算中途停止" not in shown(client, draft_id)


def test_days_that_make_no_sense_come_back_at_their_field(client, trial: Trial) -> None:
    draft_id = trial.draft()
    world.sign_in(client, "admin")
    answer = client.post(address(draft_id), data={"first": "2026-11-20", "last": "2026-11-19"})
    assert answer.status_code == 422
    assert "结束日期不能早于开始日期" in answer.get_data(as_text=True)


def test_a_changed_draft_is_named(client: FlaskClient, trial: Trial) -> None:
    draft_id = trial.draft()
    trial.run(draft_id)
    with trial.morning.acting(trial.administrator) as act:
        draft = drafts.load(act, draft_id, trial.morning.world.programme_id)
        drafts.change(act, draft, plain.document(points_per_hour=7), revision=1)
    world.sign_in(client, "admin")
    assert "草案在试算之后又有改动" in shown(client, draft_id)


def test_organisers_and_other_programmes_are_kept_out(client: FlaskClient, trial: Trial) -> None:
    draft_id = trial.draft()
    world.sign_in(client, "organiser")
    assert client.get(address(draft_id)).status_code == 403
    world.sign_in(client, "admin")
    assert client.get(address(draft_id + 1)).status_code == 404


def test_every_kind_of_act_has_a_name(app: Flask) -> None:
    with app.test_request_context():
        names = kind_names()
    assert {kind.value for kind in Kind} <= set(names)
    assert names["visit"] == "走访"
