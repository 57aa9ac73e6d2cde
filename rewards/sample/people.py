"""The programme, its two communities, the staff, 300 residents and their cards."""

import secrets
from dataclasses import dataclass
from typing import Any

from rewards import cards, communities, residents, staff
from rewards.communities import Community, Programme
from rewards.residents import Resident
from rewards.sample.stage import SignIn, Stage
from rewards.schemes import versions
from rewards.schemes.presets import preset
from rewards.staff import Role, Staff

COMMUNITIES = (
    ("sample-east", "示例东里社区", "Sample East", 180),
    ("sample-west", "示例西里社区", "Sample West", 120),
)

GIVING_ON = {
    "to_neighbours": True,
    "to_causes": True,
    "points": {"most": 100, "window": "month"},
}


@dataclass(frozen=True)
class Cast:
    """Whoever takes part in the sample season."""

    programme: Programme
    communities: list[Community]
    administrator: Staff
    organisers: dict[int, list[Staff]]
    residents: dict[int, list[Resident]]
    card_codes: dict[int, str]


def found(stage: Stage) -> Cast:
    """Found the sample programme and register everybody in it."""
    act = stage.act(stage.opening)
    programme = communities.found_programme(
        act, name_zh="示例积分项目", name_en="Sample programme", helpline="010-0000-0000"
    )
    rules = _rules()
    versions.publish(act, programme.id, rules, effective_from=stage.opening)
    places = [
        communities.add_community(act, programme, slug=slug, name_zh=zh, name_en=en)
        for slug, zh, en, _ in COMMUNITIES
    ]
    # Two, because what one submits the other approves.
    administrator = _administrator(stage, programme, "sample-admin", "示例管理员")
    _administrator(stage, programme, "sample-admin-2", "示例管理员乙")
    organisers = {place.id: _organisers(stage, place, n) for n, place in enumerate(places, start=1)}
    people = {
        place.id: _residents(stage, place, first, wanted)
        for place, (_, _, _, wanted), first in zip(places, COMMUNITIES, (1, 181), strict=True)
    }
    everybody = [resident for group in people.values() for resident in group]
    issued = cards.issue_many(stage.act(stage.opening, administrator), everybody)
    codes = {card.resident_id: card.code for card in issued}
    _activate(stage, everybody[0])
    return Cast(programme, places, administrator, organisers, people, codes)


def _rules() -> dict[str, Any]:
    """The simple rules, with points that can be given on, and hours that a complaint takes."""
    document = preset("simple").document
    earning = [
        {**rule, "complaint": 0} if rule["source"] == "hours" else rule
        for rule in document["rules"]
    ]
    return {**document, "rules": earning, "spending": {"giving_on": GIVING_ON}}


def _staff(stage: Stage, username: str, name: str, role: str) -> Staff:
    password = stage.password()
    member = staff.register(
        stage.act(stage.opening), username=username, name=name, password=password
    )
    stage.sign_ins.append(SignIn(role, "/sign-in", username, password))
    return member


def _administrator(stage: Stage, programme: Programme, username: str, name: str) -> Staff:
    member = _staff(stage, username, name, "administrator")
    act = stage.act(stage.opening)
    staff.grant(act, member, Role.ADMINISTRATOR, programme_id=programme.id)
    return member


def _organisers(stage: Stage, place: Community, number: int) -> list[Staff]:
    """Two for each community, because what one records the other attests."""
    members = []
    for letter, name in (("a", "甲"), ("b", "乙")):
        member = _staff(
            stage, f"sample-organiser-{number}{letter}", f"示例组织者{number}{name}", "organiser"
        )
        staff.grant(stage.act(stage.opening), member, Role.ORGANISER, community_id=place.id)
        members.append(member)
    return members


def _residents(stage: Stage, place: Community, first: int, wanted: int) -> list[Resident]:
    return [
        residents.register(
            stage.act(stage.opening),
            place,
            name=f"示例居民{number:03d}",
            # Half a neighbourhood of that age shares a telephone or has none.
            phone=f"+861390000{number:04d}" if number % 4 else None,
            building=f"{number % 12 + 1} 号楼 {number % 4 + 1} 单元",
        )
        for number in range(first, first + wanted)
    ]


def _activate(stage: Stage, resident: Resident) -> None:
    """Let the first resident in by a PIN, as the slip that comes with a card would."""
    act = stage.act(stage.opening)
    card = cards.active_card(act, resident.id)
    assert card is not None, "every sample resident has a card"
    key = secrets.token_bytes(32)
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        try:
            cards.activate(act, card, cards.activation_code(card, key), pin, key)
        except cards.WeakPin:
            continue
        stage.sign_ins.append(SignIn("resident", f"/c/{card.code}", resident.name, pin))
        return
