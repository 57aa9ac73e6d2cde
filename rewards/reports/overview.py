"""What the office's overview counts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from rewards.act import Act
from rewards.cards import Card, CardStatus
from rewards.clock import local_date
from rewards.communities import Community
from rewards.donations import gifts
from rewards.reports.movements import Sum, Wanted, midnight, total
from rewards.residents import Resident
from rewards.suggestions import Status as SuggestionStatus
from rewards.suggestions import Suggestion
from rewards.volunteering.complaints import listing as complaints
from rewards.volunteering.events import Event, EventStatus


@dataclass(frozen=True)
class Overview:
    """A community's numbers at a moment; ``month`` is the first day of its present month."""

    residents: int
    active_cards: int
    events_upcoming: int
    suggestions_waiting: int
    gifts_waiting: int
    complaints_waiting: int
    month: date
    awarded: Sum
    redeemed: Sum


def overview(act: Act, community: Community) -> Overview:
    """Today's numbers of *community*."""
    month = local_date(act.now, community.programme.timezone).replace(day=1)
    since = midnight(community, month)
    awarded, redeemed = total(act, community, Wanted(since=since))
    return Overview(
        residents=_count(act, select(Resident.id).where(Resident.community_id == community.id)),
        active_cards=_count(act, _active_cards(act, community)),
        events_upcoming=_count(
            act,
            select(Event.id).where(
                Event.community_id == community.id,
                Event.status == EventStatus.PUBLISHED.value,
                Event.ends_at > act.now,
            ),
        ),
        suggestions_waiting=_count(
            act,
            select(Suggestion.id).where(
                Suggestion.community_id == community.id,
                Suggestion.status == SuggestionStatus.SENT.value,
            ),
        ),
        gifts_waiting=_count(
            act,
            select(gifts.Donation.id).where(
                gifts.Donation.community_id == community.id,
                gifts.Donation.status == gifts.Status.RECORDED.value,
            ),
        ),
        complaints_waiting=complaints.waiting(act, community.id),
        month=month,
        awarded=awarded,
        redeemed=redeemed,
    )


def _count(act: Act, rows: Select[Any]) -> int:
    return act.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _active_cards(act: Act, community: Community) -> Select[Any]:
    today = local_date(act.now, community.programme.timezone)
    return (
        select(Card.id)
        .join(Card.resident)
        .where(
            Resident.community_id == community.id,
            Card.status == CardStatus.ACTIVE.value,
            Card.expires_on.is_(None) | (Card.expires_on >= today),
        )
    )
