"""How many processes serve: by the setting, by the machine, and one on SQLite unless told."""

import os
from pathlib import Path

import pytest

from rewards.settings import MOST_WORKERS, Settings, SettingsError

POSTGRESQL = "postgresql://somewhere/points"


def workers(folder: Path, given: str, database_url: str) -> int:
    environment = {"INSTANCE": str(folder), "DATABASE_URL": database_url, "WORKERS": given}
    return Settings.read(environment, folder).workers


def test_each_processor_has_its_process_on_postgresql_by_default(tmp_path: Path) -> None:
    assert workers(tmp_path, "", POSTGRESQL) == min(os.cpu_count() or 1, MOST_WORKERS)
    assert workers(tmp_path, "3", POSTGRESQL) == 3
    assert workers(tmp_path, "", "") == 1
    assert workers(tmp_path, "2", "") == 2


@pytest.mark.parametrize(
    ("given", "database_url"), [("0", ""), ("0", POSTGRESQL), ("65", POSTGRESQL), ("x", POSTGRESQL)]
)
def test_other_numbers_are_refused(tmp_path: Path, given: str, database_url: str) -> None:
    with pytest.raises(SettingsError, match="WORKERS"):
        workers(tmp_path, given, database_url)
