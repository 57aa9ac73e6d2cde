"""Administrators reach as far as their grants, and never saw off their own branch."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from rewards import administration, staff
from rewards.act import Act, Actor
from rewards.administration import Administrator
from rewards.audit import AuditEntry
from rewards.credentials import WrongSecret
from rewards.errors import NotAllowed, NotFound, Refused
from rewards.staff import Grant, Role, Staff
from tests import world
from tests.conftest import Acting
from tests.world import World

NEW_PASSWORD = "another long password"


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


def programme_administrator(act: Act, here: World) -> Administrator:
    return administration.as_administrator(staff.load(act, here.administrator_id))


def local_administrator(act: Act, here: World) -> Administrator:
    member = world.person(act, "local", "社区管理员")
    staff.grant(act, member, Role.ADMINISTRATOR, community_id=here.community_id)
    return administration.as_administrator(member)


def add(act: Act, by: Administrator, community_id: int, whole_programme: bool = False) -> Staff:
    return administration.add(
        act,
        by,
        world.community(act, community_id),
        Role.ORGANISER,
        username="fresh",
        name="新同事",
        password=NEW_PASSWORD,
        whole_programme=whole_programme,
    )


def test_whoever_is_added_signs_in_and_has_the_role_there_only(acting: Acting, here: World) -> None:
    with acting() as act:
        add(act, programme_administrator(act, here), here.community_id)
    with acting() as act:
        member, refusal = staff.sign_in(act, "FRESH", NEW_PASSWORD)
        assert refusal is None and member is not None
        assert staff.roles_in(member, world.community(act, here.community_id)) == {Role.ORGANISER}
        assert staff.roles_in(member, world.community(act, here.other_community_id)) == set()


def test_an_administrator_of_one_community_grants_only_there(acting: Acting, here: World) -> None:
    with acting() as act:
        local = local_administrator(act, here)
        for community_id, whole in ((here.other_community_id, False), (here.community_id, True)):
            with pytest.raises(NotAllowed):
                add(act, local, community_id, whole)
        add(act, local, here.community_id)


def test_an_organiser_administers_nothing(acting: Acting, here: World) -> None:
    with acting() as act:
        organiser = administration.as_administrator(staff.load(act, here.organiser_id))
        with pytest.raises(NotAllowed):
            add(act, organiser, here.community_id)


def test_a_role_is_held_once_and_can_be_taken(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        community = world.community(act, here.community_id)
        member = staff.load(act, here.organiser_id)
        with pytest.raises(administration.RoleHeld):
            administration.give(act, by, member, Role.ORGANISER, community)
        given = administration.give(act, by, member, Role.ADMINISTRATOR, community)
        administration.take(act, by, member, given.id)
        assert staff.roles_in(member, community) == {Role.ORGANISER}
        with pytest.raises(NotFound):
            administration.take(act, by, member, given.id)


def test_somebody_of_another_community_is_found_by_user_name(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        there = world.community(act, here.other_community_id)
        with pytest.raises(NotFound):
            administration.load(act, here.organiser_id, there)
        administration.give_by_username(act, by, "Organiser", Role.ORGANISER, there)
        assert administration.load(act, here.organiser_id, there).username == "organiser"
        with pytest.raises(administration.NobodyByThatName):
            administration.give_by_username(act, by, "nobody", Role.ORGANISER, there)


def test_the_last_administrator_stays(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        [own] = by.staff.grants
        with pytest.raises(administration.LastAdministrator):
            administration.take(act, by, by.staff, own.id)
        with pytest.raises(administration.OwnAccount):
            administration.deactivate(act, by, by.staff)


def test_a_deactivated_administrator_does_not_count(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        second = world.person(act, "second", "管理员乙")
        staff.grant(act, second, Role.ADMINISTRATOR, programme_id=here.programme_id)
        administration.deactivate(act, by, second)
        with pytest.raises(administration.LastAdministrator):
            administration.take(act, by, by.staff, by.staff.grants[0].id)


def test_two_administrators_who_remove_each_other_leave_one(acting: Acting, here: World) -> None:
    with acting() as act:
        second = world.person(act, "second", "管理员乙")
        staff.grant(act, second, Role.ADMINISTRATOR, programme_id=here.programme_id)
        pair = [(here.administrator_id, second.id), (second.id, here.administrator_id)]

    def remove(who: tuple[int, int]) -> str:
        with acting(Actor("staff", who[0])) as act:
            by = administration.as_administrator(staff.load(act, who[0]))
            other = staff.load(act, who[1])
            try:
                administration.take(act, by, other, other.grants[0].id)
            except (Refused, IndexError) as refusal:
                act.session.rollback()
                return type(refusal).__name__
            return "taken"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(remove, pair))
    assert answers.count("taken") == 1, answers
    with acting() as act:
        assert len(list(act.session.scalars(select(Grant).where(Grant.programme_id > 0)))) == 1


def test_deactivation_ends_sessions_and_sign_in(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        member = staff.load(act, here.organiser_id)
        epoch = member.epoch
        administration.deactivate(act, by, member)
        assert member.epoch > epoch
        assert staff.sign_in(act, "organiser", world.PASSWORD)[0] is None
        administration.reactivate(act, by, member)
        assert staff.sign_in(act, "organiser", world.PASSWORD)[0] is member


def test_nobody_takes_over_an_account_that_reaches_further(acting: Acting, here: World) -> None:
    with acting() as act:
        local = local_administrator(act, here)
        top, organiser = (
            staff.load(act, i) for i in (here.administrator_id, here.second_organiser_id)
        )
        cases = [(top, False), (organiser, True)]
        for member, shop_roles in cases:
            with pytest.raises(administration.OutOfReach):
                administration.reset_password(
                    act, local, member, NEW_PASSWORD, shop_roles=shop_roles
                )
            with pytest.raises(administration.OutOfReach):
                administration.deactivate(act, local, member, shop_roles=shop_roles)
        administration.reset_password(act, local, organiser, NEW_PASSWORD)
        assert staff.sign_in(act, "organiser2", NEW_PASSWORD)[0] is organiser


def test_a_new_password_is_one_s_own_to_choose(acting: Acting, here: World) -> None:
    with acting() as act:
        member = staff.load(act, here.organiser_id)
        epoch = member.epoch
        assert isinstance(
            staff.change_password(act, member, "not this one", NEW_PASSWORD), WrongSecret
        )
        assert member.epoch == epoch
        assert staff.change_password(act, member, world.PASSWORD, NEW_PASSWORD) is None
        assert member.epoch > epoch
        assert staff.sign_in(act, "organiser", world.PASSWORD)[0] is None
        assert staff.sign_in(act, "organiser", NEW_PASSWORD)[0] is member


def test_made_passwords_differ_and_are_easy_to_copy() -> None:
    made = {administration.new_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 19 and not set(password) & set("01loiI O")


def test_every_act_on_staff_is_in_the_log_with_its_place(acting: Acting, here: World) -> None:
    with acting() as act:
        by = programme_administrator(act, here)
        member = add(act, by, here.community_id)
        given = administration.give(
            act, by, member, Role.ADMINISTRATOR, world.community(act, here.community_id)
        )
        administration.take(act, by, member, given.id)
        administration.reset_password(act, by, member, "yet another password")
        administration.deactivate(act, by, member)
        administration.reactivate(act, by, member)
        member_id = member.id
    with acting() as act:
        entries = act.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"staff:{member_id}")
        ).all()
        assert [e.action.removeprefix("staff.") for e in entries] == [
            "register",
            "grant",
            "grant",
            "ungrant",
            "password",
            "deactivate",
            "reactivate",
        ]
        assert {e.community_id for e in entries} == {here.community_id}
        assert NEW_PASSWORD not in str([e.detail for e in entries])
