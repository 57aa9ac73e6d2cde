"""The beginning of a real installation: a programme, its first community and administrator."""

from dataclasses import dataclass

from sqlalchemy import select

from rewards import audit, communities, staff
from rewards.act import Act
from rewards.communities import Community, Programme
from rewards.errors import N_, Refused
from rewards.staff import Role, Staff


@dataclass(frozen=True)
class Names:
    """What the programme and its first community are called."""

    programme_zh: str
    programme_en: str
    community_zh: str
    community_en: str
    slug: str
    timezone: str = "Asia/Shanghai"
    helpline: str = ""


class AlreadyFounded(Refused):
    """The installation has a programme; this was meant for an empty one."""

    code = "already_founded"
    message = N_("There is a programme here already: %(name)s. Nothing was changed.")


def found(act: Act, names: Names, *, username: str, name: str, password: str) -> Staff:
    """Begin a programme with one community, and make its administrator.

    Raises:
        AlreadyFounded, staff.UsernameTaken: nothing was written.
    """
    first = act.session.scalar(select(Programme).order_by(Programme.id).limit(1))
    if first is not None:
        raise AlreadyFounded(name=first.name_zh)
    programme = communities.found_programme(
        act,
        name_zh=names.programme_zh,
        name_en=names.programme_en,
        timezone=names.timezone,
        helpline=names.helpline,
    )
    audit.record(act, "programme.found", f"programme:{programme.id}", programme_id=programme.id)
    community: Community = communities.add_community(
        act,
        programme,
        slug=names.slug,
        name_zh=names.community_zh,
        name_en=names.community_en,
    )
    audit.record(act, "community.add", f"community:{community.id}", community_id=community.id)
    member = staff.register(
        act, username=username, name=name, password=password, programme_id=programme.id
    )
    staff.grant(act, member, Role.ADMINISTRATOR, programme_id=programme.id)
    return member
