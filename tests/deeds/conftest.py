"""The small world with a scheme for acts outside events, and short names for what is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from rewards import awards_check, ledger
from rewards.act import Act, Actor
from rewards.deeds import checking, deciding, model, recording
from rewards.deeds.model import Kind, RecordedDeed
from rewards.deeds.recording import Facts
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.staff import Staff
from tests import world
from tests.conftest import START, Acting, FakeClock

YESTERDAY = START - timedelta(days=1)


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def document(**changes: Any) -> dict[str, Any]:
    """A photo report by class; an hour of a visit 4; a referral 2; a team 50; litter costs 10."""

    def rule(key: str, source: str, **more: Any) -> dict[str, Any]:
        return {"key": key, "name": words(key, key), "source": source, **more}

    reports = {"rows": "class", "cells": {"hazard": 3, "litter": 1}}
    return {
        "format": "e-points-scheme/1",
        "name": words("示例", "Sample"),
        "classes": [
            {"key": "hazard", "name": words("隐患", "Hazard")},
            {"key": "litter", "name": words("垃圾", "Litter")},
        ],
        "tags": [{"key": "member", "name": words("党员", "Member")}],
        "rules": [
            rule(
                "photo",
                "photo_report",
                amount={"table": reports},
                caps=[{"most": 4, "window": "day"}],
            ),
            rule("visit", "visit", amount={"points": 4, "per": "hour"}),
            rule("referral", "referral", amount={"points": 2}),
            rule("team", "team", amount={"points": 50}),
            rule("manual", "manual", amount={"points": 5, "per": "item"}),
        ],
        "deductions": [{"key": "litter", "name": words("乱扔垃圾", "Litter"), "points": 10}],
        **changes,
    }


class Desk:
    """Two who work in the office, three residents, and what is recorded of them."""

    def __init__(self, acting: Acting, clock: FakeClock) -> None:
        self.acting, self.clock = acting, clock
        with acting() as act:
            self.world = world.build(act)
            versions.publish(
                act,
                self.world.programme_id,
                document(),
                effective_from=START - timedelta(days=30),
            )
            self.actors = {
                name: Actor("staff", row_id, act.session.get_one(Staff, row_id).name)
                for name, row_id in (
                    ("first", self.world.organiser_id),
                    ("second", self.world.second_organiser_id),
                )
            }
        self.residents = self.world.resident_ids
        self.keys = 0

    def publish(self, effective_from: datetime, **changes: Any) -> None:
        """Another scheme, from a moment on."""
        with self.acting() as act:
            versions.publish(
                act, self.world.programme_id, document(**changes), effective_from=effective_from
            )

    def key(self) -> str:
        self.keys += 1
        return f"desk-key-{self.keys}"

    @contextmanager
    def by(self, who: str, deed_id: int) -> Iterator[tuple[Act, RecordedDeed]]:
        with self.acting(self.actors[who]) as act:
            yield act, model.load(act, deed_id, self.world.community_id)

    def record(
        self,
        *residents: int,
        kind: Kind = Kind.PHOTO_REPORT,
        referred: int | None = None,
        key: str | None = None,
        **facts: Any,
    ) -> int:
        usual: dict[str, Any] = {"happened_at": YESTERDAY, "reason": "楼道堆物"}
        if kind is Kind.PHOTO_REPORT:
            usual["service"] = "hazard"
        with self.acting(self.actors["first"]) as act:
            answer = recording.record(
                act,
                world.community(act, self.world.community_id),
                [world.resident(act, i) for i in residents or self.residents[:1]],
                Facts(kind=kind, **usual | facts),
                key=key or self.key(),
                referred=world.resident(act, referred) if referred else None,
            )
            deed_id: int = answer.result()["deed"]
            return deed_id

    def approve(self, deed_id: int, points: int, who: str = "second") -> int:
        with self.by(who, deed_id) as (act, deed):
            moved: int = deciding.approve(act, deed, points=points).result()["points"]
            return moved

    def give_back(self, deed_id: int, resident_id: int) -> int:
        with self.by("second", deed_id) as (act, deed):
            [doer] = [d for d in deed.doers if d.resident_id == resident_id]
            answer = deciding.give_back(act, deed, doer, reason="看错人", key=self.key())
            moved: int = answer.result()["points"]
            return moved

    def give(self, resident_id: int, points: int) -> None:
        with self.acting() as act:
            world.give(act, resident_id, points, key=self.key())

    def spendable(self, resident_id: int | None = None) -> int:
        with self.acting() as act:
            wallet = world.resident(act, resident_id or self.residents[0]).wallet_id
            return ledger.spendable(act.session, wallet, act.now.date())

    def owed(self, resident_id: int | None = None) -> int:
        with self.acting() as act:
            wallet = world.resident(act, resident_id or self.residents[0]).wallet_id
            return ledger.owed(act.session, wallet)

    def drifts(self) -> list[ledger.Drift]:
        with self.acting() as act:
            more = [awards_check.awards, checking.deductions]
            return list(ledger.verify(act.session, more=more))

    def change(self, resident_id: int, **facts: Any) -> None:
        with self.acting() as act:
            person = act.session.get_one(Resident, resident_id)
            for name, value in facts.items():
                setattr(person, name, value)


@pytest.fixture
def desk(acting: Acting, clock: FakeClock) -> Desk:
    return Desk(acting, clock)
