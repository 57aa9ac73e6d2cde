"""Codes are read however they come, and misread ones are found out."""

import pytest

from rewards import cards
from rewards.cards.codes import ALPHABET

CODE = "0123456789ABCDE" + cards.check_character("0123456789ABCDE")


@pytest.mark.parametrize(
    "scanned",
    [
        CODE,
        CODE.lower(),
        f"  {CODE[:4]} {CODE[4:8]}-{CODE[8:12]} {CODE[12:]}\n",
        CODE.replace("0", "O").replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) for c in CODE),  # full width, from a Chinese input method
        f"https://points.example/c/{CODE}",
        f"HTTP://127.0.0.1:8000/C/{CODE.lower()}/",
    ],
)
def test_a_code_is_read_however_it_comes(scanned: str) -> None:
    assert cards.read_code(scanned) == CODE


@pytest.mark.parametrize(
    "scanned",
    [
        "",
        "hello",
        CODE[:15],
        CODE + "0",
        f"https://points.example/pay/{CODE}",
        f"javascript://x/c/{CODE}",
        "https://example.com/",
        "6901028075862",  # the bar code of a packet
        "'; DROP TABLE card; --",
        "一二三四五六七八九十一二三四五六",
    ],
)
def test_anything_else_is_not_a_card(scanned: str) -> None:
    with pytest.raises(cards.NotACard):
        cards.read_code(scanned)


def test_one_wrong_character_or_two_neighbours_swapped_are_found_out() -> None:
    wrong = {CODE[:i] + c + CODE[i + 1 :] for i in range(16) for c in ALPHABET if c != CODE[i]}
    wrong |= {
        CODE[:i] + CODE[i + 1] + CODE[i] + CODE[i + 2 :]
        for i in range(14)
        if CODE[i] != CODE[i + 1]
    }
    for code in wrong:
        with pytest.raises(cards.NotACard):
            cards.read_code(code)


def test_new_codes_are_well_formed_and_differ() -> None:
    codes = {cards.new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(cards.read_code(code) == code for code in codes)
