"""Taking back, whole or in part: what will happen is said before, and what is owed afterwards."""

import re

import pytest
from flask.testing import FlaskClient

from rewards import awards, ledger
from rewards.awards import Award, Outlook
from rewards.settings import Settings
from tests import world
from tests.awards.office import Office
from tests.web import doors


def owed(office: Office) -> int:
    with office.acting() as act:
        return ledger.owed(act.session, world.resident(act, office.one).wallet_id)


def outlook(office: Office, award_id: int) -> Outlook:
    with office.acting() as act:
        return awards.outlook(act, [act.session.get_one(Award, award_id)])[award_id]


def test_part_by_part_until_nothing_is_left(office: Office) -> None:
    [award] = office.grant((office.one, 1, 50))
    assert office.take_back(award.id, points=20) == {"taken": 20, "owed": 0}
    assert outlook(office, award.id) == Outlook(left=30, there=30)
    with pytest.raises(awards.MoreThanLeft) as refusal:
        office.take_back(award.id, points=31)
    assert refusal.value.facts == {"left": 30}
    assert office.take_back(award.id) == {"taken": 30, "owed": 0}
    with pytest.raises(ledger.AlreadyReversed):
        office.take_back(award.id, points=1)
    assert office.spendable(office.one) == 0


@pytest.mark.parametrize("points", [0, -1, 2**53])
def test_an_amount_that_is_none_is_refused(office: Office, points: int) -> None:
    [award] = office.grant((office.one, 1, 50))
    with pytest.raises((ledger.BadAmount, awards.MoreThanLeft)):
        office.take_back(award.id, points=points)
    assert office.spendable(office.one) == 50


def test_the_outlook_counts_what_other_awards_can_pay(office: Office) -> None:
    [award] = office.grant((office.one, 1, 50))
    office.spend(office.one, 40)
    assert outlook(office, award.id) == Outlook(left=50, there=10)
    assert outlook(office, award.id).spent == 40
    office.grant((office.one, 2, 30))
    assert outlook(office, award.id).spent == 10
    assert office.take_back(award.id, owe=True) == {"taken": 40, "owed": 10}


def test_what_is_owed_is_never_taken_from_points_that_come_later(office: Office) -> None:
    [award] = office.grant((office.one, 1, 50))
    office.spend(office.one, 50)
    assert office.take_back(award.id, owe=True) == {"taken": 0, "owed": 50}
    office.grant((office.one, 2, 30))
    assert office.spendable(office.one) == 30
    assert owed(office) == 50


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def test_the_office_reads_what_will_happen_and_takes_a_part(
    office: Office, client: FlaskClient
) -> None:
    [award] = office.grant((office.one, 1, 50))
    world.sign_in(client, "organiser")
    address = f"/office/residents/{office.one}/awards/{award.id}/take-back"
    before = page(client, address)
    assert "这 50 积分都还在" in before and 'name="owe"' not in before
    office.spend(office.one, 40)
    now = page(client, address)
    assert "这 50 积分中，现在还有 10 分，另外 40 分已经用掉" in now
    assert 'name="owe"' in now and "不会因此被扣" in now
    key = re.search(r'name="key" value="([^"]+)"', now)
    assert key is not None
    too_much = client.post(address, data={"key": key[1], "reason": "记错了", "points": "51"})
    assert too_much.status_code == 422
    assert "只剩 50 分可以追回" in too_much.get_data(as_text=True)
    key = re.search(r'name="key" value="([^"]+)"', too_much.get_data(as_text=True))
    assert key is not None
    data = {"key": key[1], "reason": "记错了", "points": "10"}
    assert client.post(address, data=data).status_code == 303
    assert office.spendable(office.one) == 0
    assert outlook(office, award.id) == Outlook(left=40, there=0)


def test_the_resident_reads_what_is_owed_and_what_did_not_fit(
    office: Office, client: FlaskClient, settings: Settings
) -> None:
    [award] = office.grant((office.one, 1, 100))
    office.grant((office.one, 2, 25))
    doors.enter(client, doors.activated(office.acting, settings, office.one))
    assert "欠额" not in page(client, "/me")
    statement = page(client, "/me/statement")
    assert "因卡已满而未存入的积分" in statement
    assert "每张卡最多可存 100 分，所以有 25 分未能存入。" in statement
    office.spend(office.one, 60)
    office.take_back(award.id, owe=True)
    assert "您有 60 积分记为欠额" in page(client, "/me")
    statement = page(client, "/me/statement")
    assert "记错了" in statement and "以后新得的积分不会因此被扣" in statement
    client.set_cookie("language", "en")
    assert "You still owe 60 points" in page(client, "/me")
