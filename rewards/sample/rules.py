"""New points rules in the sample: one draft that is written, one that waits for approval."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from rewards.sample.people import Cast
from rewards.sample.stage import ZONE, Stage
from rewards.schemes import drafts, versions
from rewards.schemes.document import serialize
from rewards.schemes.rules import Cap, Days, Per, Rate, Role, Rule, Source, When, Window, Words
from rewards.schemes.scheme import Scheme

DAY_OFF = Rule(
    key="days-off",
    name=Words("节假日环境服务", "The environment on days off"),
    source=Source.HOURS,
    role=Role.BONUS,
    when=When(classes=frozenset({"environment"}), days=Days.DAY_OFF),
    amount=Rate(Decimal(5), Per.HOUR),
    caps=(Cap(Decimal(20), Window.DAY),),
)
PHOTOS = Rule(
    key="photo-report",
    name=Words("随手拍", "Photo reports"),
    source=Source.PHOTO_REPORT,
    amount=Rate(Decimal(1)),
)


def draft(stage: Stage, cast: Cast) -> None:
    """Let the administrator begin both, and submit the first for the month after next."""
    act = stage.act(stage.now, cast.administrator)
    current = versions.find(act, cast.programme.id, stage.now)
    if current is None:
        return
    for name, added in (("节假日加分", DAY_OFF), ("随手拍计分", PHOTOS)):
        document = serialize(_with(current.scheme, added))
        begun = drafts.start(act, cast.programme, document, name, based_on=current)
        if added is DAY_OFF:
            drafts.submit(act, begun, _month_after_next(stage))


def _with(scheme: Scheme, added: Rule) -> Scheme:
    return replace(scheme, rules=(*scheme.rules, added))


def _month_after_next(stage: Stage) -> date:
    """Its first day, so that nothing begins by itself while somebody looks at the sample."""
    later = stage.now.astimezone(ZONE).date().replace(day=1) + timedelta(days=62)
    return later.replace(day=1)
