"""A draft is written, submitted for a day and approved by another person; nothing else begins."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rewards.act import Act, Actor
from rewards.audit import AuditEntry
from rewards.communities import Programme
from rewards.errors import NotFound, Refused
from rewards.schemes import drafts, refusals, versions
from rewards.schemes.drafts import Draft, Status
from rewards.schemes.problems import BadScheme
from tests import world
from tests.conftest import Acting, FakeClock
from tests.schemes.plain import rule, scheme

ONE, TWO = Actor("staff", 1, "管理员甲"), Actor("staff", 2, "管理员乙")
TODAY = date(2026, 11, 20)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


class Desk:
    """A programme, a draft, and short names for what two administrators do with it."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        with acting() as act:
            self.programme_id = world.build(act).programme_id
        self.draft_id = self.start(7)

    def start(self, points: int) -> int:
        with self.acting(ONE) as act:
            programme = act.session.get_one(Programme, self.programme_id)
            return drafts.start(act, programme, rules(points), "示例草案").id

    def draft(self, act: Act, draft_id: int | None = None) -> Draft:
        return drafts.load(act, draft_id or self.draft_id, self.programme_id)

    def do(self, step, *args, by: Actor = ONE, draft_id: int | None = None, **kwargs):
        with self.acting(by) as act:
            return step(act, self.draft(act, draft_id), *args, **kwargs)

    def approved(self, day: date, draft_id: int | None = None) -> int:
        self.do(drafts.submit, day, draft_id=draft_id)
        with self.acting(TWO) as act:
            return drafts.approve(act, self.draft(act, draft_id)).id

    def status(self) -> str:
        with self.acting() as act:
            return self.draft(act).status

    def in_force(self, act: Act) -> int:
        version = versions.in_force(act, self.programme_id, act.now)
        points: int = version.document["rules"][0]["amount"]["points"]
        return points


def rules(points: int) -> dict:
    return scheme(rule("hours", points, per="hour"))


@pytest.fixture
def desk(acting: Acting) -> Desk:
    return Desk(acting)


def test_an_approved_draft_begins_with_its_day(desk: Desk, clock: FakeClock) -> None:
    version_id = desk.approved(TOMORROW)
    with desk.acting() as act:
        assert desk.in_force(act) == 10
        version = versions.load(act, version_id, desk.programme_id)
        assert (version.drafted_by, version.submitted_by) == ("staff:1", "staff:1")
        assert (version.approved_by, version.note) == ("staff:2", "示例草案")
        assert desk.draft(act).version_id == version_id
        begins = version.effective_from
    clock.now = begins - timedelta(microseconds=1)
    with desk.acting() as act:
        assert desk.in_force(act) == 10
    clock.forward(microseconds=1)  # midnight in Beijing
    with desk.acting() as act:
        assert (desk.in_force(act), act.now.hour) == (7, 16)


def test_today_means_from_now_so_this_morning_keeps_its_rules(desk: Desk, clock: FakeClock) -> None:
    before = clock.now
    clock.forward(hours=3)
    desk.approved(TODAY)
    with desk.acting() as act:
        assert desk.in_force(act) == 7
        earlier = versions.in_force(act, desk.programme_id, before + timedelta(hours=1))
        assert earlier.number == 1


def test_nobody_approves_what_they_submitted(desk: Desk) -> None:
    desk.do(drafts.submit, TOMORROW)
    with pytest.raises(refusals.SamePerson):
        desk.do(drafts.approve)
    assert desk.status() == Status.SUBMITTED


def test_whoever_drafted_it_may_approve_what_another_submitted(desk: Desk) -> None:
    desk.do(drafts.submit, TOMORROW, by=TWO)
    with desk.acting(ONE) as act:
        assert drafts.approve(act, desk.draft(act)).number == 2


def test_a_day_that_is_over_is_refused_when_submitted_and_when_approved(
    desk: Desk, clock: FakeClock
) -> None:
    with pytest.raises(refusals.PastDate):
        desk.do(drafts.submit, YESTERDAY)
    desk.do(drafts.submit, TODAY)
    clock.forward(days=1)
    with pytest.raises(refusals.PastDate):
        desk.do(drafts.approve, by=TWO)
    assert desk.status() == Status.SUBMITTED


def test_two_versions_can_not_begin_on_one_day(desk: Desk) -> None:
    desk.approved(TOMORROW)
    other = desk.start(8)
    with pytest.raises(refusals.OverlappingVersions) as refusal:
        desk.do(drafts.submit, TOMORROW, draft_id=other)
    assert refusal.value.facts == {"number": 2, "day": "2026-11-21"}
    with desk.acting() as act:
        [version] = versions.to_come(versions.history(act, desk.programme_id))
        versions.withdraw(act, version, "改用另一份")
    desk.approved(TOMORROW, other)


