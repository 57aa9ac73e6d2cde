"""The hash tree against RFC 6962's definition, word by word, and its published vectors."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import sealcheck
from rewards.ledger.seals import tree
from rewards.sealcheck import Statement

# The leaves and roots that implementations of Certificate Transparency are tested with.
LEAVES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(entries: list[bytes]) -> bytes:
    """Section 2.1, as it is written."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def hashes(count: int) -> list[bytes]:
    return [tree.leaf_hash(b"%d" % i) for i in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots(size: int) -> None:
    leaves = [tree.leaf_hash(entry) for entry in LEAVES[:size]]
    assert tree.root(leaves).hex() == ROOTS[size - 1]
    growing = tree.Growing()
    for leaf in leaves:
        growing.add(leaf)
    assert growing.root() == tree.root(leaves)


def test_the_empty_tree() -> None:
    assert tree.root([]) == tree.Growing().root() == mth([])


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_root_is_the_definitions(entries: list[bytes]) -> None:
    assert tree.root([tree.leaf_hash(entry) for entry in entries]) == mth(entries)


def leads(leaf: bytes, index: int, path: list[bytes], statement: Statement) -> bool:
    return sealcheck._climbed(leaf, index, statement.size - 1, path)[1] == statement.root


@given(st.integers(1, 300), st.data())
def test_every_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = hashes(size)
    index = data.draw(st.integers(0, size - 1))
    statement = Statement("log", size, tree.root(leaves))
    path = tree.inclusion(index, size, tree.of(leaves))
    assert leads(leaves[index], index, path, statement)
    assert not leads(tree.leaf_hash(b"other"), index, path, statement)
    assert not leads(leaves[index], index, [*path, leaves[0]], statement)
    if path:
        assert not leads(leaves[index], index, path[:-1], statement)
    if size > 1:
        elsewhere = (index + 1) % size
        assert not leads(leaves[index], elsewhere, path, statement)


@given(st.integers(1, 300), st.data())
def test_every_beginning_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = hashes(size)
    older = data.draw(st.integers(1, size))
    first = Statement("log", older, tree.root(leaves[:older]))
    last = Statement("log", size, tree.root(leaves))
    path = tree.consistency(older, size, tree.of(leaves))
    assert sealcheck._grew(first, last, path)
    changed = [*leaves[: older - 1], tree.leaf_hash(b"other")]
    assert not sealcheck._grew(first._replace(root=tree.root(changed)), last, path)
    if path:
        assert not sealcheck._grew(first, last, path[:-1])
        assert not sealcheck._grew(first, last, [*path[:-1], leaves[0] + b""[:0]][::-1])
    if older < size:
        assert not sealcheck._grew(last, first, path)


@pytest.mark.parametrize("index, size", [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_of_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        tree.inclusion(index, size, tree.of(hashes(size)))


@pytest.mark.parametrize("older", [0, 3])
def test_nothing_and_all_of_a_tree_are_its_beginning_without_proof(older: int) -> None:
    assert tree.consistency(older, 3, tree.of(hashes(3))) == []


@pytest.mark.parametrize("older, newer", [(4, 3), (-1, 3)])
def test_a_larger_tree_is_no_beginning(older: int, newer: int) -> None:
    with pytest.raises(ValueError, match="can't be the beginning"):
        tree.consistency(older, newer, tree.of(hashes(newer)))
