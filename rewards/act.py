"""Who acts, when, on which session: what every use case is handed first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts: ``staff:7``, ``resident:12``, ``stripe``, ``system``."""

    kind: str
    id: int | None = None
    name: str = ""

    @property
    def reference(self) -> str:
        """The form that records keep, stable when names change."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Act:
    """One act: an open session, an actor and a moment (aware, UTC).

    Use cases flush on the session and never commit; the edge commits once.
    """

    session: Session
    actor: Actor
    now: datetime
