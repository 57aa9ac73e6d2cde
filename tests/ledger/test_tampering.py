"""Whoever owns the database can't change history unnoticed: each crime once, under two covers.

``make prove`` commits each in many variants under every cover, on a larger ledger.
"""

from random import Random

import pytest

from rewards.ledger.seals import tiles
from tests.conftest import Database
from tests.prove.tampering import CRIMES, investigate
from tests.prove.tampering.covering import cook_the_books, seal_again_with_the_same_key
from tests.prove.tampering.victim import victim

SEED = 20261121
COVERS = (cook_the_books, seal_again_with_the_same_key)


def test_tampering_is_found_by_a_checkpoint_kept_outside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)
    wronged = victim(database, Random(SEED), transfers=60)
    counts = investigate(wronged, SEED, variants=[0], report=print, covers=COVERS)
    assert counts.failures == []
    assert counts.count == counts.details["found"] == len(CRIMES) * len(COVERS)
