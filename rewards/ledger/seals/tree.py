"""The hash tree of RFC 6962 (section 2.1): pure functions over hashes, no storage.

A *range* answers the hash of the leaves from ``start`` up to ``end``. Proofs ask for no more
than that, so a small list and a log of millions are proven by the same lines.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

Range = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash over leaf hashes: level by level, an odd one rises as it is."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        paired = [
            sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def split(size: int) -> int:
    """The largest power of two below *size* (2 or more): where a tree parts in two."""
    return 1 << ((size - 1).bit_length() - 1)


def of(leaves: Sequence[bytes]) -> Range:
    """The ranges of a tree that is held in memory."""
    return lambda start, end: root(leaves[start:end])


def inclusion(index: int, size: int, hashes: Range) -> list[bytes]:
    """The hashes that lead from the leaf at *index* to the root of the first *size* leaves.

    Raises:
        ValueError: the leaf isn't in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(hashes(middle, end))
            end = middle
        else:
            path.append(hashes(start, middle))
            start = middle
    return path[::-1]


def consistency(older: int, newer: int, hashes: Range) -> list[bytes]:
    """The hashes that show the first *older* leaves to be unchanged among *newer*.

    Raises:
        ValueError: the older tree is larger.
    """
    if not 0 <= older <= newer:
        raise ValueError(f"a tree of {older} can't be the beginning of one of {newer}")
    if older in (0, newer):
        return []
    path: list[bytes] = []
    start, end = 0, newer
    while older != end:
        middle = start + split(end - start)
        if older <= middle:
            path.append(hashes(middle, end))
            end = middle
        else:
            path.append(hashes(start, middle))
            start = middle
    # A complete part that began at the first leaf is the older root itself, which is known.
    if start > 0:
        path.append(hashes(start, end))
    return path[::-1]


def beside(start: int, end: int, size: int, hashes: Range) -> list[bytes]:
    """The hashes of the branches on both sides of a stretch of leaves, from the left.

    With the leaves themselves they lead to the root of the first *size* leaves: :func:`joined`.
    """
    found: list[bytes] = []

    def walk(first: int, last: int) -> None:
        if last <= start or end <= first:
            found.append(hashes(first, last))
        elif not start <= first < last <= end:
            middle = first + split(last - first)
            walk(first, middle)
            walk(middle, last)

    walk(0, size)
    return found


def joined(start: int, leaves: Sequence[bytes], size: int, others: Sequence[bytes]) -> bytes:
    """The root that a stretch of leaves and the branches beside it come to.

    Raises:
        ValueError: there are too many branches, or too few.
    """
    rest, end = iter(others), start + len(leaves)

    def walk(first: int, last: int) -> bytes:
        if last <= start or end <= first:
            return next(rest)
        if start <= first < last <= end:
            return root(leaves[first - start : last - start])
        middle = first + split(last - first)
        left = walk(first, middle)
        return node_hash(left, walk(middle, last))

    try:
        found = walk(0, size)
    except StopIteration:
        raise ValueError("branches are missing") from None
    if next(rest, None) is not None:
        raise ValueError("there are more branches than the tree has")
    return found


class Growing:
    """A tree that is only added to: it keeps one hash for each bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = sha256(b"\x01" + self._complete.pop() + leaf).digest()
            size >>= 1
        self._complete.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._complete:
            return EMPTY_ROOT
        *lefts, found = self._complete
        for left in reversed(lefts):
            found = node_hash(left, found)
        return found
