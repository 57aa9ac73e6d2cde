"""Sealing: what is settled becomes leaves, once, in order, and stays provable."""

import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from rewards import bulk, ledger, sealcheck
from rewards.ledger import seals
from rewards.ledger.seals import checkpoints, entries, sealing, tiles, tree
from rewards.ledger.seals.model import Checkpoint, SealedSum, SealLog, SealTile
from tests.conftest import START, Acting, Database
from tests.ledger import sealed
from tests.ledger.book import Book

THROUGH = 2**62

SALT = "3eb0627bc8fc8b7c3130a40a65fc2230"
LEAF = "476687c907e9b13593292d91d45778d2ce789d45bc46aafffa49b365d301d64f"


def leaves_now(database: Database) -> list[bytes]:
    """Every leaf, made from the transfers alone."""
    with Session(database.engine) as session:
        rows = entries.read_packed(session.connection(), 0, THROUGH, 1_000_000)
        return entries.leaf_hashes(rows, session.get_one(SealLog, 1).salt_key)


def checked(database: Database, transfer_id: int) -> sealcheck.Statement:
    """What the stand-alone verifier reads from a transfer's proof; it raises if it fails."""
    with Session(database.engine) as session:
        document = seals.proof(session, transfer_id)
    vkey = sealed.signer().vkey(sealed.ORIGIN)
    statement = sealcheck.open_checkpoint(document["checkpoint"], vkey)
    sealcheck.check_proof(document, statement, vkey)
    return statement


def transfer_ids(database: Database) -> list[int]:
    with Session(database.engine) as session:
        return list(session.scalars(select(ledger.Transfer.id).order_by(ledger.Transfer.id)))


def test_nothing_is_sealed_of_an_empty_ledger(database: Database, book: Book) -> None:
    assert sealed.seal(database) is None


def test_a_checkpoint_is_the_root_of_all_transfers(database: Database, book: Book) -> None:
    book.accrue(100)
    spent = book.redeem(40).result()["id"]
    book.give_back(spent, 10)
    made = sealed.seal(database)
    assert made is not None and made.size == 3
    assert made.root == tree.root(leaves_now(database))
    for transfer_id in transfer_ids(database):
        assert checked(database, transfer_id).size == 3
    assert sealed.seal(database) is None, "nothing new, no new checkpoint"


def test_full_tiles_are_stored_and_prove_every_checkpoint(
    database: Database, acting: Acting, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)
    monkeypatch.setattr(sealing, "BATCH", 8)
    sizes = [3, 1, 12, 1, 50, 7]  # up to 74 leaves: tiles on three levels
    made = []
    for count in sizes:
        sealed.fill(acting, book, count)
        made.append(sealed.seal(database))
    leaves = leaves_now(database)
    assert [m.size for m in made if m] == [3, 4, 16, 17, 67, 74]
    assert all(m and m.root == tree.root(leaves[: m.size]) for m in made)
    with Session(database.engine) as session:
        levels = session.execute(
            select(SealTile.level, func.count()).group_by(SealTile.level).order_by(SealTile.level)
        ).all()
        assert [tuple(row) for row in levels] == [(0, 18), (1, 4), (2, 1)]
        vkey = sealed.signer().vkey(sealed.ORIGIN)
        for older in made:
            for newer in made:
                if older and newer and older.size <= newer.size:
                    sealcheck.check_consistency(
                        seals.consistency(session, older.size, newer.size),
                        sealcheck.open_checkpoint(older.note, vkey),
                        sealcheck.open_checkpoint(newer.note, vkey),
                    )
    for transfer_id in transfer_ids(database)[::3]:
        assert checked(database, transfer_id).size == 74


def test_tiles_of_256(database: Database, acting: Acting, book: Book) -> None:
    """The real width once: two full tiles, a tail, and then a third."""
    told: list[int] = []
    sealed.fill(acting, book, 600)
    first = seals.seal(database.engine, sealed.signer(), sealed.ORIGIN, lambda: START, told.append)
    sealed.fill(acting, book, 200)
    second = sealed.seal(database)
    leaves = leaves_now(database)
    assert first is not None and first.root == tree.root(leaves[:600])
    assert second is not None and second.root == tree.root(leaves)
    assert sum(told) == 600
    with Session(database.engine) as session:
        assert tiles.last(session)[0] == 3
    for transfer_id in transfer_ids(database)[::97]:
        checked(database, transfer_id)


def test_a_killed_run_is_gone_on_from(
    database: Database, acting: Acting, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 256)
    sealed.fill(acting, book, 600)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), monkeypatch.context() as patch:
        patch.setattr(sealing, "_fill", _stopping_after_one_tile(sealing._fill))
        sealed.seal(database)
    with Session(database.engine) as session:
        assert tiles.last(session)[0] == 1
    made = sealed.seal(database)
    assert made is not None and made.root == tree.root(leaves_now(database))


