"""What the sealed log keeps. Its rows are history: the database refuses to change them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rewards.db import Base, BigId
from rewards.immutable import frozen


@frozen()
class SealLog(Base):
    """The installation's one log: its name for ever, and the key of its salts.

    ``origin`` outlives a change of the site's address. ``salt_key`` hides what was sealed
    from those who are shown hashes only; whoever is shown an entry is shown its salt alone.
    """

    __tablename__ = "seal_log"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(255))
    salt_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]


@frozen()
class SealTile(Base):
    """256 hashes side by side: leaves on level 0, roots of the tiles below on the others.

    Only full tiles are kept. ``through_id`` is the last transfer under the tile, ``root`` the
    tree hash of its 256.
    """

    __tablename__ = "seal_tile"
    __table_args__ = (UniqueConstraint("level", "through_id"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    through_id: Mapped[int] = mapped_column(BigId)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    hashes: Mapped[bytes] = mapped_column(LargeBinary(8192))


@frozen()
class Checkpoint(Base):
    """A signed statement: the first ``size`` transfers come to ``root``.

    ``note`` is the text that is published, signature and all; ``key`` the public key that it
    was signed with, in C2SP's vkey form.
    """

    __tablename__ = "seal_checkpoint"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    through_id: Mapped[int] = mapped_column(BigId, unique=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(400))
    made_at: Mapped[datetime]


@frozen()
class SealedSum(Base):
    """What an account without a floor came to, through a sealed transfer."""

    __tablename__ = "sealed_sum"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    through_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    total: Mapped[int] = mapped_column(BigId)
