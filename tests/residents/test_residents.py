"""One person, one number: registering, editing, and what the audit log keeps of it."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rewards import ledger, residents
from rewards.audit import AuditEntry
from rewards.errors import NotFound
from rewards.forms import phone_number
from rewards.residents import Details
from tests import world
from tests.conftest import Acting


@pytest.fixture
def here(acting: Acting) -> world.World:
    with acting() as act:
        return world.build(act)


def test_a_number_belongs_to_one_resident_of_a_community(acting: Acting, here: world.World) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        with pytest.raises(residents.PhoneTaken) as refusal:
            residents.register(act, community, name="新居民", phone="+8613800000001")
        assert refusal.value.facts == {"name": "示***"}
        residents.register(act, community, name="新居民", phone="+8613900000001")


def test_many_are_registered_in_order_or_none(acting: Acting, here: world.World) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        people = residents.register_many(
            act, community, [Details("甲", building="1号楼"), Details("乙", note="示例")]
        )
        assert [(p.name, p.building, p.note) for p in people] == [
            ("甲", "1号楼", ""),
            ("乙", "", "示例"),
        ]
        assert len({p.wallet_id for p in people}) == 2
        with pytest.raises(IntegrityError):
            residents.register_many(
                act, community, [Details("丙"), Details("丁", "+8613800000001")]
            )
        assert act.session.scalar(select(residents.Resident.id).filter_by(name="丙")) is None
        assert residents.register_many(act, community, []) == []


def test_an_edit_changes_what_differs_and_says_which_but_not_what(
    acting: Acting, here: world.World
) -> None:
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        details = Details("改名居民", "+8613911110001", "", "")
        assert residents.edit(act, resident, details) == ["name", "phone"]
        assert residents.edit(act, resident, details) == []
        assert act.session.get_one(ledger.Account, resident.wallet_id).name == "改名居民"
        [entry] = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "resident.edit")
        )
        assert entry.detail == {"changed": ["name", "phone"]}
        assert entry.community_id == here.community_id


def test_household_and_tags_are_kept_and_edited_on_record(
    acting: Acting, here: world.World
) -> None:
    with acting() as act:
        community = world.community(act, here.community_id)
        newcomer = residents.register(
            act, community, name="新居民", household="3-2-501", tags=["head", "party"]
        )
        resident_id = newcomer.id
    with acting() as act:
        resident = world.resident(act, resident_id)
        assert (resident.household, resident.tags) == ("3-2-501", ["head", "party"])
        moved = Details("新居民", household="3-2-502", tags=["head"])
        assert residents.edit(act, resident, moved) == ["household", "tags"]
    with acting() as act:
        resident = world.resident(act, resident_id)
        assert (resident.household, resident.tags) == ("3-2-502", ["head"])
        assert residents.edit(act, resident, moved) == []
        [entry] = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "resident.edit")
        )
        assert entry.detail == {"changed": ["household", "tags"]}


def test_an_edit_can_t_take_another_s_number(acting: Acting, here: world.World) -> None:
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        with pytest.raises(residents.PhoneTaken):
            residents.edit(act, resident, Details(resident.name, "+8613800000002"))
        assert resident.phone == "+8613800000001"


def test_opening_a_number_is_in_the_audit_log(acting: Acting, here: world.World) -> None:
    with acting() as act:
        resident = world.resident(act, here.resident_ids[0])
        assert residents.reveal_phone(act, resident) == "+8613800000001"
        entry = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "resident.phone")
        ).one()
        assert entry.subject == f"resident:{resident.id}"


def test_another_community_s_resident_is_not_there(acting: Acting, here: world.World) -> None:
    with acting() as act, pytest.raises(NotFound):
        residents.load(act, here.other_resident_id, here.community_id)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0000 0001", "+8613800000001"),
        ("１３８０００００００１", "+8613800000001"),
        ("010-6234 5678", "+861062345678"),
        ("+1 202 555 0143", "+12025550143"),
        ("1380000001", None),
        ("138000000011", None),
        ("138ABCDEFGH", None),
        ("1.38E+10", None),
        ("王小明", None),
    ],
)
def test_a_number_is_read_as_it_is_dialled_or_not_at_all(typed: str, number: str | None) -> None:
    assert phone_number(typed) == number
