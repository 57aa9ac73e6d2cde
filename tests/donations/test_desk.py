"""Cash and goods: one person records, another attests, and only then are there points."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import Act, Actor
from rewards.donations import causes, desk, gifts, listing
from rewards.donations.causes import CauseClosed
from rewards.donations.gifts import Donation, GiftSettled, Kind
from rewards.donations.listing import Attention, Wanted
from rewards.errors import NotFound
from rewards.schemes import versions
from tests import world
from tests.conftest import START, Acting, Database
from tests.donations.giving import Giving, Stand
from tests.schemes import plain


class Desk:
    """Two people at the desk of the small world."""

    def __init__(self, giving: Giving) -> None:
        self.giving, self.acting = giving, giving.acting
        self.one = Actor("staff", giving.world.organiser_id, "组织者甲")
        self.two = Actor("staff", giving.world.second_organiser_id, "组织者乙")
        self.third = Actor("staff", giving.world.administrator_id, "管理员甲")

    def record(
        self, kind: Kind = Kind.CASH, fen: int = 3000, key: str = "record-1", **goods: Any
    ) -> int:
        with self.acting(self.one) as act:
            giver = world.resident(act, self.giving.resident_id)
            cause = causes.load(act, self.giving.cause_id, giver.community_id)
            answer = desk.record(act, giver, cause, kind=kind, amount_fen=fen, key=key, **goods)
            donation: int = answer.result()["donation"]
            return donation

    def attest(self, gift: int, by: Actor | None = None) -> int:
        with self.acting(by or self.two) as act:
            answer = desk.attest(act, act.session.get_one(Donation, gift))
            points: int = answer.result()["points"]
            return points

    def refuse(self, gift: int) -> None:
        with self.acting(self.two) as act:
            desk.refuse(act, act.session.get_one(Donation, gift), "没有收到")

    def reverse(
        self,
        gift: int,
        when_spent: ledger.WhenSpent = ledger.WhenSpent.REFUSE,
        key: str = "reverse-1",
    ) -> dict[str, int]:
        with self.acting(self.two) as act:
            donation = act.session.get_one(Donation, gift)
            answer = desk.reverse(act, donation, reason="记错了", when_spent=when_spent, key=key)
        return answer.result()


@pytest.fixture
def office(giving: Giving) -> Desk:
    return Desk(giving)


def test_points_come_when_a_second_person_attests(office: Desk) -> None:
    gift = office.record(fen=3050)
    assert office.giving.stand(gift) == Stand("recorded", 0, 0, 0)
    assert office.attest(gift) == 30
    assert office.giving.stand(gift) == Stand("attested", 30, 30, 0)


def test_goods_bring_points_by_their_attested_value(office: Desk) -> None:
    gift = office.record(Kind.GOODS, 12_000, goods="大米三袋")
    assert office.attest(gift) == 120


def test_goods_must_be_named(office: Desk) -> None:
    with pytest.raises(desk.GoodsUnnamed):
        office.record(Kind.GOODS, 100, goods="")


def test_whoever_recorded_a_gift_cannot_attest_it(office: Desk) -> None:
    gift = office.record()
    with pytest.raises(desk.SamePerson):
        office.attest(gift, by=office.one)
    assert office.giving.stand(gift) == Stand("recorded", 0, 0, 0)


def test_the_database_too_wants_two_people(office: Desk, acting: Acting) -> None:
    gift = office.record()
    with pytest.raises(IntegrityError), acting() as act:
        donation = act.session.get_one(Donation, gift)
        donation.status, donation.attested_by_id = "attested", donation.recorded_by_id


def test_a_double_tap_attests_once_and_a_third_person_is_told(office: Desk) -> None:
    gift = office.record()
    assert [office.attest(gift), office.attest(gift)] == [30, 30]
    with pytest.raises(GiftSettled):
        office.attest(gift, by=office.third)
    assert office.giving.stand(gift) == Stand("attested", 30, 30, 0)


def test_two_people_at_once_attest_it_once(office: Desk, database: Database) -> None:
    gift = office.record()

    def attest(actor: Actor) -> str:
        with Session(database.engine) as session:
            act = Act(session, actor, START)
            try:
                desk.attest(act, session.get_one(Donation, gift))
                session.commit()
            except GiftSettled as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attest, [office.two, office.third, office.two, office.third]))
    assert sorted(outcomes) == ["done", "done", "gift_settled", "gift_settled"]
    assert office.giving.stand(gift) == Stand("attested", 30, 30, 0)


def test_a_form_sent_twice_records_one_gift(office: Desk) -> None:
    assert office.record(key="same-form") == office.record(key="same-form")
    with pytest.raises(ledger.KeyReused):
        office.record(key="same-form", fen=1)


def test_a_refused_gift_brings_nothing_for_ever(office: Desk) -> None:
    gift = office.record()
    office.refuse(gift)
    for act_again in (office.attest, office.refuse, office.reverse):
        with pytest.raises(GiftSettled):
            act_again(gift)
    assert office.giving.stand(gift) == Stand("refused", 0, 0, 0)


def test_an_attested_gift_undone_takes_its_points_back_once(office: Desk) -> None:
    gift = office.record()
    office.attest(gift)
    assert office.reverse(gift) == {"taken": 30, "owed": 0}
    assert office.reverse(gift) == {"taken": 30, "owed": 0}
    with pytest.raises(GiftSettled):
        office.reverse(gift, key="reverse-2")
    assert office.giving.stand(gift) == Stand("reversed", 0, 0, 0)


def test_undoing_after_the_points_were_spent_is_refused_or_owed(office: Desk) -> None:
    gift = office.record()
    office.attest(gift)
    office.giving.spend(20)
    with pytest.raises(ledger.AlreadySpent):
        office.reverse(gift)
    assert office.giving.stand(gift) == Stand("attested", 30, 10, 0)
    taken = office.reverse(gift, ledger.WhenSpent.OWE, key="reverse-2")
    assert taken == {"taken": 10, "owed": 20}
    assert office.giving.stand(gift) == Stand("reversed", 0, 0, 20)


def test_a_gift_too_small_for_a_point_is_attested_and_undone_all_the_same(office: Desk) -> None:
    gift = office.record(fen=99)
    assert office.attest(gift) == 0
    assert office.reverse(gift) == {"taken": 0, "owed": 0}


def test_a_closed_cause_takes_nothing(office: Desk, acting: Acting) -> None:
    with acting() as act:
        cause = causes.load(act, office.giving.cause_id, office.giving.world.community_id)
        causes.close(act, cause)
    with pytest.raises(CauseClosed):
        office.record()


def test_another_communitys_gifts_and_causes_are_not_there(office: Desk, acting: Acting) -> None:
    gift = office.record()
    elsewhere = office.giving.world.other_community_id
    with acting() as act:
        with pytest.raises(NotFound):
            gifts.load(act, gift, elsewhere)
        with pytest.raises(NotFound):
            causes.load(act, office.giving.cause_id, elsewhere)
        with pytest.raises(NotFound):
            gifts.load_own(act, gift, world.resident(act, office.giving.world.other_resident_id))


def test_the_desk_sees_what_waits_for_it(office: Desk, acting: Acting) -> None:
    office.record(key="record-a")
    office.attest(office.record(key="record-b"))
    here = office.giving.world.community_id
    with acting() as act:
        assert listing.attention(act, here) == Attention(recorded=1, held=0, disputed=0)
        waiting = listing.of_community(act, here, Wanted("recorded")).gifts
        assert [gift.kind for gift in waiting] == ["cash"]
        assert listing.of_community(act, here, Wanted(kind="goods")).gifts == []
        assert listing.of_community(act, here, Wanted("disputed")).gifts == []
        assert len(listing.of_community(act, here, Wanted()).gifts) == 2
        elsewhere = office.giving.world.other_community_id
        assert listing.of_community(act, elsewhere, Wanted()).gifts == []


def by_the_item(office: Desk, points: int = 4) -> None:
    """Put rules into force that pay for goods by the item, at most 20 points a month."""
    goods = plain.rule("goods", points, per="item", caps=[{"most": 20, "window": "month"}])
    with office.acting() as act:
        rules = plain.scheme(goods, plain.rule("money", 1, per="yuan"))
        programme_id = office.giving.world.programme_id
        versions.publish(act, programme_id, rules, effective_from=act.now)


def test_goods_are_paid_by_the_item_where_the_rules_say_so(office: Desk) -> None:
    by_the_item(office)
    first = office.record(Kind.GOODS, goods="大米", items=3, fen=90_00)
    assert office.attest(first) == 12
    second = office.record(Kind.GOODS, goods="食用油", items=3, fen=150_00, key="record-2")
    assert office.attest(second) == 8  # of twelve, what the month still allows
    assert office.giving.stand(second).spendable == 20
    with office.acting() as act:
        award = gifts.award_of(act, act.session.get_one(Donation, second))
        assert award is not None
        [line] = award.because["lines"]
        assert (line["per"], line["quantity"], line["made"], line["points"]) == ("item", 3, 12, 8)


def test_nobody_forgets_to_count_where_items_are_paid_for(office: Desk) -> None:
    uncounted = office.record(Kind.GOODS, goods="大米")  # the rules pay by the yuan
    assert office.attest(uncounted) == 30
    by_the_item(office)
    with pytest.raises(desk.GoodsUncounted):
        office.record(Kind.GOODS, goods="大米", key="record-2")
    assert office.attest(office.record(key="record-3", items=5)) == 30  # cash has no items


def test_the_database_holds_that_only_goods_have_items(office: Desk) -> None:
    gift = office.record()
    with pytest.raises(IntegrityError), office.acting() as act:
        act.session.get_one(Donation, gift).items = 2
        act.session.flush()
