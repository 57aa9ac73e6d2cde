"""A morning that was awarded, a gift and a suggestion; and a draft to try out on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from rewards import previews
from rewards.act import Actor
from rewards.previews import Preview
from rewards.schemes import drafts
from tests import world
from tests.conftest import START, Database
from tests.schemes import plain
from tests.volunteering.conftest import ENDS, Morning

TODAY = date(2026, 11, 20)


@dataclass
class Trial:
    """A draft over what the morning's residents did."""

    morning: Morning
    database: Database
    draft_id: int = 0

    def draft(self, **rules: Any) -> int:
        """Begin a draft of plain rules; answers its id."""
        with self.morning.acting(self.administrator) as act:
            programme = world.resident(act, self.morning.residents[0]).community.programme
            return drafts.start(act, programme, plain.document(**rules), "试行").id

    @property
    def administrator(self) -> Actor:
        return Actor("staff", self.morning.world.administrator_id, "管理员甲")

    def ask(self, draft_id: int, first: date = TODAY, last: date = TODAY) -> tuple[int, bool]:
        with self.morning.acting(self.administrator) as act:
            programme_id = self.morning.world.programme_id
            draft = drafts.load(act, draft_id, programme_id)
            preview, new = previews.ask(act, draft, first, last)
            return preview.id, new

    def run(self, draft_id: int, first: date = TODAY, last: date = TODAY) -> dict[str, Any]:
        """Ask for a preview, work it out here and now, and answer its result."""
        preview_id, _ = self.ask(draft_id, first, last)
        previews.run(self.database.engine, preview_id, self.morning.clock)
        with self.morning.acting() as act:
            preview = act.session.get_one(Preview, preview_id)
            assert preview.status == "done"
            assert preview.done == preview.acts
            return preview.result or {}


@pytest.fixture
def trial(acting, clock, database: Database) -> Trial:
    """Three residents served 60, 120 and 240 minutes; the last took part in two events."""
    morning = Morning(acting, clock)
    one, two, three = morning.residents
    morning.serve(one, 60)
    morning.serve(two, 120)
    morning.serve(three, 120)
    morning.at(ENDS)
    morning.award()
    starts = START + timedelta(hours=4)
    second = morning.new_event(starts_at=starts, ends_at=starts + timedelta(hours=2))
    morning.at(starts)
    morning.check_in(three, second)
    morning.at(starts + timedelta(hours=2))
    morning.check_out(three, second)
    first, morning.event_id = morning.event_id, second
    morning.award()
    morning.event_id = first
    return Trial(morning, database)
