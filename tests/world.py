"""A small world to act in: made by the product's own use cases, named as plain sample data."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask.testing import FlaskClient

from rewards import communities, ledger, residents, staff
from rewards.act import Act
from rewards.communities import Community, Programme
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.facts import Line, Outcome
from rewards.schemes.rules import Rate, Rule, Source, Words
from rewards.schemes.versions import Version
from rewards.staff import Role, Staff
from tests.schemes import plain

PASSWORD = "correct horse battery"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Ids of what :func:`build` made: a programme, two communities, staff and residents."""

    programme_id: int
    community_id: int
    other_community_id: int
    administrator_id: int
    organiser_id: int
    second_organiser_id: int
    resident_ids: list[int]
    other_resident_id: int


def build(act: Act, residents_wanted: int = 3) -> World:
    """One programme with two communities; the administrator may act in both."""
    programme = build_programme(act)
    versions.publish(act, programme.id, plain.document(), effective_from=LONG_AGO)
    here = communities.add_community(
        act, programme, slug="sample-one", name_zh="示例一社区", name_en="Sample One"
    )
    there = communities.add_community(
        act, programme, slug="sample-two", name_zh="示例二社区", name_en="Sample Two"
    )
    administrator = person(act, "admin", "管理员甲")
    staff.grant(act, administrator, Role.ADMINISTRATOR, programme_id=programme.id)
    organiser = person(act, "organiser", "组织者甲")
    staff.grant(act, organiser, Role.ORGANISER, community_id=here.id)
    second = person(act, "organiser2", "组织者乙")
    staff.grant(act, second, Role.ORGANISER, community_id=here.id)
    people = [
        residents.register(act, here, name=f"示例居民{i}", phone=f"+86138000000{i:02d}")
        for i in range(1, residents_wanted + 1)
    ]
    stranger = residents.register(act, there, name="示例外人", phone="+8613900000001")
    return World(
        programme.id,
        here.id,
        there.id,
        administrator.id,
        organiser.id,
        second.id,
        [p.id for p in people],
        stranger.id,
    )


def build_programme(act: Act) -> Programme:
    """A programme that has nothing in it yet."""
    return communities.found_programme(
        act, name_zh="示例积分项目", name_en="Sample programme", helpline="010-0000-0000"
    )


def set_rules(
    act: Act, programme_id: int, effective_from: datetime | None = None, **rules: Any
) -> Version:
    """Put plain rules into force from a moment on, or now; *rules* are those of ``plain``."""
    document = plain.document(**rules)
    return versions.publish(act, programme_id, document, effective_from=effective_from or act.now)


def worth(points: int) -> Outcome:
    """What somebody did brings so many points, by no rule that anybody wrote."""
    name = Words("示例规则", "Sample rule")
    rule = Rule("sample", name, Source.MANUAL, Rate(Decimal(points)))
    line = Line(rule, 1, 1, Decimal(points), Fraction(points), points)
    return Outcome((line,))


def person(act: Act, username: str, name: str) -> Staff:
    """Somebody on the staff, without a role yet, whose password is :data:`PASSWORD`."""
    return staff.register(act, username=username, name=name, password=PASSWORD)


def resident(act: Act, resident_id: int) -> Resident:
    found = act.session.get(Resident, resident_id)
    assert found is not None
    return found


def community(act: Act, community_id: int) -> Community:
    found = act.session.get(Community, community_id)
    assert found is not None
    return found


def give(act: Act, resident_id: int, amount: int, key: str = "given-points") -> int:
    """Put points that never expire into a resident's wallet; answers the transfer's id."""
    holder = resident(act, resident_id)
    programme = act.session.get(Programme, holder.community.programme_id)
    assert programme is not None
    accrual = ledger.Accrual(holder.wallet_id, amount, ledger.NEVER, "示例", act.now)

    def work(op: ledger.Operation) -> dict[str, int]:
        [transfer_id] = ledger.accrue(op, programme.issuer_account_id, [accrual])
        return {"transfer": transfer_id}

    answer = ledger.once(act, "test", key, {"to": resident_id, "amount": amount}, work)
    transfer: int = answer.result()["transfer"]
    return transfer


def sign_in(client: FlaskClient, username: str) -> None:
    """Sign a member of staff in through the door that they use."""
    response = client.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert response.status_code == 303, response.get_data(as_text=True)
