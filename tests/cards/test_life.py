"""Cards are issued once, blocked at once, replaced without losing anything."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards import cards, ledger, residents
from rewards.act import SYSTEM, Act
from rewards.audit import AuditEntry
from rewards.cards import Card, Filter, Shown
from rewards.errors import NotFound, Refused
from tests import world
from tests.conftest import START, Acting, Database
from tests.world import World

TODAY = date(2026, 11, 20)


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def issue(acting: Acting, resident_id: int, expires_on: date | None = None) -> int:
    with acting() as act:
        return cards.issue(act, world.resident(act, resident_id), expires_on=expires_on).id


def card(act: Act, card_id: int) -> Card:
    return act.session.get_one(Card, card_id)


def test_a_second_card_comes_only_by_replacing(acting: Acting, here: World) -> None:
    issue(acting, here.resident_ids[0])
    with acting() as act, pytest.raises(cards.HasCard):
        cards.issue(act, world.resident(act, here.resident_ids[0]))


def test_many_are_issued_in_the_order_asked_for_all_or_none(acting: Acting, here: World) -> None:
    with acting() as act:
        people = [world.resident(act, i) for i in reversed(here.resident_ids)]
        made = cards.issue_many(act, people, expires_on=TODAY)
        assert [c.resident_id for c in made] == [p.id for p in people]
        assert {c.expires_on for c in made} == {TODAY}
        assert cards.issue_many(act, []) == []
    with acting() as act:
        both = [world.resident(act, i) for i in (here.other_resident_id, here.resident_ids[0])]
        with pytest.raises(cards.HasCard):
            cards.issue_many(act, both)
    with acting() as act:
        assert cards.active_card(act, here.other_resident_id) is None
        issued = select(func.count()).where(AuditEntry.action == "card.issue")
        assert act.session.scalar(issued) == 3


def test_thousands_at_once(acting: Acting, here: World) -> None:
    with acting() as act:
        community = world.community(act, here.other_community_id)
        people = residents.register_many(
            act, community, [residents.Details(f"示例{i}") for i in range(2000)]
        )
        assert len({c.code for c in cards.issue_many(act, people)}) == 2000


def test_two_desks_issue_one_card(database: Database, acting: Acting, here: World) -> None:
    def desk(_: int) -> str:
        with Session(database.engine) as session:
            act = Act(session, SYSTEM, START)
            try:
                cards.issue(act, world.resident(act, here.resident_ids[0]))
                session.commit()
            except Refused as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(desk, range(4))) == ["done", "has_card", "has_card", "has_card"]


def test_a_blocked_card_is_of_no_use_until_it_is_found(acting: Acting, here: World) -> None:
    number = issue(acting, here.resident_ids[0])
    with acting() as act:
        mine = card(act, number)
        with pytest.raises(cards.NotBlocked):
            cards.unblock(act, mine, reason="没有挂失")
        cards.block(act, mine, reason="遗失")
        cards.block(act, mine, reason="再说一遍")
        assert mine.ended_because == "遗失"
        with pytest.raises(cards.BlockedCard):
            cards.identify(act, mine.code, here.programme_id, TODAY)
        cards.unblock(act, mine, reason="找到了")
        assert cards.identify(act, mine.code, here.programme_id, TODAY) is mine
        log = act.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"card:{number}").order_by(AuditEntry.id)
        ).all()
        assert [(e.action, e.detail.get("reason")) for e in log] == [
            ("card.issue", None),
            ("card.block", "遗失"),
            ("card.unblock", "找到了"),
        ]


def test_a_newer_card_finds_the_same_wallet_and_ends_the_old_one(
    acting: Acting, here: World
) -> None:
    number = issue(acting, here.resident_ids[0])
    with acting() as act:
        world.give(act, here.resident_ids[0], 30)
    with acting() as act:
        old = card(act, number)
        cards.block(act, old, reason="遗失")
        newer = cards.replace(act, old, reason="补办")
        assert old.replaced_by_id == newer.id and newer.code != old.code
        found = cards.identify(act, newer.code, here.programme_id, TODAY)
        assert ledger.spendable(act.session, found.resident.wallet_id, TODAY) == 30
        with pytest.raises(cards.ReplacedCard):
            cards.identify(act, old.code, here.programme_id, TODAY)
        for again in (cards.block, cards.replace):
            with pytest.raises(cards.ReplacedCard):
                again(act, old, reason="再来一次")
        with pytest.raises(cards.NotBlocked):
            cards.unblock(act, old, reason="找到了")
        assert [c.id for c in cards.of_resident(act, old.resident_id)] == [newer.id, old.id]


def test_a_found_card_cannot_come_back_beside_its_successor(acting: Acting, here: World) -> None:
    number = issue(acting, here.resident_ids[0])
    with acting() as act:
        cards.block(act, card(act, number), reason="遗失")
    issue(acting, here.resident_ids[0])
    with acting() as act, pytest.raises(cards.HasCard):
        cards.unblock(act, card(act, number), reason="找到了")


def test_a_card_ends_after_its_last_day_and_in_its_own_programme(
    acting: Acting, here: World
) -> None:
    number = issue(acting, here.resident_ids[0], expires_on=TODAY)
    with acting() as act:
        code = card(act, number).code
        assert cards.identify(act, code, here.programme_id, TODAY).id == number
        with pytest.raises(cards.ExpiredCard):
            cards.identify(act, code, here.programme_id, date(2026, 11, 21))
        with pytest.raises(cards.UnknownCard):
            cards.identify(act, code, here.programme_id + 1, TODAY)
        with pytest.raises(cards.UnknownCard):
            cards.identify(act, cards.new_code(), here.programme_id, TODAY)
        with pytest.raises(NotFound):
            cards.load(act, number, here.other_community_id)
        with pytest.raises(NotFound):
            cards.load(act, 999_999, here.community_id)


def test_the_list_finds_by_state_print_name_phone_and_code(acting: Acting, here: World) -> None:
    one, two, three = (issue(acting, i) for i in here.resident_ids)
    issue(acting, here.other_resident_id)
    with acting() as act:
        card(act, one).printed_at = act.now
        card(act, two).expires_on = date(2026, 11, 1)
        cards.block(act, card(act, three), reason="遗失")
        code = card(act, one).code

    def found(**wanted: object) -> set[int]:
        with acting() as act:
            page = cards.listing(act, here.community_id, Filter(**wanted), TODAY)  # type: ignore[arg-type]
            assert page.total == len(page.cards)
            return {c.id for c in page.cards}

    assert found() == {one, two, three}
    assert found(shown=Shown.ACTIVE) == {one}
    assert found(shown=Shown.EXPIRED) == {two}
    assert found(shown=Shown.BLOCKED) == {three}
    assert found(shown=Shown.REPLACED) == set()
    assert found(printed=True) == {one}
    assert found(printed=False) == {two, three}
    assert found(words="居民2") == {two}
    assert found(words="0003") == {three}
    assert found(words=f"{code[:4]} {code[4:8].lower()}") == {one}
    assert found(words="%") == set()
    with acting() as act:
        page = cards.listing(act, here.community_id, Filter(), TODAY, page=2, size=2)
        assert (len(page.cards), page.total) == (1, 3)


def test_who_has_no_card_is_listed(acting: Acting, here: World) -> None:
    issue(acting, here.resident_ids[0])
    with acting() as act:
        people, total = cards.without_card(act, here.community_id)
        assert ([p.id for p in people], total) == (here.resident_ids[1:], 2)
        people, total = cards.without_card(act, here.community_id, "居民3", limit=1)
        assert ([p.id for p in people], total) == ([here.resident_ids[2]], 1)
        mine = cards.active_card(act, here.resident_ids[0])
        assert mine is not None
        cards.block(act, mine, reason="遗失")
        assert cards.without_card(act, here.community_id)[1] == 2
