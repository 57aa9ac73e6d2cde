"""Points given on: a week to a neighbour, a week to a cause, and one gift of this very week."""

from datetime import datetime
from functools import partial

from rewards.act import Act, Actor
from rewards.donations import causes
from rewards.giving_on import giving, quoting
from rewards.residents import Resident
from rewards.sample.people import Cast
from rewards.sample.stage import WEEKS, Stage

LEAST, MOST = 5, 15
# What whoever gives keeps at the least.
KEPT = 40


def give_on(stage: Stage, cast: Cast) -> None:
    """Let those who have points give some of them, and the first resident get the latest gift."""
    for place in cast.communities:
        everybody = cast.residents[place.id]
        for weeks_ago in range(WEEKS - 3, -1, -1):
            moment = stage.day(weeks_ago, 0, 8)
            pair = stage.dice.sample(everybody[:12], 2)
            to = None if weeks_ago % 2 else everybody[0] if weeks_ago == 0 else pair[1]
            giver = pair[0] if pair[0] is not to else pair[1]
            stage.at(moment, partial(_give, stage, cast, giver, to, moment))


def _give(stage: Stage, cast: Cast, giver: Resident, to: Resident | None, moment: datetime) -> None:
    act = Act(stage.session, Actor("resident", giver.id, giver.name), moment)
    points = stage.dice.randint(LEAST, MOST)
    if quoting.means(act, giver).most < points + KEPT:
        return
    key = f"sample-gift-{giver.id}-{moment.date()}"
    if to is not None:
        code = cast.card_codes[to.id]
        giving.to_neighbour(act, giver, scanned=code, points=points, key=key).result()
        return
    chosen = stage.dice.choice(causes.of(act, giver.community_id, active=True))
    giving.to_cause(act, giver, cause_id=chosen.id, points=points, key=key).result()
