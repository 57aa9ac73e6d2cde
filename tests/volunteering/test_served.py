"""Hours served: which minutes count, the star they make, and where it shows."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from rewards.schemes import versions
from rewards.schemes.presets import preset
from rewards.volunteering import amendments, served
from tests import world
from tests.volunteering.conftest import ENDS, STARTS, Morning
from tests.volunteering.test_resident_pages import page, signed_in


def served_by(morning: Morning, resident_id: int) -> int:
    with morning.acting() as act:
        return served.minutes(act.session, [resident_id])[resident_id]


def with_stars(morning: Morning, first: int = 100) -> None:
    """Put star grades into force, of which the first takes that many hours."""
    document = preset("stars").document
    stars = [{**star, "hours": star["hours"] - 100 + first} for star in document["stars"]]
    with morning.acting() as act:
        versions.publish(
            act, morning.world.programme_id, document | {"stars": stars}, effective_from=act.now
        )


def test_what_the_door_saw_counts(morning: Morning) -> None:
    mine, other, nobody = morning.residents
    morning.serve(mine, 119)
    morning.serve(other, 150)
    with morning.acting() as act:
        assert served.minutes(act.session, [mine, other, nobody]) == {
            mine: 119,
            other: 120,
            nobody: 0,
        }


def test_hours_of_several_events_add_up(morning: Morning) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 60)
    later = morning.new_event(
        starts_at=STARTS + timedelta(days=1), ends_at=ENDS + timedelta(days=1)
    )
    morning.at(STARTS + timedelta(days=1))
    morning.check_in(mine, later)
    morning.at(STARTS + timedelta(days=1, minutes=30))
    morning.check_out(mine, later)
    assert served_by(morning, mine) == 90


def test_who_never_checked_out_served_nothing_yet(morning: Morning) -> None:
    mine = morning.residents[0]
    morning.at(STARTS)
    morning.check_in(mine)
    assert served_by(morning, mine) == 0


def test_minutes_that_no_door_saw_count_once_attested(morning: Morning) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 60)
    more = morning.correct(mine, 100)
    assert served_by(morning, mine) == 0
    morning.attest(mine, more)
    assert served_by(morning, mine) == 100
    morning.correct(mine, 30, reason="早退")
    assert served_by(morning, mine) == 30


def test_it_is_what_the_sheet_says(morning: Morning) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 60)
    morning.attest(mine, morning.correct(mine, 120))
    with morning.by() as (act, event):
        assert morning.line(act, event, mine).attendance.minutes == 120
    assert served_by(morning, mine) == 120


def test_a_cancelled_event_counts_for_nothing(morning: Morning) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 60)
    with morning.by() as (act, event):
        amendments.cancel(act, event, reason="下雨")
    assert served_by(morning, mine) == 0


def test_without_grades_in_force_there_is_no_star(morning: Morning) -> None:
    with morning.acting() as act:
        assert served.grade(act, world.resident(act, morning.residents[0])) is None


@pytest.mark.parametrize(("minutes", "number"), [(59, 0), (60, 1)])
def test_the_star_comes_with_the_hour(morning: Morning, minutes: int, number: int) -> None:
    mine = morning.residents[0]
    morning.serve(mine, minutes)
    with_stars(morning, first=1)
    with morning.acting() as act:
        found = served.grade(act, world.resident(act, mine))
    assert found is not None
    assert (found.minutes, found.number) == (minutes, number)


def test_the_office_sees_the_star(morning: Morning, office: FlaskClient) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 120)
    page = f"/office/residents/{mine}"
    assert "累计服务时长" not in office.get(page).text
    with_stars(morning, first=2)
    said = office.get(page).text
    assert "累计服务时长" in said
    assert "一星志愿者" in said
    assert "还差 200 小时" in said


def test_the_resident_sees_the_star(morning: Morning, client: FlaskClient) -> None:
    mine = morning.residents[0]
    morning.serve(mine, 90)
    with_stars(morning, first=1)
    said = page(signed_in(client, mine), "/me")
    assert "1 小时 30 分钟" in said
    assert "一星志愿者" in said
    assert "还差 199 小时 30 分钟" in said
