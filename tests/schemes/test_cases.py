"""The published schemes, and rules like theirs, beside results that were computed by hand."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from rewards.schemes.document import parse
from rewards.schemes.evaluate import Engine
from rewards.schemes.facts import Deed, Kind
from rewards.schemes.presets import KEYS, preset
from rewards.schemes.rules import Provenance
from rewards.schemes.scheme import Scheme

FOLDER = Path(__file__).parent / "cases"
TABLES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FOLDER.glob("*.yaml")}
CASES = [
    pytest.param(table, case["deeds"], id=f"{name}: {case['case']}")
    for name, table in sorted(TABLES.items())
    for case in table["cases"]
]


def scheme_of(table: dict) -> Scheme:
    told = table["scheme"]
    return preset(told).scheme if isinstance(told, str) else parse(told)


def deed_of(row: dict, zone: str) -> Deed:
    wall = datetime.fromisoformat(row["at"]).replace(fold=row.get("fold", 0))
    return Deed(
        kind=Kind(row.get("kind", "service")),
        resident_id=row.get("who", 1),
        began_at=wall.replace(tzinfo=ZoneInfo(zone)),
        timezone=zone,
        minutes=row.get("minutes", 0),
        fen=row.get("fen", 0),
        items=row.get("items", 0),
        household=row.get("household", ""),
        event_id=row.get("event"),
        class_=row.get("class"),
        grade=row.get("grade"),
        level=row.get("level"),
        tags=frozenset(row.get("tags", ())),
        provenance=Provenance(row["provenance"]) if "provenance" in row else None,
        complaint=row.get("complaint", False),
    )


@pytest.mark.parametrize(("table", "rows"), CASES)
def test_the_engine_computes_what_was_computed_by_hand(table, rows):
    engine = Engine(scheme_of(table))
    tally = engine.tally()
    for number, row in enumerate(rows, start=1):
        deed = deed_of(row, table.get("zone", "Asia/Shanghai"))
        outcome = engine.evaluate(deed, tally)
        tally.add(outcome.entries)
        assert outcome.points == row["points"], f"deed {number}"
        if "lines" in row:
            assert {line.rule.key: line.points for line in outcome.lines} == row["lines"]
        if "cuts" in row:
            cuts = [cut.cap.window for line in outcome.lines for cut in line.cuts]
            assert cuts == row["cuts"], f"deed {number}"
        if "lasts" in row:
            earned = deed.began_at.astimezone(ZoneInfo(deed.timezone)).date()
            assert engine.last_day(outcome, earned) == row["lasts"]


def test_every_preset_has_its_table():
    assert set(KEYS) <= set(TABLES)
    assert len(CASES) >= 60
