"""A list is read whatever it was saved as; anything else is refused by name, unharmed."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from rewards.errors import Refused
from rewards.imports import files
from rewards.imports.columns import Line, Sheet, WrongColumns, read_sheet
from rewards.imports.files import (
    BrokenCsv,
    BrokenWorkbook,
    EmptyFile,
    FileTooLarge,
    NotATable,
    TooManyLines,
    read_rows,
)

RARE = "䶮𬱖㛃"
ROWS = [
    ["姓名", "手机", "楼栋", "备注"],
    ["示例" + RARE, "13800000001", "3号楼", "会“理发”,有空"],
    ["示例乙", "", "", ""],
]
ICON = Path(__file__).parents[2] / "static" / "icons" / "icon-192.png"


def read(content: bytes) -> Sheet:
    return read_sheet(read_rows(content))


def csv_of(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in rows]
    return "\r\n".join(quoted).encode(encoding)


def workbook_of(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, name: str, text: bytes) -> bytes:
    """The workbook with one of its parts put in place of what was there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for member in old.namelist():
            new.writestr(member, text if member == name else old.read(member))
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_each_encoding_with_rare_characters(encoding: str) -> None:
    assert read(csv_of(ROWS, encoding)).lines == [
        Line(2, "示例" + RARE, "13800000001", "3号楼", "会“理发”,有空"),
        Line(3, "示例乙", "", "", ""),
    ]


def test_a_workbook_is_read_and_its_numbers_stay_telephone_numbers() -> None:
    sheet = read(workbook_of([["姓名", "手机"], ["示例" + RARE, 13800000001], ["乙", 13.8e9]]))
    assert [(line.name, line.phone) for line in sheet.lines] == [
        ("示例" + RARE, "13800000001"),
        ("乙", "13800000000"),
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_seen(delimiter: str) -> None:
    text = f"name{delimiter}phone\nSample A{delimiter}13800000001\n"
    assert read(text.encode()).lines == [Line(2, "Sample A", "13800000001", "", "")]


def test_columns_are_found_by_many_names_in_any_order_below_a_title() -> None:
    text = "示例社区居民名单\n\n身份证, 联系电话(必填) ,Full Name,住址\nx,13800000001,甲,1号楼\n"
    sheet = read(text.encode())
    assert sheet.lines == [Line(4, "甲", "13800000001", "1号楼", "")]
    assert sheet.ignored == ["身份证"]


def test_blank_lines_are_left_out_and_short_ones_filled_up() -> None:
    sheet = read("姓名,手机\n\n甲\n , \n乙,13800000002\n".encode())
    assert [(line.number, line.name, line.phone) for line in sheet.lines] == [
        (3, "甲", ""),
        (5, "乙", "13800000002"),
    ]


def test_invisible_characters_and_stray_blanks_go_and_unknown_ones_stay() -> None:
    newer_than_python = "\U0003134f"
    text = f"姓名,手机\n  示\u3000例{newer_than_python} ,\u202d13800000001\u202c\n"
    assert read(text.encode()).lines[0] == Line(
        2, f"示 例{newer_than_python}", "13800000001", "", ""
    )


def test_formulas_are_text_and_are_never_worked_out() -> None:
    attack = '=HYPERLINK("http://example.org","x")'
    assert read(csv_of([["姓名"], ["=1+1"]])).lines[0].name == "=1+1"
    book = openpyxl.Workbook()
    book.active.append(["姓名", "备注"])
    book.active.append(["甲", attack])
    book.active["B2"].data_type = "s"
    assert read(saved(book)).lines[0].note == attack
    # A formula whose result was never stored shows nothing, and so says nothing.
    assert read(workbook_of([["姓名", "备注"], ["甲", "=1+1"]])).lines[0].note == ""


def test_what_an_export_made_inert_is_read_as_it_was() -> None:
    assert read("姓名,备注\n甲,'=x\n".encode()).lines[0].note == "=x"


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.active["A2"] = "甲"
    book.active["XFD1048576"] = "far away"
    return saved(book)


def test_a_cell_at_the_far_corner_costs_nothing() -> None:
    assert read(far_cell()).lines == [Line(2, "甲", "", "", "")]


def zip_bomb() -> bytes:
    sheet = b"<worksheet><sheetData>" + b" " * (40 * 1024 * 1024) + b"</sheetData></worksheet>"
    return repacked(workbook_of([["姓名"], ["甲"]]), "xl/worksheets/sheet1.xml", sheet)


def entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    sheet = (
        f'<!DOCTYPE worksheet [<!ENTITY e0 "dilation">{levels}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
    )
    book = workbook_of([["姓名"], ["甲"]])
    return repacked(book, "xl/worksheets/sheet1.xml", sheet.encode())


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.exe", b"MZ")
    return out.getvalue()


def many_lines(count: int) -> bytes:
    return ("姓名\n" + "甲\n" * count).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], type[Refused]]] = {
    "nothing": (lambda: b"", EmptyFile),
    "blanks": (lambda: b"\xef\xbb\xbf\n \n", EmptyFile),
    "only column names": (lambda: "姓名,手机\n".encode(), EmptyFile),
    "other columns": (lambda: "商品,价格\n肥皂,5\n".encode(), WrongColumns),
    "a list without column names": (lambda: "\n".join(["甲,138"] * 30).encode(), WrongColumns),
    "a picture renamed": (lambda: ICON.read_bytes(), NotATable),
    "a program": (lambda: b"MZ\x90\0" + bytes(200), NotATable),
    "old Excel": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), NotATable),
    "no encoding that we know": (lambda: b"name\n\xff\xff\xff\n", NotATable),
    "UTF-16": (lambda: "姓名\n甲\n".encode("utf-16"), NotATable),
    "an open quotation mark": (lambda: '姓名\n甲\n"乙\n丙\n'.encode(), BrokenCsv),
    "another archive": (other_zip, NotATable),
    "a torn workbook": (lambda: workbook_of([["姓名"]])[:900], BrokenWorkbook),
    "a zip bomb": (zip_bomb, BrokenWorkbook),
    "an entity bomb": (entity_bomb, BrokenWorkbook),
    "one line too many": (lambda: many_lines(10_001), TooManyLines),
    "50,000 lines": (lambda: many_lines(50_000), TooManyLines),
    "many lines of a workbook": (
        lambda: workbook_of([["姓名"], *[["甲"]] * 10_001]),
        TooManyLines,
    ),
    "too many bytes": (lambda: b"a" * (files.LARGEST_FILE + 1), FileTooLarge),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_list_is_refused_by_name(what: str) -> None:
    make, refusal = HOSTILE[what]
    content = make()
    with pytest.raises(refusal):
        read(content)


def test_ten_thousand_lines_are_not_too_many() -> None:
    assert len(read(many_lines(10_000)).lines) == 10_000


def test_wrong_columns_say_what_was_found() -> None:
    with pytest.raises(WrongColumns) as refusal:
        read("商品,价格\n肥皂,5\n".encode())
    assert refusal.value.facts == {"found": "商品、价格"}


def test_a_broken_line_is_named() -> None:
    with pytest.raises(BrokenCsv) as refusal:
        read('姓名\n甲\n"乙\n丙\n'.encode())
    assert refusal.value.facts["line"] >= 3