def _stopping_after_one_tile(fill):
    def filling(engine, log, previous, through, progress):
        told = []

        def stop(count: int) -> None:
            told.append(count)
            if len(told) == 2:
                raise KeyboardInterrupt

        return fill(engine, log, previous, through, stop)

    return filling


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE transfer SET amount = amount + 1 WHERE id = :id",
        "UPDATE transfer SET recorded_at = happened_at, happened_at = '2020-01-01 00:00:00.000000'"
        " WHERE id = :id",
        "DELETE FROM transfer WHERE id = :id",
    ],
)
def test_nothing_is_sealed_upon_what_was_changed(
    database: Database, acting: Acting, book: Book, change: str
) -> None:
    sealed.fill(acting, book, 5)
    sealed.seal(database)
    sealed.fill(acting, book, 5)
    owner(database, change, id=transfer_ids(database)[1])
    with pytest.raises(seals.SealBroken):
        sealed.seal(database)
    with Session(database.engine) as session:
        assert session.scalar(select(func.count()).select_from(Checkpoint)) == 1


def owner(database: Database, statement: str, **values: object) -> None:
    """Do as whoever owns the database can: without its triggers."""
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
            for name in list(names):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def test_a_changed_entry_in_a_tile_has_no_proof(
    database: Database, acting: Acting, book: Book
) -> None:
    sealed.fill(acting, book, 260)
    sealed.seal(database)
    victim = transfer_ids(database)[7]
    owner(database, "UPDATE transfer SET amount = 5000 WHERE id = :id", id=victim)
    with Session(database.engine) as session, pytest.raises(seals.SealBroken):
        seals.proof(session, victim)


def test_a_lost_tile_is_noticed(database: Database, acting: Acting, book: Book) -> None:
    sealed.fill(acting, book, 520)
    sealed.seal(database)
    owner(database, "DELETE FROM seal_tile WHERE number = 1")
    sealed.fill(acting, book, 1)
    with pytest.raises(seals.SealBroken):
        sealed.seal(database)


@pytest.mark.postgresql_only  # SQLite has one writer: ids are in the order of commits
def test_only_what_is_settled_is_sealed(database: Database, acting: Acting, book: Book) -> None:
    """An id that was taken before may still appear; what comes after it waits for it."""
    book.accrue(5)
    with acting() as act:
        slow = ledger.once(act, "slow", "1", {}, _accruing(book))
        book.accrue(7)  # a later id, committed earlier
        with pytest.raises(seals.NotSettled):
            sealing.settled(database.engine, patience=0.1)
        waiting = threading.Timer(0.1, act.session.commit)
        waiting.start()
        made = sealed.seal(database)
        waiting.join()
    assert made is not None and made.size == 3
    checked(database, slow.result()["id"])


@pytest.mark.postgresql_only  # SQLite has one writer: ids are in the order of commits
def test_an_id_that_was_only_drawn_is_waited_for(
    database: Database, acting: Acting, book: Book
) -> None:
    """Whoever draws ids ahead of its first write has a transaction number all the same."""
    book.accrue(5)  # a sequence writes to the log only every so often; not the next time
    with acting() as act:
        bulk.next_ids(act.session, {"transfer": 1})
        book.accrue(7)
        with pytest.raises(seals.NotSettled):
            sealing.settled(database.engine, patience=0.1)


@pytest.mark.postgresql_only  # SQLite has one writer: ids are in the order of commits
def test_a_batch_that_claimed_is_waited_for(database: Database, acting: Acting, book: Book) -> None:
    """Its ids are drawn with its claims, long before it writes."""
    book.accrue(5)
    with acting() as act:
        claim = ledger.Claim.of(act.actor, "batch", "1", {})
        with bulk.writing(act.session) as writer:
            ledger.Batch(writer, act.now, [claim], "transfer")
        book.accrue(7)
        with pytest.raises(seals.NotSettled):
            sealing.settled(database.engine, patience=0.1)


def _accruing(book: Book):
    def work(op: ledger.Operation):
        wallet = ledger.open_account(op.session, ledger.WALLET, "another", 1).id
        accrual = ledger.Accrual(wallet, 3, ledger.NEVER, "slow", op.now)
        return {"id": ledger.accrue(op, book.issuer, [accrual])[0]}

    return work


def test_two_processes_seal_once(database: Database, acting: Acting, book: Book) -> None:
    sealed.fill(acting, book, 300)
    stored = sealing._store

    def overtaken(*args: object) -> None:
        sealing._store = stored
        sealed.seal(database)
        stored(*args)  # type: ignore[arg-type]

    sealing._store = overtaken
    try:
        with pytest.raises(seals.SealedMeanwhile):
            sealed.seal(database)
    finally:
        sealing._store = stored
    with Session(database.engine) as session:
        assert [c.size for c in session.scalars(select(Checkpoint))] == [300]


