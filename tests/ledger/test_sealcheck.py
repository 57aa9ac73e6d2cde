"""The stand-alone verifier: one copied file, in a process without the application."""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from rewards import sealcheck
from rewards.ledger import seals
from rewards.ledger.seals import checkpoints
from tests.conftest import Acting, Database
from tests.ledger import sealed
from tests.ledger.book import Book

pytestmark = pytest.mark.one_database

# What the process may not import, whatever its path says.
ALONE = """\
import runpy, sys
class Closed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"rewards", "merchants", "flask", "sqlalchemy", "wsgi"}:
            raise ImportError(name)
sys.meta_path.insert(0, Closed())
sys.argv[0] = "sealcheck.py"
runpy.run_path("sealcheck.py", run_name="__main__")
"""


@pytest.fixture
def folder(database: Database, acting: Acting, book: Book, tmp_path: Path) -> Path:
    """What somebody has downloaded: two checkpoints, a proof, the way between, key, verifier."""
    sealed.fill(acting, book, 300)
    older = sealed.seal(database)
    sealed.fill(acting, book, 45)
    newer = sealed.seal(database)
    assert older is not None and newer is not None
    kept = tmp_path / "downloads"
    kept.mkdir()
    with Session(database.engine) as session:
        proof = seals.proof(session, newer.through_id - 7)
        consistency = seals.consistency(session, older.size, newer.size)
    (kept / "older.txt").write_text(older.note, encoding="utf-8")
    (kept / "newer.txt").write_text(newer.note, encoding="utf-8")
    (kept / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    (kept / "consistency.json").write_text(json.dumps(consistency), encoding="utf-8")
    (kept / "key.txt").write_text(newer.key + "\n", encoding="utf-8")
    shutil.copy(sealcheck.__file__, kept / "sealcheck.py")
    return kept


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_copy_of_the_file_checks_everything_alone(folder: Path) -> None:
    ran = run(
        folder,
        *("--key", "key.txt", "--checkpoint", "newer.txt", "--proof", "proof.json"),
        *("--older", "older.txt", "--consistency", "consistency.json"),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "Signed by this key: 345 entries of points.example/seals.\n"
        "Its first 300 entries are those of the older checkpoint, unchanged.\n"
        "The entry of the proof is the 338. of them, as it was sealed.\n"
    )


def test_the_module_runs_by_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    key = (folder / "key.txt").read_text().strip()
    monkeypatch.setattr(sys, "argv", ["sealcheck", "--key", key, "--checkpoint", "older.txt"])
    assert sealcheck.main() == 0


Change = Callable[[Path], None]


def changed(name: str, change: Callable[[Any], object]) -> Change:
    def apply(folder: Path) -> None:
        document = json.loads((folder / name).read_text(encoding="utf-8"))
        change(document)
        (folder / name).write_text(json.dumps(document), encoding="utf-8")

    return apply


def replaced(name: str, old: str, new: str) -> Change:
    def apply(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return apply


def entry(**values: object) -> Change:
    return changed("proof.json", lambda document: document["entry"].update(values))


def without(name: str, member: str) -> Change:
    return changed(name, lambda document: document.pop(member))


def other_key(folder: Path) -> None:
    other = checkpoints._signer(b64encode(b"another key, of thirty-two bytes").decode(), "here")
    (folder / "key.txt").write_text(other.vkey(sealed.ORIGIN), encoding="ascii")


def copied(source: str, target: str) -> Change:
    return lambda folder: [shutil.copy(folder / source, folder / target)][0] and None


BAD = [
    (other_key, 4, "OtherKey"),
    (replaced("newer.txt", "\n345\n", "\n346\n"), 4, "OtherKey"),
    (replaced("newer.txt", "points.example", "points.elsewhere"), 4, "OtherKey"),
    (copied("older.txt", "newer.txt"), 5, "OtherTree"),
    (changed("consistency.json", lambda d: d.update(older=299)), 5, "OtherTree"),
    (entry(amount=100_000), 6, "Tampered"),
    (entry(happened="2020-01-01T00:00:00+00:00"), 6, "Tampered"),
    (entry(reason="示例 别的"), 6, "Tampered"),
    (changed("proof.json", lambda d: d.update(index=d["index"] - 1)), 6, "Tampered"),
    (changed("proof.json", lambda d: d.update(index=345)), 6, "Tampered"),
    (changed("proof.json", lambda d: d["hashes"].pop()), 6, "Tampered"),
    (changed("proof.json", lambda d: d["hashes"].append(d["hashes"][0])), 6, "Tampered"),
    (changed("proof.json", lambda d: d["hashes"].reverse()), 6, "Tampered"),
    (changed("consistency.json", lambda d: d["hashes"].pop()), 7, "Inconsistent"),
    (changed("consistency.json", lambda d: d["hashes"].reverse()), 7, "Inconsistent"),
    (changed("consistency.json", lambda d: d["hashes"].clear()), 7, "Inconsistent"),
    (entry(happened="2020-01-01T00:00:00"), 3, "Malformed"),  # no time zone
    (entry(happened="yesterday"), 3, "Malformed"),
    (entry(amount="5"), 3, "Malformed"),
    (entry(amount=2**70), 3, "Malformed"),
    (entry(note="more than was sealed"), 3, "Malformed"),
    (without("proof.json", "salt"), 3, "Malformed"),
    (without("proof.json", "format"), 3, "Malformed"),
    (without("consistency.json", "hashes"), 3, "Malformed"),
    (changed("proof.json", lambda d: d.update(format="e-points proof 2")), 3, "Malformed"),
    (changed("consistency.json", lambda d: d.update(format="other")), 3, "Malformed"),
    (changed("proof.json", lambda d: d.update(hashes=["AAAA"])), 3, "Malformed"),
    (changed("proof.json", lambda d: d.update(index="7")), 3, "Malformed"),
    (copied("newer.txt", "proof.json"), 3, "Malformed"),
    (copied("proof.json", "newer.txt"), 3, "Malformed"),
    (copied("newer.txt", "key.txt"), 3, "Malformed"),
    (lambda folder: (folder / "proof.json").write_text("[" * 100_000), 3, "Malformed"),
    (lambda folder: (folder / "proof.json").write_bytes(b"\xff\xfe"), 3, "Malformed"),
    (lambda folder: (folder / "proof.json").write_text("[]"), 3, "Malformed"),
    (lambda folder: (folder / "newer.txt").unlink(), 3, "Malformed"),
    (lambda folder: (folder / "newer.txt").write_text(""), 3, "Malformed"),
]


def test_each_mistake_has_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (
        *("--key", "key.txt", "--checkpoint", "newer.txt", "--proof", "proof.json"),
        *("--older", "older.txt", "--consistency", "consistency.json"),
    )
    monkeypatch.setattr(sys, "argv", ["sealcheck", *arguments])
    for number, (change, code, name) in enumerate(BAD):
        spoilt = folder.with_name(f"spoilt-{number}")
        shutil.copytree(folder, spoilt)
        change(spoilt)
        monkeypatch.chdir(spoilt)
        assert sealcheck.main() == code, number
        said = capsys.readouterr().err
        assert said.startswith(f"{name}: ") and said.endswith(".\n"), number


def test_an_older_checkpoint_needs_the_way_from_it(folder: Path) -> None:
    ran = run(folder, "--key", "key.txt", "--checkpoint", "newer.txt", "--older", "older.txt")
    assert ran.returncode == 2 and "belong together" in ran.stderr
