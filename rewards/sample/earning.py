"""A season of events with everybody's hours, and suggestions at every step of their lives."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from rewards.act import Act
from rewards.communities import Community
from rewards.residents import Resident
from rewards.sample.complaints import complain
from rewards.sample.people import Cast
from rewards.sample.stage import WEEKS, Stage
from rewards.staff import Staff
from rewards.suggestions import adoption, handling, sending
from rewards.suggestions.model import Category, Channel, Suggestion
from rewards.suggestions.photos import Shelf
from rewards.volunteering import attendance, awarding, corrections, door, events, sheet, signups
from rewards.volunteering.events import Event

EVENTS = (
    ("周末清洁日", "environment", "中心花园"),
    ("陪老人读报", "elders", "社区服务站"),
    ("文明出行劝导", "safety", "南门路口"),
    ("儿童故事会", "education", "社区图书角"),
    ("合唱排练服务", "culture", "文化活动室"),
    ("楼道安全巡查", "safety", "各楼单元门口"),
)
SUGGESTIONS = (
    (
        Category.FACILITIES,
        "3 号楼门前的路灯坏了，晚上看不清台阶。",
        "3 号楼门前",
        "修好 3 号楼门前路灯",
    ),
    (
        Category.ENVIRONMENT,
        "垃圾分类点的地面常有积水，建议加一道排水沟。",
        "东侧分类点",
        "分类点加排水沟",
    ),
    (Category.SAFETY, "电动车堵住了消防通道，请画线并提醒。", "5 号楼西侧", "消防通道画线"),
    (Category.SERVICE, "希望服务站周六上午也开门，方便上班的人。", "社区服务站", "服务站周六开门"),
    (Category.CULTURE, "活动室能不能办一次旧书交换。", "文化活动室", "旧书交换日"),
    (
        Category.OTHER,
        "快递柜旁边请放一把椅子，老人等的时候可以坐。",
        "北门快递柜",
        "快递柜旁放椅子",
    ),
)
Passes = Callable[[Act, Event, str], attendance.Attendance]


def volunteer(stage: Stage, cast: Cast) -> None:
    """Past events attended and awarded, one waiting for its award, some still to come."""
    for number, place in enumerate(cast.communities):
        for weeks_ago in range(WEEKS, -4, -1):
            starts = stage.day(weeks_ago, 5, 9)
            announced = min(starts - timedelta(days=6), stage.now)
            stage.at(announced, partial(_announce, stage, cast, place, weeks_ago, number))


def _announce(stage: Stage, cast: Cast, place: Community, weeks_ago: int, number: int) -> None:
    """Publish the event of that week; those who will come sign up, and the rest follows."""
    organiser, colleague = cast.organisers[place.id]
    title, service, where = EVENTS[(number + weeks_ago) % len(EVENTS)]
    starts = stage.day(weeks_ago, 5, 9)
    act = stage.act(min(starts - timedelta(days=6), stage.now), organiser)
    event = events.create(
        act,
        place,
        title=title,
        description="示例活动：请带水，穿舒适的鞋。",
        service=service,
        place=where,
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        capacity=30,
    )
    events.publish(act, event)
    everybody = cast.residents[place.id]
    coming = [*stage.dice.sample(everybody[:12], 7), *stage.dice.sample(everybody[12:], 9)]
    for resident in coming[: 16 if weeks_ago > 0 else 9 + 2 * weeks_ago]:
        signups.sign_up(act, event, resident)
    if starts < stage.now:
        _expect(stage, event, [cast.card_codes[r.id] for r in coming], organiser)
    # The latest past event is left for whoever tries the sample to award.
    if weeks_ago > 1:
        absent = everybody[-weeks_ago] if weeks_ago % 3 == 0 else None
        award = partial(_award, stage, event, organiser, colleague, absent)
        stage.at(event.ends_at + timedelta(hours=4), award)
        complain(stage, cast, place, event, weeks_ago)


def _expect(stage: Stage, event: Event, codes: list[str], organiser: Staff) -> None:
    for code in codes:
        arrives = event.starts_at + timedelta(minutes=stage.dice.randint(-10, 20))
        leaves = event.ends_at + timedelta(minutes=stage.dice.randint(-25, 10))
        for moment, passes in ((arrives, door.check_in), (leaves, door.check_out)):
            stage.at(moment, partial(_pass, stage, passes, moment, organiser, event, code))


def _pass(
    stage: Stage, passes: Passes, moment: datetime, organiser: Staff, event: Event, code: str
) -> None:
    passes(stage.act(moment, organiser), event, code)


def _award(
    stage: Stage, event: Event, organiser: Staff, colleague: Staff, absent: Resident | None
) -> None:
    """Award the sheet the same evening; now and then a forgotten resident is attested first."""
    evening = event.ends_at + timedelta(hours=4)
    act = stage.act(evening, organiser)
    on_sheet = {line.resident.id for line in sheet.draw(act, event).lines}
    if absent is not None and absent.id not in on_sheet:
        line = corrections.add_forgotten(
            act, event, absent, minutes=60, reason="忘带卡，由组织者补录"
        )
        if line.correction is not None:
            corrections.attest(stage.act(evening, colleague), event, line, line.correction.id)
    ready = sheet.draw(act, event).points_ready
    awarding.award_event(act, event, round_number=1, points=ready).result()


def suggest(stage: Stage, cast: Cast, photos: Path) -> None:
    """Suggestions sent over the season: waiting, in hand, adopted, solved and refused."""
    shelf = Shelf(photos)
    weeks = [(place, weeks_ago) for place in cast.communities for weeks_ago in range(WEEKS, -1, -1)]
    for number, (place, weeks_ago) in enumerate(weeks, start=1):
        sent = min(stage.day(weeks_ago, 1, 10), stage.now)
        author = stage.dice.choice(cast.residents[place.id])
        stage.at(sent, partial(_send, stage, cast, shelf, author, sent, number))


def _send(
    stage: Stage, cast: Cast, shelf: Shelf, author: Resident, sent: datetime, number: int
) -> None:
    category, text, where, title = SUGGESTIONS[number % len(SUGGESTIONS)]
    suggestion = sending.send(
        stage.act(sent),
        author,
        shelf,
        key=f"sample-{number}",
        category=category,
        text=text,
        place=where,
        channel=Channel.ONLINE if number % 3 else Channel.PHONE,
    )
    handled = sent + timedelta(days=10)
    organiser = cast.organisers[author.community_id][0]
    stage.at(handled, partial(_handle, stage.act(handled, organiser), suggestion, title, number))


def _handle(act: Act, suggestion: Suggestion, title: str, number: int) -> None:
    if number % 7 == 0:
        handling.refuse(act, suggestion, "已在年度改造计划中，不重复立项。")
        return
    handling.accept(act, suggestion)
    if number % 4 == 0:
        return
    adoption.adopt(act, suggestion, public_title=title).result()
    if number % 2:
        handling.solve(act, suggestion, "已办好，欢迎查看。")
