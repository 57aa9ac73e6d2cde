"""Acts outside events: recorded by one, approved by another, awarded once by the rules then."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from rewards import awards
from rewards.audit import AuditEntry
from rewards.awards import Award
from rewards.deeds import asking, deciding, model, naming, refusals, sheet
from rewards.deeds.model import SOURCE, Kind, Status
from rewards.errors import NotFound, Refused
from rewards.ledger import AlreadyReversed
from rewards.schemes.refusals import NoScheme
from rewards.volunteering.vocabulary import UnknownTerm
from tests import world
from tests.conftest import START
from tests.deeds.conftest import YESTERDAY, Desk


def test_a_second_person_approves_and_the_points_come_once(desk: Desk) -> None:
    deed = desk.record(*desk.residents[:2])
    assert desk.spendable() == 0
    with pytest.raises(refusals.SamePerson):
        desk.approve(deed, 6, who="first")
    assert desk.approve(deed, 6) == 6
    assert desk.approve(deed, 6) == 6, "a repeat answers the same"
    assert [desk.spendable(i) for i in desk.residents] == [3, 3, 0]
    with desk.by("first", deed) as (act, found):
        assert (found.status, found.decided_by_id) == (
            Status.APPROVED,
            desk.world.second_organiser_id,
        )
        given = act.session.scalars(select(Award).where(Award.source == SOURCE)).all()
        assert {award.source_id for award in given} == {doer.id for doer in found.doers}
        assert given[0].because["lines"][0]["rule"] == "photo"
        log = act.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == f"deed:{deed}")
        )
        assert sorted(log) == ["deed.approve", "deed.record"]
    assert desk.drifts() == []


def test_the_rules_of_the_day_it_happened_apply(desk: Desk) -> None:
    deed = desk.record()
    desk.publish(START - timedelta(hours=1), rules=[], deductions=[])
    assert desk.approve(deed, 3) == 3


def test_a_cap_counts_what_was_given_before(desk: Desk) -> None:
    first, second = desk.record(), desk.record()
    assert desk.approve(first, 3) == 3
    with pytest.raises(refusals.WorthChanged):
        desk.approve(second, 3)
    assert desk.approve(second, 1) == 1
    assert desk.spendable() == 4


def test_one_who_is_in_a_list_twice_is_awarded_once(desk: Desk) -> None:
    with desk.acting() as act:
        here = world.community(act, desk.world.community_id)
        listed = "示例居民1\n13800000002\n\n 示例居民1 "
        assert [r.id for r in naming.residents(act, here, listed)] == desk.residents[:2]


@pytest.mark.parametrize(
    ("listed", "refused", "line"),
    [
        ("", refusals.NobodyNamed, None),
        ("示例居民1\n没有这人", refusals.LineUnknown, 2),
        ("示例外人", refusals.LineUnknown, 1),
        ("示例居民1\n" * 101, refusals.TooManyNamed, None),
    ],
)
def test_a_list_that_names_nobody_says_where(
    desk: Desk, listed: str, refused: type[Refused], line: int | None
) -> None:
    with desk.acting() as act, pytest.raises(refused) as why:
        naming.residents(act, world.community(act, desk.world.community_id), listed)
    assert why.value.facts.get("line") == line


def test_an_hour_of_a_visit_and_items(desk: Desk) -> None:
    visit = desk.record(kind=Kind.VISIT, minutes=90)
    assert desk.approve(visit, 6) == 6
    other = desk.record(kind=Kind.MANUAL, items=3)
    assert desk.approve(other, 15) == 15
    for kind in (Kind.VISIT, Kind.MANUAL):
        with pytest.raises(refusals.QuantityMissing):
            desk.record(kind=kind)


def test_a_newcomer_is_referred_once(desk: Desk) -> None:
    first, second, third = desk.residents
    for people, referred, refused in (
        ([first], None, refusals.ReferredMissing),
        ([first], first, refusals.ReferredSelf),
        ([first, second], third, refusals.OneReferrer),
    ):
        with pytest.raises(refused):
            desk.record(*people, kind=Kind.REFERRAL, referred=referred)
    deed = desk.record(first, kind=Kind.REFERRAL, referred=third)
    with pytest.raises(refusals.ReferredBefore):
        desk.record(second, kind=Kind.REFERRAL, referred=third)
    with desk.by("second", deed) as (act, found):
        deciding.refuse(act, found, "认错人")
    assert desk.approve(desk.record(second, kind=Kind.REFERRAL, referred=third), 2) == 2


def test_a_team_needs_its_meeting(desk: Desk) -> None:
    with pytest.raises(refusals.MeetingMissing):
        desk.record(*desk.residents, kind=Kind.TEAM, note=" ")
    deed = desk.record(*desk.residents, kind=Kind.TEAM, note="11月18日居委会例会一致同意")
    assert desk.approve(deed, 150) == 150


def test_what_the_rules_of_that_day_dont_know_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownTerm):
        desk.record(service="swimming")
    with pytest.raises(refusals.NotYetHappened):
        desk.record(happened_at=START + timedelta(minutes=1))
    with pytest.raises(NoScheme):
        desk.record(happened_at=START.replace(year=2010))
    with pytest.raises(refusals.UnknownDeduction):
        desk.record(kind=Kind.DEDUCTION, deduction="nothing")


def test_one_given_back_brings_nothing_and_is_decided(desk: Desk) -> None:
    deed = desk.record()
    with desk.by("second", deed) as (act, found):
        with pytest.raises(awards.ReasonMissing):
            deciding.refuse(act, found, " ")
        deciding.refuse(act, found, "照片看不清")
    with pytest.raises(refusals.DeedDecided):
        desk.approve(deed, 3)
    with desk.by("first", deed) as (act, found), pytest.raises(refusals.DeedDecided):
        deciding.refuse(act, found, "再来")
    assert desk.spendable() == 0


def test_the_award_is_taken_back_as_any_other(desk: Desk) -> None:
    deed = desk.record()
    desk.approve(deed, 3)
    with desk.by("first", deed) as (act, found):
        [share] = sheet.draw(act, found).shares
        assert share.award is not None
        awards.take_back(act, share.award, key="wrong-one", reason="看错人").result()
    assert desk.spendable() == 0
    with desk.by("first", deed) as (act, found):
        assert sheet.draw(act, found).shares[0].award is None
    assert desk.drifts() == []


def test_another_community_has_nothing_to_do_with_it(desk: Desk) -> None:
    deed = desk.record()
    with desk.acting() as act, pytest.raises(NotFound):
        model.load(act, deed, desk.world.other_community_id)


def test_recording_twice_records_once(desk: Desk) -> None:
    assert desk.record(key="one-tap-only") == desk.record(key="one-tap-only")


def test_the_database_holds_the_second_person_and_one_part_each(desk: Desk) -> None:
    deed = desk.record()
    for statement in (
        "UPDATE recorded_deed SET status = 'approved', decided_by_id = recorded_by_id, "
        "decided_at = recorded_at",
        "INSERT INTO deed_doer (deed_id, resident_id) SELECT deed_id, resident_id FROM deed_doer",
        "UPDATE recorded_deed SET status = 'approved'",
        "UPDATE recorded_deed SET kind = 'team', note = ''",
    ):
        with pytest.raises(IntegrityError), desk.acting() as act:
            act.session.execute(text(statement))
    assert desk.approve(deed, 3) == 3


def test_only_what_the_rules_look_at_is_asked(desk: Desk) -> None:
    with desk.acting() as act:
        here = world.community(act, desk.world.community_id)
        photo, visit, taken = (
            asking.of(act, here, kind) for kind in (Kind.PHOTO_REPORT, Kind.VISIT, Kind.DEDUCTION)
        )
    assert [term.key for term in photo.terms["service"]] == ["hazard", "litter"]
    assert not photo.minutes and visit.minutes and visit.terms == {}
    assert [deduction.key for deduction in taken.deductions] == ["litter"]


# Deductions


def littered(desk: Desk, *residents: int) -> int:
    return desk.record(*residents, kind=Kind.DEDUCTION, deduction="litter", reason="乱扔垃圾")


def test_a_deduction_takes_points_once_and_gives_them_back_once(desk: Desk) -> None:
    desk.give(desk.residents[0], 25)
    deed = littered(desk)
    assert desk.spendable() == 25
    with pytest.raises(refusals.SamePerson):
        desk.approve(deed, 10, who="first")
    assert desk.approve(deed, 10) == 10
    assert desk.approve(deed, 10) == 10
    assert desk.spendable() == 15
    assert desk.drifts() == []
    assert desk.give_back(deed, desk.residents[0]) == 10
    assert desk.spendable() == 25
    with pytest.raises((refusals.NothingDeducted, AlreadyReversed)):
        desk.give_back(deed, desk.residents[0])
    assert desk.drifts() == []


def test_never_below_zero_unless_the_scheme_says_so(desk: Desk) -> None:
    poor, rich, _ = desk.residents
    desk.give(poor, 4)
    desk.give(rich, 30)
    deed = littered(desk, poor, rich)
    with desk.by("second", deed) as (act, found):
        drawn = sheet.draw(act, found)
        assert [(share.there, share.short) for share in drawn.shares] == [(4, 6), (10, 0)]
    assert desk.approve(deed, 20) == 14
    assert (desk.spendable(poor), desk.owed(poor)) == (0, 0)
    desk.publish(YESTERDAY - timedelta(days=1), below_zero=True)
    again = littered(desk, poor, rich)
    assert desk.approve(again, 20) == 10
    assert (desk.spendable(poor), desk.owed(poor)) == (0, 10)
    assert desk.drifts() == []
    desk.give_back(again, poor)
    assert desk.owed(poor) == 0
    assert desk.drifts() == []


def test_the_rules_may_change_a_penalty_between_checking_and_approving(desk: Desk) -> None:
    deed = littered(desk)
    dearer = {"key": "litter", "name": {"zh": "乱扔垃圾", "en": "Litter"}, "points": 20}
    desk.publish(YESTERDAY - timedelta(days=1), deductions=[dearer])
    with pytest.raises(refusals.WorthChanged):
        desk.approve(deed, 10)


def test_verify_sees_a_deduction_that_was_changed(desk: Desk) -> None:
    desk.give(desk.residents[0], 25)
    desk.approve(littered(desk), 10)
    with desk.acting() as act:
        act.session.execute(text("UPDATE deduction SET taken = 9"))
    assert [drift.what for drift in desk.drifts()] == ["deduction"]
    with desk.acting() as act:
        act.session.execute(text("DELETE FROM deduction"))
    assert [drift.what for drift in desk.drifts()] == ["transfer without act"]
