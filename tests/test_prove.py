"""What the proofs' figures are made of: shares add up to the whole, and nothing counts twice."""

from typing import Any

from tests.prove import Share, Size
from tests.prove.__main__ import add
from tests.prove.job import Job


def entry(seed: int, share: str, commit: str = "a", failures: tuple[str, ...] = ()) -> Any:
    return {
        "commit": commit,
        "seed": seed,
        "share": share,
        "of": "runs",
        "count": 10,
        "details": {"steps": 500},
        "failures": [*failures],
        "seconds": 1.5,
    }


def test_the_shares_of_a_proof_are_all_of_it_and_each_does_something_else() -> None:
    shares = [Share(number, 3).among(range(10)) for number in (1, 2, 3)]
    assert sorted(n for share in shares for n in share) == list(range(10))


def test_figures_of_shares_seeds_and_commits_add_up_and_a_repeat_counts_once() -> None:
    kinds: dict[str, Any] = {}
    here, there = (Job("model", engine, Size.FULL, 1) for engine in ("sqlite", "postgresql"))
    add(kinds, here, entry(1, "1/2"))
    add(kinds, here, entry(1, "2/2"))
    add(kinds, here, entry(2, "1/2", commit="b"))
    add(kinds, there, entry(1, "1/2"))
    add(kinds, here, entry(1, "1/2", failures=("the second time",)))
    kept = kinds["model"]["engines"]["sqlite"]
    assert (kept["count"], kept["details"], kept["seconds"]) == (30, {"steps": 1500}, 4.5)
    assert (kept["seeds"], kept["commits"], len(kept["runs"])) == ([1, 2], ["a", "b"], 3)
    assert kinds["model"]["count"] == 40
    assert kinds["model"]["failures"] == kept["failures"] == 1
