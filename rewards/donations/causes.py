"""Causes: what a community collects for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit, ledger
from rewards.act import Act
from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused


class Cause(Base):
    """What a gift is for. A closed one takes no new gifts; those it had stay with it.

    Points that residents give to it are on its account.
    """

    __tablename__ = "cause"
    __table_args__ = (Index(None, "community_id", "active"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(500))
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]

    community: Mapped[Community] = relationship()


class CauseClosed(Refused):
    """The cause takes no gifts any more."""

    code = "cause_closed"
    message = N_("This cause is closed and takes no more gifts. Choose another.")


def add(act: Act, community_id: int, *, title: str, description: str) -> Cause:
    """Open a cause for gifts, and its account for points."""
    programme_id = act.session.get_one(Community, community_id).programme_id
    cause = Cause(
        community_id=community_id,
        account_id=ledger.open_account(act.session, ledger.CAUSE, title, programme_id).id,
        title=title,
        description=description,
        active=True,
        added_at=act.now,
    )
    act.session.add(cause)
    act.session.flush()
    _note(act, "cause.add", cause)
    return cause


def edit(act: Act, cause: Cause, *, title: str, description: str) -> None:
    """Say better what the cause is; its account, and so every statement, follows its title."""
    cause.title, cause.description = title, description
    act.session.get_one(ledger.Account, cause.account_id).name = title
    act.session.flush()
    _note(act, "cause.edit", cause)


def close(act: Act, cause: Cause) -> None:
    """Take no more gifts for it; a payment that has begun still counts."""
    cause.active = False
    act.session.flush()
    _note(act, "cause.close", cause)


def reopen(act: Act, cause: Cause) -> None:
    """Take gifts for it again."""
    cause.active = True
    act.session.flush()
    _note(act, "cause.reopen", cause)


def load(act: Act, cause_id: int, community_id: int) -> Cause:
    """The cause of that id, if it is the community's."""
    cause = act.session.get(Cause, cause_id)
    if cause is None or cause.community_id != community_id:
        raise NotFound
    return cause


def check_open(cause: Cause) -> None:
    """Refuse a gift to a closed cause."""
    if not cause.active:
        raise CauseClosed


def of(act: Act, community_id: int, *, active: bool | None = None) -> list[Cause]:
    """The community's causes, open ones first; with *active* only those that are, or aren't."""
    rows = select(Cause).where(Cause.community_id == community_id)
    if active is not None:
        rows = rows.where(Cause.active.is_(active))
    return list(act.session.scalars(rows.order_by(Cause.active.desc(), Cause.id)))


def _note(act: Act, action: str, cause: Cause) -> None:
    audit.record(
        act, action, f"cause:{cause.id}", community_id=cause.community_id, title=cause.title
    )
