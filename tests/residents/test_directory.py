"""Residents are found by what somebody at the desk has: a name, four digits, a card."""

import pytest
from sqlalchemy import select

from rewards import cards, directory, residents
from rewards.act import Act
from rewards.audit import AuditEntry
from rewards.directory import Wanted
from rewards.residents import Details
from tests import world
from tests.conftest import Acting


@pytest.fixture
def here(acting: Acting) -> world.World:
    with acting() as act:
        return world.build(act)


def names(act: Act, here: world.World, **wanted: str) -> list[str]:
    found = directory.find(act, world.community(act, here.community_id), Wanted(**wanted))
    return [entry.resident.name for entry in found.entries]


def test_search_by_name_last_four_whole_number_or_card(acting: Acting, here: world.World) -> None:
    with acting() as act:
        card = cards.issue(act, world.resident(act, here.resident_ids[1]))
        everybody = ["示例居民1", "示例居民2", "示例居民3"]
        assert names(act, here) == everybody
        assert names(act, here, words="居民") == everybody
        assert names(act, here, words="0002") == ["示例居民2"]
        assert names(act, here, words="138 0000 0003") == ["示例居民3"]
        assert names(act, here, words=card.code.lower()) == ["示例居民2"]
        assert names(act, here, words=f"http://localhost/c/{card.code}") == ["示例居民2"]
        for nobody in ("%", "_", "9999", "外人", "13900000001"):
            assert names(act, here, words=nobody) == []


def test_lists_are_sorted_and_filtered(acting: Acting, here: world.World) -> None:
    first, second, third = here.resident_ids
    with acting() as act:
        world.give(act, second, 30, "first-gift")
        world.give(act, third, 10, "second-gift")
        card = cards.issue(act, world.resident(act, first))
        cards.block(act, cards.issue(act, world.resident(act, third)), reason="lost")
        residents.edit(act, world.resident(act, first), Details("示例居民1", building="9号楼"))
        assert names(act, here, sort="points") == ["示例居民2", "示例居民3", "示例居民1"]
        assert names(act, here, sort="building")[-1] == "示例居民1"
        assert names(act, here, sort="newest") == ["示例居民3", "示例居民2", "示例居民1"]
        assert names(act, here, card="with") == ["示例居民1"]
        assert names(act, here, card="without") == ["示例居民2", "示例居民3"]
        found = directory.find(act, world.community(act, here.community_id), Wanted())
        assert [(e.points, e.card and e.card.id) for e in found.entries] == [
            (0, card.id),
            (30, None),
            (10, None),
        ]


def test_lists_are_paged(acting: Acting, here: world.World) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        residents.register_many(act, community, [Details(f"新{i:03}") for i in range(60)])
        first = directory.find(act, community, Wanted(words="新"))
        second = directory.find(act, community, Wanted(words="新"), 2)
        beyond = directory.find(act, community, Wanted(words="新"), 99)
        assert (first.count, first.pages, len(first.entries)) == (60, 2, 50)
        assert [e.resident.name for e in second.entries] == [f"新{i:03}" for i in range(50, 60)]
        assert beyond == second


def test_taking_a_list_out_takes_all_of_it_and_is_audited(
    acting: Acting, here: world.World
) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        residents.register_many(act, community, [Details(f"新{i:03}") for i in range(60)])
        assert len(directory.take_out(act, community, Wanted(words="新"))) == 60
        entry = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "resident.export")
        ).one()
        assert entry.detail == {"residents": 60, "card": "", "searched": True}


def test_a_file_holds_card_points_and_statement_by_pages(acting: Acting, here: world.World) -> None:
    resident_id = here.resident_ids[0]
    with acting() as act:
        for number in range(25):
            world.give(act, resident_id, 2, f"gift-number-{number}")
        resident = world.resident(act, resident_id)
        card = cards.issue(act, resident)
        file = directory.open_file(act, resident)
        assert (file.spendable, file.owed, [c.id for c in file.cards]) == (50, 0, [card.id])
        assert sum(d.amount for d in file.dated) == 50
        assert len(file.lines) == 20
        older = directory.open_file(act, resident, file.before)
        assert len(older.lines) == 5 and older.before is None
