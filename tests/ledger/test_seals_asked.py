"""What is asked of the seals beside their proofs: lists, and what can't be proven."""

import pytest
from sqlalchemy.orm import Session

from rewards.errors import NotFound
from rewards.ledger import seals
from rewards.ledger.seals import checkpoints, listing, proofs, sealing, sums, tiles, tree
from tests.conftest import START, Acting, Database
from tests.ledger import sealed
from tests.ledger.book import Book
from tests.ledger.test_seals import owner


def test_checkpoints_are_listed_by_pages_the_newest_first(
    database: Database, acting: Acting, book: Book
) -> None:
    for _ in range(5):
        sealed.fill(acting, book, 2)
        sealed.seal(database)
    with Session(database.engine) as session:
        pages, before = [], None
        while True:
            rows, before = listing.listed(session, before=before, size=2)
            pages.append([row.size for row in rows])
            if before is None:
                break
        assert pages == [[10, 8], [6, 4], [2]]
        whole, more = listing.listed(session, size=5)
        assert (len(whole), more) == (5, None)
        assert listing.load(session, 6).size == 6
        with pytest.raises(NotFound):
            listing.load(session, 7)


def test_what_is_not_sealed_has_no_proof_yet(
    database: Database, acting: Acting, book: Book
) -> None:
    first = book.accrue(5)
    with Session(database.engine) as session:
        assert not proofs.sealed(session, first)
        with pytest.raises(seals.NotSealedYet):
            seals.proof(session, first)
        with pytest.raises(NotFound):
            seals.proof(session, 999_999)
    sealed.seal(database)
    second = book.accrue(5)
    with Session(database.engine) as session:
        assert proofs.sealed(session, first) and not proofs.sealed(session, second)
        with pytest.raises(seals.NotSealedYet):
            seals.proof(session, second)


def test_only_checkpoints_that_are_there_are_compared(
    database: Database, acting: Acting, book: Book
) -> None:
    with Session(database.engine) as session, pytest.raises(NotFound):
        seals.consistency(session, 1, 1)
    for count in (3, 4):
        sealed.fill(acting, book, count)
        sealed.seal(database)
    with Session(database.engine) as session:
        assert seals.consistency(session, 3, 7)["hashes"]
        for older, newer in ((7, 3), (3, 8), (2, 7)):
            with pytest.raises(NotFound):
                seals.consistency(session, older, newer)


def test_what_was_changed_proves_nothing(database: Database, acting: Acting, book: Book) -> None:
    for count in (3, 4):
        sealed.fill(acting, book, count)
        sealed.seal(database)
    owner(database, "UPDATE transfer SET amount = amount + 1 WHERE id = 6")
    with Session(database.engine) as session:
        with pytest.raises(seals.SealBroken):
            seals.consistency(session, 3, 7)
        with pytest.raises(seals.SealBroken):
            seals.proof(session, 1)


def test_whoever_seals_second_yields(database: Database, acting: Acting, book: Book) -> None:
    signs = sealed.signer()

    class Slow:
        """Somebody else seals while it signs."""

        def vkey(self, origin: str) -> str:
            return signs.vkey(origin)

        def note(self, origin: str, body: str) -> str:
            sealed.seal(database)
            return signs.note(origin, body)

    sealed.fill(acting, book, 3)
    with pytest.raises(sealing.SealedMeanwhile):
        seals.seal(database.engine, Slow(), sealed.ORIGIN, lambda: START)  # type: ignore[arg-type]
    with Session(database.engine) as session:
        assert [row.size for row in listing.listed(session)[0]] == [3]


def test_nothing_that_moved_carries_nothing(database: Database) -> None:
    with Session(database.engine) as session:
        sums.carry(session, {}, 5)
        assert sums.total(session, 1) == 0


def test_leaves_that_fill_no_tile_are_not_kept(database: Database) -> None:
    with Session(database.engine) as session:
        tiles.store(session, 0, [bytes(32)] * 3, [1, 2, 3])
        assert tiles.last(session) == (0, 0)


@pytest.mark.parametrize(("others", "why"), [([], "missing"), ([bytes(32)] * 3, "more branches")])
def test_a_stretch_needs_exactly_the_branches_beside_it(others: list[bytes], why: str) -> None:
    leaves = [tree.leaf_hash(bytes([i])) for i in range(4)]
    with pytest.raises(ValueError, match=why):
        tree.joined(1, leaves[1:3], 4, others)
    beside = [leaves[0], leaves[3]]
    assert tree.joined(1, leaves[1:3], 4, beside) == tree.root(leaves)


def test_a_checkpoint_from_outside_is_read_or_refused(
    database: Database, acting: Acting, book: Book
) -> None:
    sealed.fill(acting, book, 3)
    made = sealed.seal(database)
    assert made is not None
    assert checkpoints.opened(made.note, made.key).size == 3
    with pytest.raises(checkpoints.BadCheckpoint):
        checkpoints.opened(made.note.replace("\n3\n", "\n4\n"), made.key)


def test_of_two_who_make_the_key_one_makes_it(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "key"
    usual = checkpoints.os.link

    def late(fresh, path) -> None:
        path.write_text(sealed.KEY + "\n")
        usual(fresh, path)

    monkeypatch.setattr(checkpoints.os, "link", late)
    made = checkpoints.signer(None, kept)
    assert made.vkey(sealed.ORIGIN) == sealed.signer().vkey(sealed.ORIGIN)
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
