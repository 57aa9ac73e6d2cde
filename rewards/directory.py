"""The office's directory of residents: who there is, and all that is known of one. Reads only,
but for the note in the audit log that a whole list was taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select

from rewards import audit, awards, cards, ledger
from rewards.act import Act
from rewards.awards import Award
from rewards.cards import Card, CardStatus
from rewards.clock import local_date
from rewards.communities import Community
from rewards.forms import phone_number, plain
from rewards.giving_on import listing
from rewards.residents import Resident

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for.

    ``words`` is part of a name, a phone's last four digits, a whole phone number or a card's
    code; ``card`` is ``with`` or ``without`` (an active one) or empty for either; ``sort``
    is ``name``, ``building``, ``points`` or ``newest``.
    """

    words: str = ""
    card: str = ""
    sort: str = "name"


@dataclass(frozen=True)
class Entry:
    """One resident in a list, with the spendable points and the active card, if any."""

    resident: Resident
    points: int
    card: Card | None


@dataclass(frozen=True)
class Listing:
    """One page of a list; pages count from 1, ``count`` is of all pages."""

    entries: list[Entry]
    count: int
    page: int
    pages: int


def find(act: Act, community: Community, wanted: Wanted, page: int = 1) -> Listing:
    """One page of the community's residents that match; beyond the last page is the last."""
    today = local_date(act.now, community.programme.timezone)
    matching = _matching(community.id, wanted)
    count = act.session.scalar(matching.with_only_columns(func.count())) or 0
    pages = max(1, -(-count // PAGE))
    page = min(page, pages)
    shown = (
        _sorted(matching, wanted.sort, _points(act, today)).offset((page - 1) * PAGE).limit(PAGE)
    )
    return Listing(_entries(act, shown, today), count, page, pages)


def take_out(act: Act, community: Community, wanted: Wanted) -> list[Entry]:
    """All of a list, phones and all, to be carried out of the system; the audit log keeps it."""
    today = local_date(act.now, community.programme.timezone)
    entries = _entries(
        act, _sorted(_matching(community.id, wanted), wanted.sort, _points(act, today)), today
    )
    audit.record(
        act,
        "resident.export",
        f"community:{community.id}",
        community_id=community.id,
        residents=len(entries),
        card=wanted.card,
        searched=bool(wanted.words),
    )
    return entries


@dataclass(frozen=True)
class StatementLine:
    """A line of the statement, with the award that it is, if it is one."""

    line: ledger.Line
    award: Award | None


@dataclass(frozen=True)
class File:
    """All that the office knows of one resident; ``before`` asks for older lines."""

    resident: Resident
    today: date
    cards: list[Card]
    spendable: int
    dated: list[ledger.Dated]
    owed: int
    aside: list[ledger.SetAside]
    not_added: Sequence[Award]
    lines: list[StatementLine]
    before: int | None


def open_file(act: Act, resident: Resident, before: int | None = None) -> File:
    """One resident's card, points and a page of the statement."""
    wallet_id = resident.wallet_id
    today = local_date(act.now, resident.community.programme.timezone)
    page = ledger.statement(act.session, wallet_id, before=before)
    lines = listing.named(act, page.lines)
    granted = awards.by_transfer(act, [line.transfer_id for line in lines])
    return File(
        resident=resident,
        today=today,
        cards=cards.of_resident(act, resident.id),
        spendable=ledger.spendable(act.session, wallet_id, today, now=act.now),
        dated=ledger.dated(act.session, wallet_id, today, now=act.now),
        owed=ledger.owed(act.session, wallet_id),
        aside=ledger.set_aside(act.session, wallet_id, act.now),
        not_added=awards.not_added(act, resident.id),
        lines=[StatementLine(line, granted.get(line.transfer_id)) for line in lines],
        before=page.before,
    )


def _matching(community_id: int, wanted: Wanted) -> Select[Resident]:
    matching = select(Resident).where(Resident.community_id == community_id)
    if wanted.words:
        matching = matching.where(_means(wanted.words))
    if wanted.card:
        has_card = Resident.id.in_(
            select(Card.resident_id).where(Card.status == CardStatus.ACTIVE.value)
        )
        matching = matching.where(has_card if wanted.card == "with" else ~has_card)
    return matching


def _means(words: str) -> ColumnElement[bool]:
    """Who is meant by *words*, whatever they are: every reading that fits counts."""
    words = plain(words)
    meant = Resident.name.icontains(words, autoescape=True)
    if words.isascii() and words.isdigit() and len(words) == 4:
        meant |= Resident.phone.endswith(words)
    elif number := phone_number(words):
        meant |= Resident.phone == number
    try:
        code = cards.read_code(words)
    except cards.NotACard:
        return meant
    return meant | Resident.id.in_(select(Card.resident_id).where(Card.code == code))


def _sorted(matching: Select[Resident], sort: str, points: ScalarSelect[int]) -> Select[Resident]:
    orders: dict[str, Sequence[ColumnElement[Any]]] = {
        "building": (Resident.building.asc(), Resident.name.asc()),
        "points": (points.desc(),),
        "newest": (Resident.registered_at.desc(),),
    }
    return matching.order_by(*orders.get(sort, (Resident.name.asc(),)), Resident.id.desc())


def _entries(act: Act, chosen: Select[Resident], today: date) -> list[Entry]:
    active = and_(Card.resident_id == Resident.id, Card.status == CardStatus.ACTIVE.value)
    rows = act.session.execute(
        chosen.outerjoin(Card, active).add_columns(_points(act, today), Card)
    )
    return [Entry(resident, int(points), card) for resident, points, card in rows]


def _points(act: Act, today: date) -> ScalarSelect[int]:
    """The spendable points of the row's resident."""
    return ledger.spendable_column(Resident.wallet_id, today, now=act.now)
