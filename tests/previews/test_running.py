"""What a preview says: what the draft would have given for what was done, beside what was given."""

from datetime import date, timedelta
from typing import Any

import pytest

from rewards import awards, previews
from rewards.awards import Award
from rewards.deeds import deciding, model, recording
from rewards.previews import PeriodTooLong, PeriodTurned, PeriodUnfinished, Preview, Show
from rewards.schemes import drafts, versions
from rewards.schemes.problems import BadScheme
from rewards.volunteering import sheet
from tests import world
from tests.conftest import START
from tests.previews.conftest import TODAY, Trial
from tests.schemes import plain
from tests.volunteering.test_complaints import complain, uphold


def test_the_rules_in_force_give_again_what_they_gave(trial: Trial) -> None:
    result = trial.run(trial.draft())
    assert (result["was"], result["would"], result["changed"]) == (70, 70, 0)
    assert (result["more"], result["less"], result["same"]) == (0, 0, 3)
    assert result["outliers"] == []


def test_who_gains_and_who_loses_is_told_with_the_sums(trial: Trial) -> None:
    # An event brings 12 points and an hour 5 where it brought 10: 17, 22 and twice 22.
    result = trial.run(trial.draft(points_per_hour=5, taking_part=12))
    assert (result["acts"], result["changed"], result["was"], result["would"]) == (4, 4, 70, 83)
    assert (result["more"], result["less"], result["same"]) == (3, 0, 0)
    assert result["kinds"] == {"service": {"acts": 4, "was": 70, "would": 83}}
    rules = {rule["rule"]: (rule["acts"], rule["points"]) for rule in result["rules"]}
    assert rules["event"] == (4, 48) and rules["hours"] == (4, 35)
    assert rules["money"] == (0, 0)


def test_the_largest_change_comes_first_and_says_why(trial: Trial) -> None:
    result = trial.run(trial.draft(hours_cap=1))
    sizes = [(one["was"], one["would"]) for one in result["outliers"]]
    assert sizes == [(20, 10), (20, 10), (20, 10)]
    [line] = result["outliers"][0]["because"]["lines"]
    assert [cut["window"] for cut in line["cuts"]] == ["event"]


def test_residents_are_listed_with_the_largest_changes_first(trial: Trial) -> None:
    draft_id = trial.draft(hours_cap=1)
    trial.run(draft_id)
    one, two, three = trial.morning.residents
    with trial.morning.acting() as act:
        preview = previews.latest(act, draft_id)
        assert preview is not None
        lines = list(previews.every(act, preview, None))
        assert [(x.resident_id, x.was, x.would) for x in lines] == [
            (three, 40, 20),
            (two, 20, 10),
            (one, 10, 10),
        ]
        assert previews.page(act, preview, Show.LESS, 1).count == 2
        assert previews.page(act, preview, Show.MORE, 9).lines == []


def test_days_outside_the_period_are_left_out(trial: Trial) -> None:
    yesterday = TODAY - timedelta(days=1)
    result = trial.run(trial.draft(), yesterday, yesterday)
    assert (result["acts"], result["was"], result["would"]) == (0, 0, 0)
    assert [span["first"] for span in result["spans"]] == ["2026-11-16"]


