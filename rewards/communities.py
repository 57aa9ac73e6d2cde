"""Programmes (one points currency each) and the communities that share one."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import ledger
from rewards.act import Act
from rewards.db import Base, BigId


class Programme(Base):
    """One points currency and its rules, run by one operator.

    ``timezone`` is an IANA name; it decides what "today" is for every expiry and every
    void. ``helpline`` is printed on the cards for whoever finds or loses one.
    ``scheme_stamp`` is another whenever its schemes change, and empty before the first one.
    """

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    helpline: Mapped[str] = mapped_column(String(30), default="")
    issuer_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expired_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    scheme_stamp: Mapped[str] = mapped_column(String(32), default="")

    communities: Mapped[list["Community"]] = relationship(back_populates="programme")

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_zh


class Community(Base):
    """The scope of residents and of most staff. ``slug`` stands in public addresses."""

    __tablename__ = "community"
    __table_args__ = (UniqueConstraint("programme_id", "name_zh"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))

    programme: Mapped[Programme] = relationship(back_populates="communities")

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_zh


def found_programme(
    act: Act,
    *,
    name_zh: str,
    name_en: str,
    timezone: str = "Asia/Shanghai",
    helpline: str = "",
) -> Programme:
    """Begin a programme: a currency of its own, whence it comes and where it goes unspent."""
    issuer = ledger.open_account(act.session, ledger.ISSUER, name_zh, None)
    expired = ledger.open_account(act.session, ledger.EXPIRED, name_zh, None)
    programme = Programme(
        name_zh=name_zh,
        name_en=name_en,
        timezone=timezone,
        helpline=helpline,
        issuer_account_id=issuer.id,
        expired_account_id=expired.id,
    )
    act.session.add(programme)
    act.session.flush()
    issuer.programme_id = expired.programme_id = programme.id
    act.session.flush()
    return programme


def add_community(
    act: Act, programme: Programme, *, slug: str, name_zh: str, name_en: str
) -> Community:
    """Add a community to a programme."""
    community = Community(programme_id=programme.id, slug=slug, name_zh=name_zh, name_en=name_en)
    act.session.add(community)
    act.session.flush()
    return community
