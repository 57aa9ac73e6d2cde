"""Reading the file: CSV in three encodings, or XLSX; anything else is refused by name.

The file is hostile until proven otherwise: a picture under another name, a workbook of a
few kilobytes that unpacks to gigabytes, one cell at the far corner of a sheet. Workbooks
are read as a stream, row by row, because readers that lay a sheet out in memory can be
made to ask for half a terabyte by that one cell.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from unicodedata import category

from rewards.errors import N_, Refused

LARGEST_FILE = 10 * 1024 * 1024
MOST_LINES = 10_000
# A sheet's own limit; a workbook that claims more rows isn't followed.
_LAST_ROW = 1_048_576
_MOST_COLUMNS = 50
_LARGEST_UNPACKED = 32 * 1024 * 1024

Rows = Iterator[list[str]]


class FileTooLarge(Refused):
    """More bytes than a list of residents can need."""

    code = "file_too_large"
    status = 413
    message = N_("The file is larger than %(limit)s MB. Split it, or leave out what isn't needed.")


class TooManyLines(Refused):
    """More lines than one check page can be looked through."""

    code = "too_many_lines"
    status = 422
    message = N_("The file has more than %(limit)s lines. Split it into smaller files.")


class EmptyFile(Refused):
    """No bytes, or no line below the header."""

    code = "empty_file"
    status = 422
    message = N_("The file has no residents in it. Put one on each line below the column names.")


class NotATable(Refused):
    """Neither CSV text nor an XLSX workbook, whatever its name says."""

    code = "not_a_table"
    status = 422
    message = N_("This isn't a CSV or XLSX file. Save the list in one of these formats.")


class BrokenCsv(Refused):
    """A quotation mark that is never closed swallows every line after it."""

    code = "broken_csv"
    status = 422
    message = N_("The file can't be read near line %(line)s: a quotation mark isn't closed there.")


class BrokenWorkbook(Refused):
    """A workbook that is damaged, locked by a password, or made to do harm."""

    code = "broken_workbook"
    status = 422
    message = N_(
        "This workbook is damaged, locked or unreasonably large inside. Open it, and save it "
        "as a new XLSX or CSV file without a password."
    )


def read_rows(content: bytes) -> Rows:
    """The file's rows as cells of plain text, rows and cells as a spreadsheet counts them.

    Raises:
        FileTooLarge, EmptyFile, NotATable, BrokenCsv, BrokenWorkbook: the first two at once,
        the others also while rows are drawn.
    """
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(limit=LARGEST_FILE // 1024 // 1024)
    if not content.strip():
        raise EmptyFile
    return _workbook(content) if content.startswith(b"PK\x03\x04") else _csv(_text(content))


def _text(content: bytes) -> str:
    """The text of a CSV file: UTF-8 with or without a mark, else GB18030 (and so GBK)."""
    if b"\0" in content:
        raise NotATable
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable


def _csv(text: str) -> Rows:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [tidy(cell) for cell in row[:_MOST_COLUMNS]]
    except csv.Error:
        raise BrokenCsv(line=reader.line_num) from None


def _workbook(content: bytes) -> Rows:
    """The first sheet's rows. Formulas are never worked out: a cell is what it last showed."""
    import openpyxl  # slow to load, and most days nobody imports

    _check_unpacked_size(content)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS, values_only=True)
        for row in rows:
            # A sheet may go on for a million blank rows.
            yield [tidy(_shown(cell)) for cell in row] if any(row) else []
    except Exception as error:
        # The reader meets hostile files with whatever its parsers happen to raise.
        raise BrokenWorkbook from error


def _check_unpacked_size(content: bytes) -> None:
    """Refuse a zip bomb by unpacking it piece by piece: its own list of sizes may lie."""
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "[Content_Types].xml" not in archive.namelist():
                raise NotATable
            for member in archive.infolist():
                with archive.open(member) as stream:
                    while piece := stream.read(1024 * 1024):
                        unpacked += len(piece)
                        if unpacked > _LARGEST_UNPACKED:
                            raise BrokenWorkbook
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        raise BrokenWorkbook from error


def _shown(cell: Any) -> str:
    """A workbook's cell as text: a telephone number kept as a number has no decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell)


def tidy(cell: str) -> str:
    """*cell* with each run of blanks made one, without control and formatting characters.

    What is merely unknown to this Python stays: rare characters in names are newer than it.
    """
    return "".join(c for c in " ".join(cell.split()) if category(c) not in {"Cc", "Cf"})
