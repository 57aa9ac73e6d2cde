"""The benchmark refuses to measure commits that no disk sees, and its table is whole."""

import sqlite3
import statistics
from pathlib import Path

import psycopg
import pytest

from bench import ground
from bench.__main__ import turns
from bench.table import FIGURES, KEYS, RATIOS, UNITS, drawn

MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/vdb /mnt/two\\040words xfs rw 0 0
tmpfs /srv tmpfs rw 0 0
/dev/vdc /srv ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/tmp/a", "ext4"),
        ("/dev/shm", "tmpfs"),
        ("/dev/shm/a/b", "tmpfs"),
        ("/dev/shmall", "ext4"),
        ("/mnt/two words/a", "xfs"),
        ("/srv/a", "ext4"),
    ],
)
def test_filesystem_is_the_one_mounted_nearest(folder: str, kind: str) -> None:
    assert ground.filesystem(Path(folder), MOUNTS) == kind


def test_memory_is_refused_by_name() -> None:
    with pytest.raises(ground.NotDurable, match="tmpfs"):
        ground.check_disk(Path("/dev/shm"), "tmpfs")


def test_postgresql_that_does_not_wait_for_its_disk_is_refused(
    postgres_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(f"host={postgres_folder} user=postgres", autocommit=True) as connection:
        with pytest.raises(ground.NotDurable, match="fsync is off"):
            ground.check_postgresql(connection)
        # All else is as a fresh server has it, but for the disk that it is on.
        monkeypatch.setitem(ground.POSTGRESQL, "fsync", "off")
        monkeypatch.setattr(ground, "IN_MEMORY", set())
        ground.check_postgresql(connection)
        connection.execute("SET synchronous_commit = off")
        with pytest.raises(ground.NotDurable, match="synchronous_commit is off"):
            ground.check_postgresql(connection)


@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "synchronous=OFF", "journal_mode=DELETE"])
def test_sqlite_that_does_not_wait_for_its_disk_is_refused(pragma: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    ground.check_sqlite(connection)
    connection.execute(f"PRAGMA {pragma}")
    with pytest.raises(ground.NotDurable, match=pragma.partition("=")[0]):
        ground.check_sqlite(connection)
    connection.close()


def test_every_ratio_is_made_of_figures_that_a_stage_takes() -> None:
    assert KEYS == (
        "ledger_pgbench", "hot_merchant", "sealing", "http_pgbench", "http_hello", "http_p99_ms",
        "sqlite_http", "bulk_copy", "read_scale", "replay", "bytes_transfer", "verify_sha",
        "evaluate_hand", "preview",
    )  # fmt: skip
    assert {name for ratio in RATIOS for name in ratio.figures} == set(UNITS)
    assert len(UNITS) == sum(len(figures) for figures in FIGURES.values())


def test_a_ratio_is_of_medians_and_judged_by_its_bounds() -> None:
    [ratio] = [r for r in RATIOS if r.key == "hot_merchant"]
    rounds = {"ledger_hot": [90.0, 10.0, 80.0], "ledger": [100.0, 100.0, 900.0]}
    value = ratio.value(rounds)
    assert value == statistics.median([90, 10, 80]) / 100
    assert [ratio.judged(v) for v in (0.84, 0.85, 0.95)] == ["below", "ok", "aim"]
    [slow] = [r for r in RATIOS if r.key == "http_p99_ms"]
    assert [slow.judged(v) for v in (61, 60, 20)] == ["below", "ok", "aim"]
    assert "ledger_hot 80.00/s ÷ ledger 100/s" in drawn([ratio], rounds)


def test_what_stands_beside_is_taken_after_the_pairs_had_their_turns() -> None:
    taken = list(turns(2, ["t", "alone", "ledger"], {"alone", None}))
    assert taken == [(1, "t"), (1, "ledger"), (2, "t"), (2, "ledger"), (1, "alone"), (2, "alone")]
