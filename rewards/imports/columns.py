"""Finding the columns by their names, and the lines below them."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rewards.errors import N_, Refused
from rewards.imports.files import MOST_LINES, EmptyFile, TooManyLines
from rewards.spreadsheet import bared

# A title, a date and a blank row may stand above the column names.
_ROWS_ABOVE = 10

NAMES = {
    "name": ("姓名", "名字", "居民姓名", "居民", "name", "fullname", "resident"),
    "phone": (
        *("手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "移动电话"),
        *("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "telephone", "tel"),
    ),
    "building": (
        *(
            "楼栋",
            "楼号",
            "楼栋号",
            "楼门",
            "地址",
            "住址",
            "家庭住址",
            "家庭地址",
            "门牌",
            "门牌号",
        ),
        *("building", "address"),
    ),
    "note": ("备注", "说明", "note", "notes", "remark", "remarks"),
    "household": ("户号", "家庭", "家庭编号", "户", "household", "family"),
    "tags": ("身份", "身份标签", "标签", "identity", "identities", "tag", "tags"),
}
_MEANING = {name: column for column, names in NAMES.items() for name in names}


class WrongColumns(Refused):
    """No column of names, so that nothing can be known of anybody."""

    code = "wrong_columns"
    status = 422
    message = N_(
        "No column is called 姓名 or name; found: %(found)s. See the sample file for the names."
    )


@dataclass(frozen=True)
class Line:
    """One resident as the file has it; ``number`` is the row that a spreadsheet shows."""

    number: int
    name: str
    phone: str
    building: str
    note: str
    household: str = ""
    tags: str = ""


@dataclass(frozen=True)
class Sheet:
    """The lines, and the names of the columns that meant nothing and weren't read."""

    lines: list[Line]
    ignored: list[str]


def read_sheet(rows: Iterable[Sequence[str]], *, without: Collection[str] = ()) -> Sheet:
    """Find the row of column names, then read each line below it that isn't blank.

    Columns of *without* mean nothing here and aren't read.

    Raises:
        WrongColumns, EmptyFile, TooManyLines: nothing can be imported.
    """
    filled = ((number, row) for number, row in enumerate(rows, start=1) if any(row))
    first: Sequence[str] = ()
    for looked_at, (_, row) in enumerate(filled):
        first = first or row
        places, ignored = _columns(row, without)
        if "name" in places:
            break
        if looked_at >= _ROWS_ABOVE:
            raise WrongColumns(found=_listed(first))
    else:
        raise WrongColumns(found=_listed(first)) if first else EmptyFile
    lines: list[Line] = []
    for number, row in filled:
        if len(lines) == MOST_LINES:
            raise TooManyLines(limit=MOST_LINES)
        lines.append(_line(number, row, places))
    if not lines:
        raise EmptyFile
    return Sheet(lines, ignored)


def _columns(row: Sequence[str], without: Collection[str]) -> tuple[dict[str, int], list[str]]:
    """Where each known column stands, the first of a name counting, and what the others are."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, cell in enumerate(row):
        meaning = _MEANING.get(_bare_name(cell))
        if meaning is not None and meaning not in places and meaning not in without:
            places[meaning] = place
        elif cell:
            ignored.append(cell[:40])
    return places, ignored


def _bare_name(cell: str) -> str:
    """A column's name without case, blanks and what stands in brackets: ``手机号(必填)``."""
    plain = unicodedata.normalize("NFKC", cell).lower()
    return re.sub(r"\(.*?\)|[^\w]|_", "", plain)


def _line(number: int, row: Sequence[str], places: dict[str, int]) -> Line:
    cells = {
        column: bared(row[place]) if place < len(row) else "" for column, place in places.items()
    }
    return Line(number, *(cells.get(column, "") for column in NAMES))


def _listed(row: Sequence[str]) -> str:
    """The first row's cells, to say what was found instead; shortened, it may be anything."""
    return "、".join(cell[:20] for cell in row if cell)[:120]
