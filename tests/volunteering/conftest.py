"""A morning's event in the small world, and short names for what happens at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from rewards import cards, ledger
from rewards.act import Act, Actor
from rewards.clock import local_date
from rewards.staff import Staff
from rewards.volunteering import attendance, awarding, corrections, door, events, sheet
from rewards.volunteering.events import Event
from tests import world
from tests.conftest import START, Acting, FakeClock

STARTS, ENDS = START + timedelta(hours=1), START + timedelta(hours=3)  # 10:00 to 12:00


class Morning:
    """An event of two hours, 10 points an hour, in a world of three residents with cards."""

    def __init__(self, acting: Acting, clock: FakeClock) -> None:
        self.acting, self.clock = acting, clock
        with acting() as act:
            self.world = world.build(act)
            everybody = [*self.world.resident_ids, self.world.other_resident_id]
            self.codes = {i: cards.issue(act, world.resident(act, i)).code for i in everybody}
            self.actors = {
                name: Actor("staff", row_id, act.session.get_one(Staff, row_id).name)
                for name, row_id in (
                    ("organiser", self.world.organiser_id),
                    ("second", self.world.second_organiser_id),
                )
            }
        self.residents = self.world.resident_ids
        self.event_id = self.new_event()

    def new_event(self, *, published: bool = True, **facts: Any) -> int:
        usual = {
            "title": "整理绿地",
            "service": "environment",
            "place": "中心花园",
            "starts_at": STARTS,
            "ends_at": ENDS,
        }
        with self.acting(self.actors["organiser"]) as act:
            here = world.community(act, self.world.community_id)
            event = events.create(act, here, **usual | facts)
            if published:
                events.publish(act, event)
            return event.id

    def rules(self, effective_from: datetime, **rules: Any) -> None:
        """Put other rules into force, as ``plain.document`` takes them."""
        with self.acting() as act:
            world.set_rules(act, self.world.programme_id, effective_from, **rules)

    @contextmanager
    def by(
        self, who: str = "organiser", event_id: int | None = None
    ) -> Iterator[tuple[Act, Event]]:
        """An act of a member of staff, and the event read in its session."""
        with self.acting(self.actors[who]) as act:
            yield act, events.load(act, event_id or self.event_id, self.world.community_id)

    def at(self, moment: datetime) -> None:
        self.clock.now = moment

    def check_in(self, resident_id: int, event_id: int | None = None) -> None:
        with self.by(event_id=event_id) as (act, event):
            door.check_in(act, event, self.codes[resident_id])

    def check_out(self, resident_id: int, event_id: int | None = None) -> None:
        with self.by(event_id=event_id) as (act, event):
            door.check_out(act, event, self.codes[resident_id])

    def serve(self, resident_id: int, minutes: int = 120) -> int:
        """Check in at the start and out *minutes* later; answers the line's id."""
        self.at(STARTS)
        self.check_in(resident_id)
        self.at(STARTS + timedelta(minutes=minutes))
        self.check_out(resident_id)
        return self.line_id(resident_id)

    def line_id(self, resident_id: int) -> int:
        with self.by() as (act, event):
            line = attendance.find(act, event, world.resident(act, resident_id))
            assert line is not None
            return line.id

    def line(self, act: Act, event: Event, resident_id: int) -> sheet.Line:
        return next(x for x in sheet.draw(act, event).lines if x.resident.id == resident_id)

    def correct(
        self, resident_id: int, minutes: int, reason: str = "忘记签退", who: str = "organiser"
    ) -> int:
        with self.by(who) as (act, event):
            line = self.line(act, event, resident_id).attendance
            return corrections.correct(act, event, line, minutes=minutes, reason=reason).id

    def attest(self, resident_id: int, correction_id: int, who: str = "second") -> None:
        with self.by(who) as (act, event):
            line = self.line(act, event, resident_id).attendance
            corrections.attest(act, event, line, correction_id)

    def award(
        self, round_number: int = 1, points: int | None = None, who: str = "organiser"
    ) -> dict[str, Any]:
        """Award what is ready, as if it had just been checked (or *points*, if it wasn't)."""
        with self.by(who) as (act, event):
            if points is None:
                points = sheet.draw(act, event).points_ready
            answer = awarding.award_event(act, event, round_number=round_number, points=points)
        return answer.result()

    def spend(self, resident_id: int, points: int) -> None:
        """Redeem points at a shop."""
        with self.acting() as act:
            resident = world.resident(act, resident_id)
            shop = ledger.open_account(
                act.session, ledger.MERCHANT, "示例小店", self.world.programme_id
            ).id
            today = local_date(act.now, "Asia/Shanghai")

            def work(op: ledger.Operation) -> dict[str, int]:
                return {
                    "id": ledger.redeem(
                        op, resident.wallet_id, shop, points, today=today, reason="茶"
                    )
                }

            ledger.once(act, "test", f"spend-{resident_id}-{shop}", {}, work).result()

    def spendable(self, resident_id: int) -> int:
        with self.acting() as act:
            wallet = world.resident(act, resident_id).wallet_id
            return ledger.spendable(act.session, wallet, local_date(act.now, "Asia/Shanghai"))

    def drifts(self) -> list[ledger.Drift]:
        with self.acting() as act:
            return list(ledger.verify(act.session))


@pytest.fixture
def morning(acting: Acting, clock: FakeClock) -> Morning:
    return Morning(acting, clock)


@pytest.fixture
def office(client: FlaskClient, morning: Morning) -> FlaskClient:
    """A browser in which the organiser is signed in."""
    world.sign_in(client, "organiser")
    return client
