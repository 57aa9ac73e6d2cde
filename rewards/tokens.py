"""Bearer tokens: what a program shows instead of a session. Kept only as hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    and_,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from rewards.act import Act
from rewards.db import Base, BigId
from rewards.residents import Resident
from rewards.staff import Staff

LIFETIME = timedelta(hours=12)
# Says what it is wherever it turns up: in a log, a chat, a scanner for leaked secrets.
PREFIX = "epoints_"


class Token(Base):
    """One token of one person's. ``digest`` is SHA-256 of 256 random bits: nothing to guess.

    ``epoch`` is its holder's when it was made: what signs them out everywhere ends it too.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) <> (resident_id IS NULL)", name="one_holder"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    epoch: Mapped[int]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Issued:
    """A new token: its secret is known now and never again."""

    secret: str
    expires_at: datetime


def issue(act: Act, holder: Staff | Resident) -> Issued:
    """Make a token for *holder*, and forget those of theirs that have expired."""
    staff_id = holder.id if isinstance(holder, Staff) else None
    resident_id = holder.id if isinstance(holder, Resident) else None
    act.session.execute(
        delete(Token).where(
            Token.staff_id == staff_id if staff_id else Token.resident_id == resident_id,
            Token.expires_at <= act.now,
        )
    )
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        digest=digest(secret),
        staff_id=staff_id,
        resident_id=resident_id,
        epoch=holder.epoch,
        issued_at=act.now,
        expires_at=act.now + LIFETIME,
    )
    act.session.add(token)
    act.session.flush()
    return Issued(secret, token.expires_at)


def holder(session: Session, secret: str, now: datetime) -> tuple[str, int, str, int] | None:
    """Whose token this is: ``staff`` or ``resident``, id, name, epoch; None if it has ended.

    It ends by its date, when its holder signs out everywhere, and when they leave the staff.
    """
    found = (
        session.connection().execute(_HOLDER, {"digest": digest(secret), "now": now}).one_or_none()
    )
    if found is None:
        return None
    if found.staff_id is not None:
        return "staff", found.staff_id, found.staff_name, found.epoch
    return "resident", found.resident_id, found.resident_name, found.epoch


# Made once, for every request of a program begins with it.
_HOLDER = (
    select(
        Token.staff_id,
        Staff.name.label("staff_name"),
        Token.resident_id,
        Resident.name.label("resident_name"),
        Token.epoch,
    )
    .outerjoin(Staff, and_(Staff.id == Token.staff_id, Staff.active))
    .outerjoin(Resident, Resident.id == Token.resident_id)
    .where(
        Token.digest == bindparam("digest"),
        Token.expires_at > bindparam("now"),
        Token.epoch == func.coalesce(Staff.epoch, Resident.epoch),
    )
)


def revoke(act: Act, secret: str) -> None:
    """End a token at once."""
    act.session.execute(delete(Token).where(Token.digest == digest(secret)))


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()
