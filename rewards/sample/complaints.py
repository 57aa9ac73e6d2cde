"""Complaints about service in the sample: one waits to be decided, one upheld, one dismissed."""

from datetime import datetime, timedelta
from functools import partial

from rewards.communities import Community
from rewards.sample.people import Cast
from rewards.sample.stage import Stage
from rewards.staff import Staff
from rewards.volunteering import sheet
from rewards.volunteering.complaints import deciding, effects
from rewards.volunteering.complaints.model import Complaint
from rewards.volunteering.events import Event

# Which week's event each is about, what was said, and what the second person found.
WAITING, UPHELD, DISMISSED = 2, 4, 6
REASONS = {
    WAITING: "有居民反映：中途离开约一小时，结束前才回来签退。",
    UPHELD: "签到后没有参加服务。",
    DISMISSED: "有居民反映没有看到本人。",
}


def complain(stage: Stage, cast: Cast, place: Community, event: Event, weeks_ago: int) -> None:
    """Have a complaint recorded the day after the event, and decided the day after that."""
    if weeks_ago not in REASONS:
        return
    recorder, decider = cast.organisers[place.id]
    moment = event.ends_at + timedelta(days=1)
    stage.at(moment, partial(_record, stage, event, weeks_ago, recorder, decider))


def _record(stage: Stage, event: Event, weeks_ago: int, recorder: Staff, decider: Staff) -> None:
    moment = event.ends_at + timedelta(days=1)
    act = stage.act(moment, recorder)
    awarded = [line for line in sheet.draw(act, event).lines if line.award]
    if not awarded:
        return
    line = awarded[-1].attendance
    complaint = deciding.record(act, event, line, REASONS[weeks_ago])
    if weeks_ago != WAITING:
        later = moment + timedelta(days=1)
        stage.at(later, partial(_decide, stage, event, complaint, weeks_ago, later, decider))


def _decide(
    stage: Stage,
    event: Event,
    complaint: Complaint,
    weeks_ago: int,
    later: datetime,
    decider: Staff,
) -> None:
    act = stage.act(later, decider)
    if weeks_ago == DISMISSED:
        deciding.dismiss(act, event, complaint, "签到表和照片都能证明本人全程在场。")
        return
    points = effects.effect(act, complaint.attendance).points
    finding = "已向两位同伴核实，情况属实。"
    key = f"sample-complaint-{complaint.id}"
    deciding.uphold(
        act, event, complaint, points=points, finding=finding, key=key, owe=True
    ).result()
