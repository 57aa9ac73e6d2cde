"""Gifts at the desk: cash and goods, attested by a second person; some still wait for one."""

from datetime import datetime, timedelta
from functools import partial

from rewards.communities import Community
from rewards.donations import causes, desk, gifts
from rewards.donations.causes import Cause
from rewards.donations.gifts import Kind
from rewards.residents import Resident
from rewards.sample.people import Cast
from rewards.sample.stage import WEEKS, Stage

CAUSES = (
    ("社区助学", "为社区里有需要的孩子添置文具和书。"),
    ("暖冬行动", "为独居老人准备冬衣和被褥。"),
)
GOODS = ("旧书 20 本", "儿童冬衣 3 件", "米面油一份", "轮椅一台")


def give(stage: Stage, cast: Cast) -> None:
    """Record a gift a week in each community, and attest all but the latest."""
    opened = {place.id: _causes(stage, cast, place) for place in cast.communities}
    weeks = [(place, weeks_ago) for place in cast.communities for weeks_ago in range(WEEKS, 0, -1)]
    for number, (place, weeks_ago) in enumerate(weeks, start=1):
        moment = stage.day(weeks_ago, 2, 15)
        giver = stage.dice.choice(cast.residents[place.id])
        cause = opened[place.id][number % 2]
        stage.at(moment, partial(_record, stage, cast, giver, cause, moment, number))


def _causes(stage: Stage, cast: Cast, place: Community) -> list[Cause]:
    act = stage.act(stage.opening, cast.administrator)
    return [causes.add(act, place.id, title=title, description=words) for title, words in CAUSES]


def _record(
    stage: Stage, cast: Cast, giver: Resident, cause: Cause, moment: datetime, number: int
) -> None:
    recorder, attester = cast.organisers[giver.community_id]
    kind = Kind.GOODS if number % 3 == 0 else Kind.CASH
    answer = desk.record(
        stage.act(moment, recorder),
        giver,
        cause,
        kind=kind,
        amount_fen=stage.dice.choice((2000, 5000, 10000, 20000)),
        goods=GOODS[number % len(GOODS)] if kind is Kind.GOODS else "",
        key=f"sample-{number}",
    )
    if number % WEEKS == 0:
        return  # the latest waits for whoever tries the sample
    later = stage.act(moment + timedelta(hours=2), attester)
    donation = gifts.load(later, answer.result()["donation"], giver.community_id)
    desk.attest(later, donation).result()