def test_a_caps_window_counts_what_was_done_before_the_period(trial: Trial) -> None:
    document = plain.document(hours_cap=0)
    document["rules"][0]["caps"] = [{"most": 15, "window": "month"}]
    with trial.morning.acting() as act:
        programme = world.resident(act, trial.morning.residents[0]).community.programme
        draft_id = drafts.start(act, programme, document, "试行").id
    day_after = trial.morning.clock.now + timedelta(days=1)
    tomorrow = trial.morning.new_event(starts_at=day_after, ends_at=day_after + timedelta(hours=2))
    trial.morning.at(day_after)
    for resident_id in trial.morning.residents[:2]:
        trial.morning.check_in(resident_id, tomorrow)
    trial.morning.at(day_after + timedelta(hours=2))
    for resident_id in trial.morning.residents[:2]:
        trial.morning.check_out(resident_id, tomorrow)
    trial.morning.event_id = tomorrow
    trial.morning.award()
    result = trial.run(draft_id, TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    # The first had 10 of the month's 15 points before, the second all of them.
    assert (result["acts"], result["was"], result["would"]) == (2, 40, 5)


def test_what_was_taken_back_is_left_out(trial: Trial) -> None:
    with trial.morning.acting(trial.administrator) as act:
        award = act.session.query(Award).order_by(Award.id).first()
        assert award is not None
        awards.take_back(act, award, key="k" * 8, reason="登记错误").result()
    result = trial.run(trial.draft())
    assert (result["acts"], result["was"]) == (3, 60)


def test_recorded_acts_count_when_they_are_approved(trial: Trial) -> None:
    def paying(points: int) -> dict[str, Any]:
        document = plain.document()
        when = {"classes": ["safety"], "places": ["三号楼"]}
        visits = plain.rule("visit", points, per="hour") | {"when": when}
        litter = plain.named("litter") | {"points": 4}
        return document | {"rules": [*document["rules"], visits], "deductions": [litter]}

    morning, one = trial.morning, trial.morning.residents[:1]
    with morning.acting() as act:
        from_now_on = START + timedelta(hours=7)
        versions.publish(act, morning.world.programme_id, paying(3), effective_from=from_now_on)
    morning.at(START + timedelta(hours=9))
    visit = {"kind": model.Kind.VISIT, "service": "safety", "place": "三号楼", "minutes": 120}
    litter = {"kind": model.Kind.DEDUCTION, "deduction": "litter"}
    approve(trial, record(trial, morning.residents[:2], visit), 12)
    approve(trial, record(trial, one, litter), 4)
    record(trial, one, visit)
    give_back(trial, approve(trial, record(trial, one, visit), 6))
    with morning.acting() as act:
        programme = world.resident(act, one[0]).community.programme
        draft_id = drafts.start(act, programme, paying(5), "试行").id
    result = trial.run(draft_id)
    assert result["kinds"]["visit"] == {"acts": 2, "was": 12, "would": 20}
    assert set(result["kinds"]) == {"service", "visit"}
    assert [told["kind"] for told in result["outliers"]] == ["visit"] * 2


def record(trial: Trial, residents: list[int], facts: dict[str, Any]) -> int:
    """The organiser records an act of these residents; answers its id."""
    with trial.morning.acting(trial.morning.actors["organiser"]) as act:
        here = world.community(act, trial.morning.world.community_id)
        people = [world.resident(act, resident_id) for resident_id in residents]
        of_it = recording.Facts(happened_at=START + timedelta(hours=8), reason="示例", **facts)
        key = f"record-{act.session.query(model.RecordedDeed).count()}"
        deed_id: int = recording.record(act, here, people, of_it, key=key).result()["deed"]
        return deed_id


def approve(trial: Trial, deed_id: int, points: int) -> int:
    with trial.morning.acting(trial.morning.actors["second"]) as act:
        deed = model.load(act, deed_id, trial.morning.world.community_id)
        deciding.approve(act, deed, points=points).result()
        return deed_id


def give_back(trial: Trial, deed_id: int) -> None:
    """What its one doer was given is taken back."""
    with trial.morning.acting(trial.morning.actors["second"]) as act:
        deed = model.load(act, deed_id, trial.morning.world.community_id)
        [award] = awards.standing(act, model.SOURCE, [doer.id for doer in deed.doers]).values()
        awards.take_back(act, award, key="k" * 8, reason="登记错误").result()


def test_what_a_complaint_was_upheld_about_counts_by_the_drafts_factor(trial: Trial) -> None:
    before = trial.run(trial.draft())
    one = trial.morning.residents[1]
    uphold(trial.morning, complain(trial.morning, one))
    document = plain.document()
    hours = next(rule for rule in document["rules"] if rule["source"] == "hours")
    hours["complaint"] = 0.5
    with trial.morning.acting() as act:
        programme = world.resident(act, one).community.programme
        draft_id = drafts.start(act, programme, document, "投诉减半").id
    result = trial.run(draft_id)
    assert (before["was"], result["was"], result["would"]) == (70, 70, 60)
    assert [told["resident_id"] for told in result["outliers"]] == [one]


def test_full_cards_are_told_by_what_they_hold_today(trial: Trial) -> None:
    # They hold 10, 20 and 40 points, and would get 10, 20 and 40 again.
    one, two, three = trial.morning.residents
    draft_id = trial.draft(limit=35)
    result = trial.run(draft_id)
    assert (result["limit"], result["full"], result["over"]) == (35, 2, 5 + 40)
    with trial.morning.acting() as act:
        preview = previews.latest(act, draft_id)
        assert preview is not None
        over = {x.resident_id: x.over for x in previews.every(act, preview, Show.OVER)}
    assert over == {two: 5, three: 40}
    trial.morning.spend(three, 30)  # what is spent makes room
    assert trial.run(trial.draft(limit=35))["over"] == 5 + 15
    assert trial.run(trial.draft(limit=1_000))["full"] == 0
    assert trial.run(trial.draft())["limit"] is None
    assert one not in over


def test_what_was_taken_back_in_part_was_not_given(trial: Trial) -> None:
    with trial.morning.acting(trial.administrator) as act:
        line = trial.morning.line_id(trial.morning.residents[1])
        [award] = awards.standing(act, sheet.SOURCE, [line]).values()
        awards.take_back(act, award, key="k" * 8, reason="登记错误", points=15).result()
    result = trial.run(trial.draft())
    assert (result["was"], result["would"]) == (55, 70)


def test_a_first_time_before_the_period_was_the_first(trial: Trial) -> None:
    document = plain.document()
    document["rules"].append(
        plain.rule("first", 5) | {"source": "hours", "role": "bonus", "when": {"first_time": True}}
    )
    with trial.morning.acting() as act:
        programme = world.resident(act, trial.morning.residents[0]).community.programme
        draft_id = drafts.start(act, programme, document, "试行").id
    assert trial.run(draft_id)["would"] == 70 + 3 * 5


def test_a_new_preview_takes_the_place_of_the_one_before(trial: Trial) -> None:
    draft_id = trial.draft()
    before, new = trial.ask(draft_id)
    assert new
    assert trial.ask(draft_id) == (before, False)
    trial.run(draft_id)
    after, _ = trial.ask(draft_id, TODAY, TODAY)
    previews.run(trial.database.engine, before, trial.morning.clock)
    with trial.morning.acting() as act:
        superseded = act.session.get_one(Preview, before)
        assert (superseded.status, superseded.result) == ("superseded", None)
        preview = act.session.get_one(Preview, after)
        assert preview.works(trial.morning.clock.now)
        assert preview.is_stale(trial.morning.clock.now + timedelta(minutes=3))


def test_one_that_breaks_has_failed(trial: Trial, monkeypatch, caplog) -> None:
    preview_id, _ = trial.ask(trial.draft())

    def broken(*_: object, **__: object) -> None:
        raise ValueError("nothing to read")

    monkeypatch.setattr("rewards.previews.past.worth.served", broken)
    previews.run(trial.database.engine, preview_id, trial.morning.clock)
    with trial.morning.acting() as act:
        preview = act.session.get_one(Preview, preview_id)
        assert (preview.status, preview.result) == ("failed", None)
    assert "nothing to read" in caplog.text


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (TODAY, TODAY - timedelta(days=1), PeriodTurned),
        (TODAY, TODAY + timedelta(days=1), PeriodUnfinished),
        (date(2025, 11, 19), TODAY, PeriodTooLong),
    ],
)
def test_periods_that_make_no_sense_are_refused(trial: Trial, first, last, refusal) -> None:
    with pytest.raises(refusal):
        trial.ask(trial.draft(), first, last)


def test_a_draft_with_mistakes_is_refused_with_their_names(trial: Trial) -> None:
    document = plain.document()
    document["rules"].insert(1, plain.rule("never", 9) | {"source": "hours"})
    with trial.morning.acting() as act:
        programme = world.resident(act, trial.morning.residents[0]).community.programme
        draft_id = drafts.start(act, programme, document, "试行").id
    with pytest.raises(BadScheme):
        trial.ask(draft_id)
