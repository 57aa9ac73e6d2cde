"""The door of an event: cards are scanned in and out, and each passing is noted once."""

from datetime import datetime, timedelta

from rewards import cards
from rewards.act import Act
from rewards.clock import local_date
from rewards.errors import N_, Refused
from rewards.residents import Resident
from rewards.volunteering import events, signups
from rewards.volunteering.attendance import Attendance, Way, find
from rewards.volunteering.events import Event, EventOver

DOOR_OPENS_BEFORE_START = timedelta(minutes=60)
DOOR_SHUTS_AFTER_END = timedelta(hours=2)


class EventNotBegun(Refused):
    """It is too early: the door opens an hour before the event."""

    code = "event_not_begun"
    message = N_("This event hasn't begun. Its door opens at %(opens)s.")


class CheckedInAlready(Refused):
    """The resident was checked in before."""

    code = "checked_in_already"
    message = N_("%(name)s was checked in at %(at)s already.")


class CheckedOutAlready(Refused):
    """The resident was checked out before."""

    code = "checked_out_already"
    message = N_("%(name)s was checked out at %(at)s already.")


class OutBeforeIn(Refused):
    """Nobody can leave who did not come."""

    code = "out_before_in"
    message = N_("%(name)s hasn't been checked in. Check in first, or add the hours on the sheet.")


class EnteredByHand(Refused):
    """The resident's hours were entered on the sheet; the door has no say in them."""

    code = "entered_by_hand"
    message = N_("The hours of %(name)s were entered on the sheet by hand.")


def check_in(act: Act, event: Event, scanned: str) -> Attendance:
    """Note that whoever holds the scanned card has come; nobody need have signed up.

    Raises:
        NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard, OtherCommunity,
        EventNotPublished, EventCancelled, EventNotBegun, EventOver, CheckedInAlready,
        EnteredByHand: why not; nothing was written.
    """
    resident = _at_the_door(act, event, scanned, shuts=event.ends_at)
    line = find(act, event, resident)
    if line is not None:
        _refuse_by_hand(line)
        raise CheckedInAlready(name=resident.masked_name, at=_clock(event, line.in_at))
    line = Attendance(
        event_id=event.id,
        event=event,
        resident=resident,
        in_at=act.now,
        in_way=Way.read_by(scanned).value,
    )
    act.session.add(line)
    act.session.flush()
    return line


def check_out(act: Act, event: Event, scanned: str) -> Attendance:
    """Note that whoever holds the scanned card has gone.

    Raises:
        NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard, OtherCommunity,
        EventNotPublished, EventCancelled, EventNotBegun, EventOver, OutBeforeIn,
        CheckedOutAlready, EnteredByHand: why not; nothing was written.
    """
    resident = _at_the_door(act, event, scanned, shuts=event.ends_at + DOOR_SHUTS_AFTER_END)
    line = find(act, event, resident)
    if line is None:
        raise OutBeforeIn(name=resident.masked_name)
    _refuse_by_hand(line)
    if line.out_at is not None:
        raise CheckedOutAlready(name=resident.masked_name, at=_clock(event, line.out_at))
    line.out_at, line.out_way = act.now, Way.read_by(scanned).value
    act.session.flush()
    return line


def _at_the_door(act: Act, event: Event, scanned: str, shuts: datetime) -> Resident:
    """The resident whose card was scanned, if they and the event may meet now."""
    programme = event.community.programme
    card = cards.identify(act, scanned, programme.id, local_date(act.now, programme.timezone))
    signups.check_community(event, card.resident)
    events.lock(act, event)
    events.check_published(event)
    opens = event.starts_at - DOOR_OPENS_BEFORE_START
    if act.now < opens:
        raise EventNotBegun(opens=f"{event.local(opens):%Y-%m-%d %H:%M}")
    if act.now > shuts:
        raise EventOver(ended=f"{event.local(event.ends_at):%Y-%m-%d %H:%M}")
    return card.resident


def _refuse_by_hand(line: Attendance) -> None:
    if line.back_filled:
        raise EnteredByHand(name=line.resident.masked_name)


def _clock(event: Event, moment: datetime | None) -> str:
    return f"{event.local(moment):%H:%M}" if moment else ""