def test_balances_without_a_floor_are_the_sealed_sum_and_the_tail(
    database: Database, acting: Acting, book: Book
) -> None:
    def balances() -> tuple[int, int]:
        with acting() as act:
            return ledger.posted(act.session, book.shop), ledger.posted(act.session, book.issuer)

    book.accrue(100)
    book.redeem(30)
    assert balances() == (30, -100)
    sealed.seal(database)
    assert balances() == (30, -100)
    book.accrue(50)
    sealed.seal(database)
    spent = book.redeem(20).result()["id"]
    book.give_back(spent, 5)
    assert balances() == (45, -150)
    sealed.seal(database)
    assert balances() == (45, -150)
    with acting() as act:
        rows = act.session.execute(
            select(SealedSum.account_id, SealedSum.total).order_by(SealedSum.through_id)
        ).all()
    assert [r.total for r in rows if r.account_id == book.shop] == [30, 45]
    assert [r.total for r in rows if r.account_id == book.issuer] == [-100, -150]
    assert {r.account_id for r in rows} == {book.shop, book.issuer}, "wallets have their own row"


@pytest.mark.parametrize("table", ["seal_log", "seal_tile", "seal_checkpoint", "sealed_sum"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_was_sealed_is_frozen(
    database: Database, acting: Acting, book: Book, table: str, verb: str
) -> None:
    sealed.fill(acting, book, 256)
    sealed.seal(database)
    column = {"seal_log": "origin", "sealed_sum": "total"}.get(table, "through_id")
    with database.engine.begin() as connection, pytest.raises(Exception, match="never changed"):
        connection.execute(text(verb.format(table, column, column)))


def test_an_entry_is_the_same_on_both_databases(
    database: Database, acting: Acting, book: Book
) -> None:
    """Fixed bytes: what was sealed once must be read the same for ever."""
    row = (1, 2, "accrual", 3, 4, 500, 0, 1763686800000001, 1763686800999999, "示例")
    salt_key = bytes(32)
    [leaf] = entries.leaf_hashes([entries.packed(row)], salt_key)
    assert entries.salt_of(1, salt_key).hex() == SALT
    assert leaf.hex() == LEAF
    shown = dict(entries.Entry(*row)._asdict())
    shown["happened"] = "2025-11-21T01:00:00.000001+00:00"
    shown["recorded"] = "2025-11-21T01:00:00.999999+00:00"
    shown["reverses"] = None
    bytes_ = sealcheck.entry_bytes(shown, entries.salt_of(1, salt_key))
    assert tree.leaf_hash(bytes_) == leaf
    book.accrue(5)
    with Session(database.engine) as session:
        [read] = entries.read(session.connection(), 0, THROUGH, 10)
        transfer = session.get_one(ledger.Transfer, read[0])
        assert read[7] == read[8] == transfer.recorded_at.timestamp() * 1_000_000
        assert tuple(read[2:6]) == ("accrual", book.issuer, book.wallet, 5)
        assert read[9] == "work"
        assert entries.read_packed(session.connection(), 0, THROUGH, 10) == [entries.packed(read)]


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path) -> None:
    kept = tmp_path / "seal-key"
    first = checkpoints.signer(None, kept)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert checkpoints.signer(None, kept).vkey("log") == first.vkey("log")
    assert [path.name for path in tmp_path.iterdir()] == ["seal-key"]
    assert checkpoints.signer(sealed.KEY, kept).vkey("log") != first.vkey("log")


@pytest.mark.parametrize("text_", ["", "not base64!", "c2hvcnQ="])
def test_a_bad_key_is_named(tmp_path, text_: str) -> None:
    kept = tmp_path / "seal-key"
    kept.write_text(text_)
    with pytest.raises(checkpoints.BadKey, match="seal-key must be 32 random bytes"):
        checkpoints.signer(None, kept)


def test_a_note_is_signed_as_others_sign_it() -> None:
    """The example of golang.org/x/mod/sumdb/note, key and all."""
    peter = checkpoints._signer("gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=", "the example")
    assert peter.vkey("PeterNeumann") == (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )
    quote = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    assert peter.note("PeterNeumann", quote) == quote + (
        "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv"
        "qfqdngotpRZb6KE6RyyBwJnAM=\n"
    )


@pytest.mark.parametrize(
    "address, origin",
    [
        ("https://points.example.cn", "points.example.cn/seals"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000/seals"),
        ("https://example.cn/points/", "example.cn/points/seals"),
    ],
)
def test_the_logs_name_is_its_address(address: str, origin: str) -> None:
    assert seals.origin_of(address) == origin
