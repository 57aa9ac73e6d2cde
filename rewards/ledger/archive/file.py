"""The archive's file: gzip'd lines of JSON that prove themselves, without any database.

The first line is the header: what stretch of the log this is, the signed checkpoint that it is
part of, the key, and the hashes of the branches beside it. Then comes a line for each transfer:
its ``entry``, its ``salt``, and what it changed each lot by (``lots``: id, last day, change).
The last line has the number of entries and the SHA-256 of all the lines before.
"""

import gzip
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from rewards import sealcheck
from rewards.ledger.archive.refusals import BadArchive, TruncatedArchive, UnprovenArchive
from rewards.ledger.seals import tree

FORMAT = "e-points archive 1"
LONGEST_LINE = 1 << 24

Line = dict[str, Any]


@dataclass(frozen=True)
class Header:
    """What the file holds and what proves it; ``beside`` are hashes in base64."""

    first_id: int
    last_id: int
    first_leaf: int
    last_leaf: int
    made_at: str
    checkpoint: str
    key: str
    beside: list[str]
    format: str = FORMAT


@dataclass
class Contents:
    """What was found in a file that proved itself."""

    header: Header
    statement: sealcheck.Statement
    sha256: str
    entries: int = 0
    leaves: list[bytes] = field(default_factory=list, repr=False)
    accounts: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    lots: dict[int, int] = field(default_factory=dict)
    recorded: str = ""

    def add(self, line: Line) -> None:
        """Count one transfer."""
        entry = line["entry"]
        self.leaves.append(leaf(line))
        for account_id, change in ((entry["credit"], 1), (entry["debit"], -1)):
            self.accounts[account_id] = self.accounts.get(account_id, 0) + change * entry["amount"]
            self.moved[account_id] = self.moved.get(account_id, 0) + 1
        for lot_id, _, change in line["lots"]:
            self.lots[lot_id] = self.lots.get(lot_id, 0) + change
        self.recorded = entry["recorded"]
        self.entries += 1


def leaf(line: Line) -> bytes:
    """The leaf that a line's entry is in the log, as a stand-alone verifier makes it."""
    sealed = sealcheck.entry_bytes(line["entry"], b64decode(line["salt"], validate=True))
    return tree.leaf_hash(sealed)


def write(path: Path, header: Header, lines: Iterable[Line]) -> None:
    """Write the file under another name, and give it its own once all of it is on the disk."""
    part = path.with_name(path.name + ".part")
    digest, count = sha256(), 0
    with part.open("wb") as disk:
        # Without the name and the hour the same entries make the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=disk, mtime=0) as packed:
            for line in _with_header(header, lines):
                data = _line(line)
                digest.update(data)
                packed.write(data)
                count += 1
            packed.write(_line({"entries": count - 1, "sha256": digest.hexdigest()}))
        disk.flush()
        os.fsync(disk.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(
    path: Path, outside: str | None = None, progress: Callable[[int], None] = lambda done: None
) -> Contents:
    """Read all of the file and let it prove itself; *outside* is a checkpoint kept elsewhere.

    Raises:
        BadArchive, TruncatedArchive, UnprovenArchive: which it is, and why.
    """
    try:
        with path.open("rb") as disk:
            name = sha256()
            while part := disk.read(1 << 20):
                name.update(part)
        with gzip.open(path, "rb") as packed:
            contents = _read(packed, name.hexdigest(), progress)
    except EOFError:
        raise TruncatedArchive from None
    except (OSError, zlib.error, *sealcheck.UNFIT, RecursionError) as error:
        raise BadArchive(why=str(error)) from None
    except sealcheck.Failed as failure:
        raise UnprovenArchive(why=str(failure)) from None
    _prove(contents, outside)
    return contents


def _read(packed: gzip.GzipFile, name: str, progress: Callable[[int], None]) -> Contents:
    digest = sha256()
    lines = _lines(packed)
    first = next(lines, None)
    if first is None:
        raise TruncatedArchive
    header = Header(**json.loads(first))
    if header.format != FORMAT:
        raise BadArchive(why=f"its format is {header.format!r}")
    digest.update(first)
    statement = sealcheck.open_checkpoint(header.checkpoint, header.key)
    contents = Contents(header, statement, name)
    for data in lines:
        line = json.loads(data)
        if "entry" not in line:
            if line != {"entries": contents.entries, "sha256": digest.hexdigest()}:
                raise BadArchive(why="its lines don't come to the digest in its last one")
            if next(lines, None) is not None:
                raise BadArchive(why="something follows its last line")
            return contents
        digest.update(data)
        contents.add(line)
        progress(contents.entries)
    raise TruncatedArchive


def _prove(contents: Contents, outside: str | None) -> None:
    """See that the leaves are the stretch that the header says, in the tree that was signed."""
    header, statement = contents.header, contents.statement
    if contents.entries != header.last_leaf - header.first_leaf + 1:
        raise UnprovenArchive(why="their number is another than the header says")
    if not 0 <= header.first_leaf <= header.last_leaf < statement.size:
        raise UnprovenArchive(why="the checkpoint is of fewer entries")
    try:
        others = [b64decode(h, validate=True) for h in header.beside]
        root = tree.joined(header.first_leaf, contents.leaves, statement.size, others)
    except ValueError as error:
        raise UnprovenArchive(why=str(error)) from None
    if root != statement.root:
        raise UnprovenArchive(why="they don't lead to the signed root")
    if outside is not None:
        _agree(statement, outside, header.key)


def _agree(statement: sealcheck.Statement, outside: str, key: str) -> None:
    """See that the checkpoint in the file is the one that was kept elsewhere."""
    try:
        meant = sealcheck.open_checkpoint(outside, key)
    except sealcheck.Failed as failure:
        raise UnprovenArchive(why=str(failure)) from None
    if meant != statement:
        raise UnprovenArchive(
            why=f"they are proved for the checkpoint of {statement.size} entries, "
            f"not for that of {meant.size}"
        )


def _with_header(header: Header, lines: Iterable[Line]) -> Iterator[Line]:
    yield asdict(header)
    yield from lines


def _line(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _lines(packed: gzip.GzipFile) -> Iterator[bytes]:
    while data := packed.readline(LONGEST_LINE):
        if not data.endswith(b"\n"):
            raise TruncatedArchive
        yield data


def encoded(hashes: Iterable[bytes]) -> list[str]:
    return [b64encode(h).decode() for h in hashes]
