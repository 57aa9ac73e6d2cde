"""Residents: who they are, where they belong, and the one wallet each holds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

import phonenumbers
from sqlalchemy import JSON, ForeignKey, Index, String, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit, ledger
from rewards.act import Act
from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.referring import kept

LONGEST_NAME, LONGEST_BUILDING, LONGEST_HOUSEHOLD, LONGEST_NOTE = 60, 60, 60, 200


@kept
class Resident(Base):
    """The holder of one wallet. ``phone`` is in E.164 form, and nobody need have one.

    ``household`` is a name that its members in the community share; ``tags`` are keys of the
    scheme's identity tags. Rules may ask for either.
    ``pin_hash`` is set by the resident at first use of the card; ``epoch`` is part of every
    session of theirs, so that raising it signs them out everywhere.
    """

    __tablename__ = "resident"
    __table_args__ = (
        Index(
            "uq_resident_phone",
            "community_id",
            "phone",
            unique=True,
            sqlite_where=text("phone IS NOT NULL"),
            postgresql_where=text("phone IS NOT NULL"),
        ),
        Index(None, "community_id", "name"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    wallet_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    phone: Mapped[str | None] = mapped_column(String(20))
    building: Mapped[str] = mapped_column(String(LONGEST_BUILDING), default="")
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    household: Mapped[str] = mapped_column(String(LONGEST_HOUSEHOLD), default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    registered_at: Mapped[datetime]
    pin_hash: Mapped[str | None] = mapped_column(String(120))
    wrong_tries: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=1)

    community: Mapped[Community] = relationship()

    @property
    def masked_name(self) -> str:
        """The name as a stranger at a till may see it: 王**, 欧阳*, J***."""
        return mask(self.name)

    @property
    def masked_phone(self) -> str:
        """The telephone number by its last four digits."""
        return mask_phone(self.phone)


# Compound surnames are kept whole, or 欧阳明 would read as a Mr 欧.
COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "夏侯",
        "端木",
        "长孙",
        "宇文",
        "南宫",
        "独孤",
    ]
)


def mask(name: str) -> str:
    """*name* with all but the surname (or the first letter) starred out."""
    shown = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:shown] + "*" * max(1, min(len(name) - shown, 3))


def mask_phone(phone: str | None) -> str:
    """A telephone number by its last four digits."""
    return f"···{phone[-4:]}" if phone else ""


def dialled(phone: str | None) -> str:
    """A telephone number as it is dialled on the mainland: 138 0000 0001, 010 6234 5678."""
    if not phone:
        return ""
    number = phonenumbers.parse(phone)
    at_home = number.country_code == 86
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if at_home else form.INTERNATIONAL)


class PhoneTaken(Refused):
    """Another resident of the community is registered with this number."""

    code = "phone_taken"
    message = N_("This number is registered for %(name)s already.")


@dataclass(frozen=True)
class Details:
    """What is known of one resident; ``phone`` is in E.164 form, ``tags`` are keys."""

    name: str
    phone: str | None = None
    building: str = ""
    note: str = ""
    household: str = ""
    tags: list[str] = field(default_factory=list)


def register(
    act: Act,
    community: Community,
    *,
    name: str,
    phone: str | None = None,
    building: str = "",
    note: str = "",
    household: str = "",
    tags: Sequence[str] = (),
) -> Resident:
    """Register one resident and open the wallet.

    Raises:
        PhoneTaken: the number is another resident's; nothing was written.
    """
    _check_phone_free(act, community.id, phone)
    details = Details(name, phone, building, note, household, list(tags))
    try:
        [resident] = register_many(act, community, [details])
    except IntegrityError:
        # Registered by somebody else since the look above.
        _check_phone_free(act, community.id, phone)
        raise
    audit.record(act, "resident.register", f"resident:{resident.id}", community_id=community.id)
    return resident


def register_many(act: Act, community: Community, people: Sequence[Details]) -> list[Resident]:
    """Register many residents in few statements, all or none; the caller audits it as one act.

    Raises:
        IntegrityError: a number is taken, or stands twice; nothing was written.
    """
    if not people:
        return []
    with act.session.begin_nested():
        wallets = ledger.open_wallets(
            act.session, [person.name for person in people], community.programme_id
        )
        rows = [
            {
                "community_id": community.id,
                "wallet_id": wallet_id,
                **asdict(person),
                "registered_at": act.now,
                "wrong_tries": 0,
                "epoch": 1,
            }
            for person, wallet_id in zip(people, wallets, strict=True)
        ]
        return list(
            act.session.scalars(
                insert(Resident).returning(Resident, sort_by_parameter_order=True), rows
            )
        )


def edit(act: Act, resident: Resident, details: Details) -> list[str]:
    """Put *details* in place of what is known; answers the names of what changed.

    The audit log says which details changed, never what they were.

    Raises:
        PhoneTaken: the number is another resident's; nothing was written.
    """
    changed = [
        known.name
        for known in fields(Details)
        if getattr(resident, known.name) != getattr(details, known.name)
    ]
    if not changed:
        return []
    if "phone" in changed:
        _check_phone_free(act, resident.community_id, details.phone)
    try:
        with act.session.begin_nested():
            for name in changed:
                setattr(resident, name, getattr(details, name))
    except IntegrityError:
        _check_phone_free(act, resident.community_id, details.phone)
        raise
    if "name" in changed:
        act.session.get_one(ledger.Account, resident.wallet_id).name = details.name
    audit.record(
        act,
        "resident.edit",
        f"resident:{resident.id}",
        community_id=resident.community_id,
        changed=changed,
    )
    return changed


def reveal_phone(act: Act, resident: Resident) -> str | None:
    """The whole telephone number, for somebody who has to call; the audit log keeps who asked."""
    audit.record(
        act, "resident.phone", f"resident:{resident.id}", community_id=resident.community_id
    )
    return resident.phone


def _check_phone_free(act: Act, community_id: int, phone: str | None) -> None:
    if phone is None:
        return
    holder = act.session.scalar(
        select(Resident).where(Resident.community_id == community_id, Resident.phone == phone)
    )
    if holder is not None:
        raise PhoneTaken(name=holder.masked_name)


def load(act: Act, resident_id: int, community_id: int) -> Resident:
    """The resident of that id, if they belong to the community.

    Raises:
        NotFound: there is none, or none here.
    """
    resident = act.session.get(Resident, resident_id)
    if resident is None or resident.community_id != community_id:
        raise NotFound
    return resident
