"""The public page of the rules: in force, to come, before; nothing of it needs a sign-in."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from rewards import communities
from rewards.schemes import presets, versions
from tests import world
from tests.conftest import Acting
from tests.world import World

pytestmark = pytest.mark.one_database

DECEMBER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # midnight in Beijing


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def publish(acting: Acting, here: World, key: str, moment: datetime) -> int:
    with acting() as act:
        document = presets.preset(key).document
        return versions.publish(act, here.programme_id, document, effective_from=moment).id


def page(client: FlaskClient, address: str = "/rules") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_in_force_and_to_come_side_by_side(
    client: FlaskClient, acting: Acting, here: World
) -> None:
    publish(acting, here, "hailin", DECEMBER)
    shown = page(client)
    assert "每小时 10 分" in shown and "自2026年12月1日起" in shown
    assert "compare__before" in shown and "投诉" in shown
    client.set_cookie("language", "en")
    assert "10 points an hour" in page(client)


def test_what_was_stays_readable(client: FlaskClient, acting: Acting, here: World) -> None:
    passed = publish(acting, here, "hailin", datetime(2026, 10, 1, tzinfo=UTC))
    publish(acting, here, "zhiyin", datetime(2026, 11, 1, tzinfo=UTC))
    shown = page(client)
    assert f"/rules/versions/{passed}" in shown and "随手拍" in shown
    old = page(client, f"/rules/versions/{passed}")
    assert "以往" in old and "推荐志愿者" in old


def test_withdrawn_rules_are_listed_with_their_reason(
    client: FlaskClient, acting: Acting, here: World
) -> None:
    version_id = publish(acting, here, "hailin", DECEMBER)
    with acting() as act:
        version = versions.load(act, version_id, here.programme_id)
        versions.withdraw(act, version, "居民代表有意见")
    for address in ("/rules", f"/rules/versions/{version_id}"):
        assert "居民代表有意见" in page(client, address)
    assert "自2026年12月1日起" not in page(client)


def test_several_programmes_each_have_their_page(
    client: FlaskClient, acting: Acting, here: World
) -> None:
    with acting() as act:
        other = communities.found_programme(act, name_zh="另一项目", name_en="Another").id
    assert f"/rules/{other}" in page(client) and "另一项目" in page(client)
    assert "还没有现行的积分规则" in page(client, f"/rules/{other}")


def test_before_anything_begins(client: FlaskClient) -> None:
    assert "还没有积分项目" in page(client)
