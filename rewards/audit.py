"""The audit log: who did what to whom, when and why. Append-only."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from rewards.act import Act
from rewards.db import Base, BigId


class AuditEntry(Base):
    """One act that moved points, changed a right or opened personal data."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40), index=True)
    actor_name: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    community_id: Mapped[int | None] = mapped_column(BigId, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    act: Act, action: str, subject: str, *, community_id: int | None = None, **detail: Any
) -> None:
    """Note that *act*'s actor did *action* (``card.block``) to *subject* (``card:17``)."""
    act.session.add(
        AuditEntry(
            at=act.now,
            actor=act.actor.reference,
            actor_name=act.actor.name,
            action=action,
            subject=subject,
            community_id=community_id,
            detail=detail,
        )
    )
