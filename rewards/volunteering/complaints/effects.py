"""What upholding a complaint would come to: of the points, and of the hours that count."""

from dataclasses import dataclass
from decimal import Decimal

from rewards import awards
from rewards.act import Act
from rewards.awards import Award, Outlook
from rewards.schemes import versions
from rewards.schemes.facts import Line, Outcome
from rewards.schemes.rules import Role, Source
from rewards.schemes.versions import Version
from rewards.volunteering import worth
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.complaints.model import WHOLE, kept
from rewards.volunteering.sheet import SOURCE


@dataclass(frozen=True)
class Effect:
    """What an upheld complaint leaves of an attendance, by the scheme of the event's day.

    ``worth`` is what the service brings then, ``hours_kept`` the ten-thousandths of its time that
    count. ``award`` is the award that stands, ``outlook`` what taking it back would find.
    """

    version: Version
    worth: Outcome
    hours_kept: int
    minutes: int
    award: Award | None
    outlook: Outlook | None

    @property
    def points(self) -> int:
        """The points to be taken back: what is left of the award beyond what it is worth."""
        return max(0, self.outlook.left - self.worth.points) if self.outlook else 0

    @property
    def minutes_kept(self) -> int:
        return kept(self.minutes, self.hours_kept)

    @property
    def nothing(self) -> bool:
        """Whether the rules of that day don't change anything after a complaint."""
        return self.hours_kept == WHOLE and not any(
            line.complaint is not None for line in self.worth.lines
        )

    @property
    def taking(self) -> Outlook | None:
        """What taking back just these points would find; None if there are none to take."""
        if self.outlook is None or not self.points:
            return None
        return Outlook(self.points, min(self.points, self.outlook.there))


def effect(act: Act, attendance: Attendance) -> Effect:
    """What upholding a complaint about the attendance would come to now.

    Raises:
        NoScheme: there was none in force when the event began.
    """
    event = attendance.event
    version = versions.in_force(act, event.community.programme_id, event.starts_at)
    award = awards.standing(act, SOURCE, [attendance.id]).get(attendance.id)
    deed = worth.deed(attendance, complaint=True)
    tally = awards.tally(act, version, [deed], before=award.id if award else None)
    # Whoever has no minutes yet may be given some on the sheet; the share is that of any.
    share = _share(version.engine.evaluate(worth.timed(deed), tally).lines)
    looks = awards.outlook(act, [award]) if award else {}
    return Effect(
        version=version,
        worth=version.engine.evaluate(deed, tally),
        hours_kept=int(share * WHOLE),
        minutes=attendance.minutes,
        award=award,
        outlook=looks[award.id] if award else None,
    )


def _share(lines: tuple[Line, ...]) -> Decimal:
    """The factor of the rule that pays for the hours, or without one for taking part."""
    paid = {line.rule.source: line for line in reversed(lines) if line.rule.role is Role.BASE}
    line = paid.get(Source.HOURS) or paid.get(Source.EVENT)
    return Decimal(1) if line is None or line.complaint is None else line.complaint
