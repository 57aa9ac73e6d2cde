"""Sample shops, and what the sample residents spent there."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from merchants import checkout, offers, partners, people
from merchants.partners import Category, Merchant
from rewards.act import Act
from rewards.communities import Programme
from rewards.db import db
from rewards.sample import Cast, SignIn, Stage, draft, found, give, give_on, suggest, volunteer
from rewards.sample.stage import WEEKS
from rewards.settings import Settings
from rewards.staff import Role, Staff

SHOPS: dict[Category, tuple[tuple[str, str], ...]] = {
    Category.DINING: (
        ("示例面馆", "Sample Noodles"),
        ("示例早餐铺", "Sample Breakfast"),
        ("示例饺子馆", "Sample Dumplings"),
        ("示例茶餐厅", "Sample Tea House"),
        ("示例烘焙坊", "Sample Bakery"),
    ),
    Category.ENTERTAINMENT: (
        ("示例影院", "Sample Cinema"),
        ("示例羽毛球馆", "Sample Badminton"),
        ("示例棋牌社", "Sample Chess Club"),
        ("示例陶艺坊", "Sample Pottery"),
        ("示例泳池", "Sample Pool"),
    ),
    Category.EDUCATION: (
        ("示例书店", "Sample Books"),
        ("示例书法课堂", "Sample Calligraphy"),
        ("示例英语角", "Sample English Corner"),
        ("示例编程教室", "Sample Coding"),
        ("示例琴行", "Sample Music"),
    ),
    Category.MEDICAL: (
        ("示例药房", "Sample Pharmacy"),
        ("示例口腔诊所", "Sample Dentist"),
        ("示例理疗馆", "Sample Physiotherapy"),
        ("示例眼镜店", "Sample Optician"),
        ("示例体检中心", "Sample Check-ups"),
    ),
}
# What everybody keeps, so that whoever tries the sample has something to spend.
KEPT_BACK = 40
OFFERS: dict[Category, tuple[tuple[str, int], ...]] = {
    Category.DINING: (("小份主食一份", 15), ("家常套餐一份", 30), ("双人套餐一份", 55)),
    Category.ENTERTAINMENT: (("体验一次", 20), ("单人票一张", 40), ("双人票两张", 70)),
    Category.EDUCATION: (("试听一节", 10), ("公开课一次", 25), ("月度课程抵用券", 60)),
    Category.MEDICAL: (("测血压一次", 5), ("基础检查一次", 30), ("理疗一次", 50)),
}


def fill_if_empty(settings: Settings) -> bool:
    """Fill a database that holds no programme with the sample; answers whether it did."""
    session = db.session()
    if session.scalar(select(Programme.id).limit(1)) is not None:
        session.rollback()
        return False
    stage = Stage(session, datetime.now(UTC))
    play(stage, settings)
    session.commit()
    kept = _kept(settings)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps([asdict(s) for s in stage.sign_ins]), encoding="utf-8")
    return True


def play(stage: Stage, settings: Settings) -> None:
    """The whole sample season, on the stage's session; commits nothing."""
    cast = found(stage)
    volunteer(stage, cast)
    give(stage, cast)
    suggest(stage, cast, settings.instance / "photos")
    draft(stage, cast)
    shops = _shops(stage, cast)
    _spend(stage, cast, shops)
    give_on(stage, cast)
    stage.play()


def sign_ins(settings: Settings) -> Iterator[str]:
    """Lines that say how to come in, if this database was filled with the sample."""
    kept = _kept(settings)
    if not kept.exists():
        return
    yield "Sample sign-ins, for trying it out only:"
    for sign_in in (SignIn(**row) for row in json.loads(kept.read_text(encoding="utf-8"))):
        address = settings.public_url + sign_in.address
        yield f"  {sign_in.role:<14} {sign_in.name:<20} {sign_in.secret:<14} {address}"


def _kept(settings: Settings) -> Path:
    """Beside the data, by database: a second one has sign-ins of its own."""
    database = hashlib.sha256(settings.database_url.encode()).hexdigest()[:12]
    return settings.instance / f"sample-sign-ins-{database}.json"


def _shops(stage: Stage, cast: Cast) -> list[tuple[Merchant, Staff]]:
    """Twenty shops with three offers each, and somebody at every till.

    The first shop has people of its own, who are told how to sign in; one relief cashier
    works at all the others.
    """
    act = stage.act(stage.opening, cast.administrator)
    merchants = [
        _shop(act, cast, category, name_zh, name_en)
        for category, names in SHOPS.items()
        for name_zh, name_en in names
    ]
    cashier = _person(stage, merchants[0], "sample-cashier", "示例收银员", Role.CASHIER)
    _person(stage, merchants[0], "sample-owner", "示例店主", Role.OWNER)
    relief = _person(stage, merchants[1], "sample-relief", "示例机动收银员", Role.CASHIER)
    for merchant in merchants[2:]:
        people.engage(act, merchant, relief, Role.CASHIER)
    return [(m, cashier if m is merchants[0] else relief) for m in merchants]


def _shop(act: Act, cast: Cast, category: Category, name_zh: str, name_en: str) -> Merchant:
    merchant = partners.add(
        act,
        cast.programme,
        name_zh=name_zh,
        name_en=name_en,
        category=category.value,
        points_per_yuan=1,
        address="示例路 1 号",
        phone="010-0000-0000",
        hours="9:00–20:00",
    )
    for title, points in OFFERS[category]:
        offers.add(act, merchant, title=title, points=points)
    return merchant


def _person(stage: Stage, merchant: Merchant, username: str, name: str, role: Role) -> Staff:
    password = stage.password()
    stage.sign_ins.append(SignIn(role.value, "/sign-in", username, password))
    act = stage.act(stage.opening)
    return people.hire(
        act, merchant, username=username, name=name, password=password, role=role
    ).staff


def _spend(stage: Stage, cast: Cast, shops: list[tuple[Merchant, Staff]]) -> None:
    """Redemptions over the season, the regulars' more often; a few are voided at once."""
    for number in range(1, (WEEKS - 1) * 24):
        day = stage.day(WEEKS - 2 - number // 24, stage.dice.randint(0, 6), 10)
        moment = day + timedelta(minutes=stage.dice.randint(0, 540))
        shop = shops[stage.dice.randrange(len(shops))]
        group = cast.residents[stage.dice.choice(cast.communities).id]
        holder = stage.dice.choice(group[:12] if number % 2 else group)
        code = cast.card_codes[holder.id]
        stage.at(moment, partial(_redeem, stage, shop, code, moment, number))


def _redeem(
    stage: Stage, shop: tuple[Merchant, Staff], code: str, moment: datetime, number: int
) -> None:
    merchant, cashier = shop
    act = stage.act(moment, cashier)
    affordable = checkout.look(act, merchant, code).spendable
    wanted = [o for o in offers.of(act, merchant) if o.points <= affordable - KEPT_BACK]
    if not wanted:
        return
    chosen = stage.dice.choice(wanted)
    receipt = checkout.redeem(
        act, merchant, key=f"sample-redemption-{number}", scanned=code, offer_id=chosen.id
    ).result()
    if number % 25 == 0:
        later = stage.act(moment + timedelta(minutes=2), cashier)
        taken = checkout.load(later, receipt["receipt_number"], merchant)
        checkout.void(
            later, merchant, taken, key=f"sample-void-{number}", reason="示例：点错了"
        ).result()
