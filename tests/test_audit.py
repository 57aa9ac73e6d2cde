"""The log is read by place, family, person and day, and page by page without gaps."""

from datetime import timedelta

from rewards import audit
from rewards.act import Act, Actor
from tests.conftest import START, Acting, FakeClock

HERE, THERE, PROGRAMME = 1, 2, 9


def note(act: Act, action: str, **scope: int) -> None:
    audit.record(act, action, "card:1", **scope)
    act.session.flush()


def actions(act: Act, wanted: audit.Filter) -> list[str]:
    return [e.action for e in audit.every(act, wanted)]


def test_each_filter_leaves_what_it_says(acting: Acting, clock: FakeClock) -> None:
    with acting(Actor("staff", 7, "管理员甲")) as act:
        note(act, "card.block", community_id=HERE)
        note(act, "cardinal.x", community_id=HERE)
        note(act, "card.issue", community_id=THERE)
        note(act, "rates.set", programme_id=PROGRAMME)
        note(act, "rates.set", programme_id=PROGRAMME + 1)
    clock.forward(days=1)
    with acting(Actor("stripe")) as act:
        note(act, "donation.pay", community_id=HERE)
    with acting() as act:
        find = audit.Filter
        assert actions(act, find(HERE)) == ["donation.pay", "cardinal.x", "card.block"]
        assert actions(act, find(HERE, PROGRAMME)) == [
            "donation.pay",
            "rates.set",
            "cardinal.x",
            "card.block",
        ]
        assert actions(act, find(HERE, family="card")) == ["card.block"]
        assert actions(act, find(HERE, family="%")) == []
        assert actions(act, find(HERE, who="管理")) == ["cardinal.x", "card.block"]
        assert actions(act, find(HERE, who="staff:7")) == ["cardinal.x", "card.block"]
        assert actions(act, find(HERE, who="stripe")) == ["donation.pay"]
        noon = START + timedelta(hours=3)
        assert actions(act, find(HERE, since=noon)) == ["donation.pay"]
        assert actions(act, find(HERE, until=noon)) == ["cardinal.x", "card.block"]


def test_pages_join_without_gap_or_repeat(acting: Acting) -> None:
    with acting() as act:
        for number in range(7):
            note(act, f"card.{number}", community_id=HERE)
        first = audit.page(act, audit.Filter(HERE), size=3)
        note(act, "card.new", community_id=HERE)
        second = audit.page(act, audit.Filter(HERE), before=first.before, size=3)
        last = audit.page(act, audit.Filter(HERE), before=second.before, size=3)
        seen = [e.action for p in (first, second, last) for e in p.entries]
        assert seen == [f"card.{n}" for n in range(6, -1, -1)]
        assert last.before is None
