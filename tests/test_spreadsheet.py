"""An exported file opens rightly in Excel and runs nothing there."""

import csv

import pytest

from rewards.spreadsheet import bared, csv_file, inert


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_is_made_text(cell: str) -> None:
    assert inert(cell) == f"'{cell}"
    assert bared(inert(cell)) == cell


@pytest.mark.parametrize("cell", ["", "示例居民", "'quoted'", "1-2", "3号楼=东"])
def test_anything_else_is_left_alone(cell: str) -> None:
    assert inert(cell) == cell and bared(cell) == cell


def test_a_file_has_the_mark_and_plain_numbers() -> None:
    content = csv_file(["姓名", "积分"], [["=甲", -5], ["乙,丙", 7]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(content.decode("utf-8-sig").splitlines())) == [
        ["姓名", "积分"],
        ["'=甲", "-5"],
        ["乙,丙", "7"],
    ]