def test_of_two_submitted_for_one_day_only_one_is_approved(desk: Desk) -> None:
    other = desk.start(8)
    for draft_id in (desk.draft_id, other):
        desk.do(drafts.submit, TOMORROW, draft_id=draft_id)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def approve(draft_id: int) -> None:
        start.wait()
        try:
            desk.do(drafts.approve, by=TWO, draft_id=draft_id)
            outcomes.append("approved")
        except Refused as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(i,)) for i in (desk.draft_id, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "overlapping_versions"]


def test_what_is_no_scheme_is_not_kept(desk: Desk) -> None:
    with pytest.raises(BadScheme):
        desk.do(drafts.change, {"format": "e-points-scheme/1", "odd": 1}, revision=1)


def test_a_change_is_made_once_and_never_over_somebody_elses(desk: Desk) -> None:
    desk.do(drafts.change, rules(8), revision=1)
    desk.do(drafts.change, rules(8), revision=1)  # a second tap on the same button
    with pytest.raises(refusals.DraftChanged):
        desk.do(drafts.change, rules(9), revision=1, by=TWO)
    desk.do(drafts.change, rules(9), revision=2, name="第二稿")
    with desk.acting() as act:
        draft = desk.draft(act)
        assert (draft.revision, draft.name, draft.document) == (3, "第二稿", rules(9))


def test_a_submitted_draft_is_given_back_with_a_reason_and_submitted_anew(desk: Desk) -> None:
    desk.do(drafts.submit, TOMORROW)
    with pytest.raises(refusals.ReturnReasonMissing):
        desk.do(drafts.give_back, " ", by=TWO)
    with pytest.raises(refusals.WrongStatus):
        desk.do(drafts.change, rules(8), revision=1)
    desk.do(drafts.give_back, "太高", by=TWO)
    with desk.acting() as act:
        assert desk.draft(act).returned_because == "太高"
    desk.do(drafts.change, rules(6), revision=1)
    desk.approved(TOMORROW)
    with desk.acting() as act:
        assert desk.draft(act).returned_because is None


@pytest.mark.parametrize("end", ["approved", "discarded"])
def test_a_draft_that_is_done_with_stays_so(desk: Desk, end: str) -> None:
    if end == "approved":
        desk.approved(TOMORROW)
    else:
        desk.do(drafts.discard)
    for step, *args in (
        (drafts.submit, TODAY),
        (drafts.give_back, "太高"),
        (drafts.approve,),
        (drafts.discard,),
    ):
        with pytest.raises(refusals.WrongStatus):
            desk.do(step, *args, by=TWO)
    assert desk.status() == end
    with desk.acting() as act:
        assert drafts.standing(act, desk.programme_id) == []


def test_every_step_is_in_the_log_of_the_programme(desk: Desk) -> None:
    desk.do(drafts.submit, TODAY)
    desk.do(drafts.give_back, "太高", by=TWO)
    version_id = desk.approved(TOMORROW)
    other = desk.start(8)
    desk.do(drafts.discard, draft_id=other)
    with desk.acting(TWO) as act:
        version = versions.load(act, version_id, desk.programme_id)
        versions.withdraw(act, version, "改期")
    with desk.acting() as act:
        rows = act.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        logged = [(row.action, row.actor) for row in rows if row.action.startswith("scheme.")]
        assert logged[-8:] == [
            ("scheme.draft", "staff:1"),
            ("scheme.submit", "staff:1"),
            ("scheme.return", "staff:2"),
            ("scheme.submit", "staff:1"),
            ("scheme.publish", "staff:2"),
            ("scheme.draft", "staff:1"),
            ("scheme.discard", "staff:1"),
            ("scheme.withdraw", "staff:2"),
        ]


def test_another_programmes_draft_is_not_found(desk: Desk) -> None:
    with desk.acting() as act:
        other = world.build_programme(act)
        with pytest.raises(NotFound):
            drafts.load(act, desk.draft_id, other.id)


def test_a_draft_knows_what_it_began_from(desk: Desk) -> None:
    with desk.acting(ONE) as act:
        programme = act.session.get_one(Programme, desk.programme_id)
        version = versions.in_force(act, desk.programme_id, act.now)
        draft = drafts.start(act, programme, version.document, "下一版", based_on=version)
        assert draft.based_on is version
        assert [d.name for d in drafts.standing(act, desk.programme_id)] == ["下一版", "示例草案"]


def test_rules_that_can_not_take_effect_are_kept_but_not_submitted(desk: Desk) -> None:
    broken = scheme(
        rule("hours", 1, key="all"),
        rule("hours", 2, key="clean", when={"classes": ["deleted"]}),
    )
    desk.do(drafts.change, broken, revision=1)
    with pytest.raises(BadScheme) as refusal:
        desk.do(drafts.submit, TOMORROW)
    assert "unknown_term" in {problem.code for problem in refusal.value.problems}
    assert desk.status() == Status.DRAFT
