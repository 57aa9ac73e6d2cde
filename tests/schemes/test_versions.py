"""The version that counts is the one in force when something happened; none is ever changed."""

from datetime import UTC, datetime, timedelta

import pytest

from rewards.errors import NotFound
from rewards.schemes import refusals, versions
from rewards.schemes.problems import BadScheme
from rewards.schemes.versions import Standing, Version
from tests import world
from tests.conftest import START, Acting, FakeClock
from tests.schemes.plain import document, rule, scheme
from tests.world import World

LATER = START + timedelta(days=10)


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def publish(acting: Acting, here: World, moment: datetime, hours: int = 1) -> int:
    with acting() as act:
        rules = scheme(rule("hours", hours, per="hour"))
        return versions.publish(act, here.programme_id, rules, effective_from=moment).id


def points(version: Version) -> int:
    amount: int = version.document["rules"][0]["amount"]["points"]
    return amount


def test_a_version_counts_from_its_moment_until_the_next_ones(acting: Acting, here: World) -> None:
    publish(acting, here, START, 7)
    publish(acting, here, LATER, 8)
    with acting() as act:
        for moment, expected in (
            (START - timedelta(microseconds=1), 10),
            (START, 7),
            (LATER - timedelta(microseconds=1), 7),
            (LATER, 8),
            (LATER + timedelta(days=999), 8),
        ):
            assert points(versions.in_force(act, here.programme_id, moment)) == expected


def test_of_two_from_one_moment_the_later_published_counts(acting: Acting, here: World) -> None:
    publish(acting, here, START, 7)
    publish(acting, here, START, 8)
    with acting() as act:
        assert points(versions.in_force(act, here.programme_id, START)) == 8


def test_before_the_first_version_there_is_none(acting: Acting, here: World) -> None:
    with acting() as act:
        with pytest.raises(refusals.NoScheme):
            versions.in_force(act, here.programme_id, datetime(2019, 12, 31, tzinfo=UTC))
        assert versions.find(act, here.programme_id, datetime(2019, 1, 1, tzinfo=UTC)) is None


def test_versions_are_numbered_by_programme(acting: Acting, here: World) -> None:
    ids = [publish(acting, here, LATER + timedelta(days=n)) for n in range(2)]
    with acting() as act:
        other = world.build_programme(act)
        rules = scheme(rule("hours", 1))
        first = versions.publish(act, other.id, rules, effective_from=START)
        assert first.number == 1
        assert [versions.load(act, i, here.programme_id).number for i in ids] == [2, 3]
        with pytest.raises(NotFound):
            versions.load(act, first.id, here.programme_id)


def test_what_describes_no_scheme_is_not_published(acting: Acting, here: World) -> None:
    with acting() as act, pytest.raises(BadScheme):
        versions.publish(act, here.programme_id, {"format": "none"}, effective_from=START)
    with acting() as act:
        assert len(versions.history(act, here.programme_id)) == 1


def test_a_withdrawn_version_never_begins_and_stays_in_the_history(
    acting: Acting, here: World, clock: FakeClock
) -> None:
    version_id = publish(acting, here, LATER, 8)
    with acting() as act:
        version = versions.load(act, version_id, here.programme_id)
        versions.withdraw(act, version, " 方案有误 ")
        with pytest.raises(refusals.WithdrawnAlready):
            versions.withdraw(act, version, "再次")
    clock.now = LATER
    with acting() as act:
        assert points(versions.in_force(act, here.programme_id, LATER)) == 10
        withdrawn, first = versions.history(act, here.programme_id)
        assert (withdrawn.standing, first.standing) == (Standing.WITHDRAWN, Standing.IN_FORCE)
        assert withdrawn.withdrawal is not None and withdrawn.withdrawal.reason == "方案有误"
        assert first.until is None


def test_what_has_begun_is_not_withdrawn_and_a_withdrawal_needs_a_reason(
    acting: Acting, here: World
) -> None:
    version_id = publish(acting, here, START)
    later_id = publish(acting, here, LATER)
    with acting() as act:
        with pytest.raises(refusals.InForceAlready):
            versions.withdraw(act, versions.load(act, version_id, here.programme_id), "太晚")
        with pytest.raises(refusals.WithdrawalReasonMissing):
            versions.withdraw(act, versions.load(act, later_id, here.programme_id), " ")


def test_the_history_says_where_each_version_stands(acting: Acting, here: World) -> None:
    for moment in (START - timedelta(days=1), LATER):
        publish(acting, here, moment)
    with acting() as act:
        history = versions.history(act, here.programme_id)
        assert [(chapter.standing, chapter.until) for chapter in history] == [
            (Standing.TO_COME, None),
            (Standing.IN_FORCE, LATER),
            (Standing.PAST, START - timedelta(days=1)),
        ]
        assert [v.effective_from for v in versions.to_come(history)] == [LATER]


def test_the_scheme_is_that_of_the_document(acting: Acting, here: World) -> None:
    with acting() as act:
        version = versions.in_force(act, here.programme_id, act.now)
        assert [rule.key for rule in version.scheme.rules] == [
            "hours", "money", "goods", "suggestion",
        ]  # fmt: skip
        assert version.document == document()
        again = versions.in_force(act, here.programme_id, act.now)
        assert again.scheme is version.scheme
