"""CSV files, as Excel opens them rightly and can't be made to run anything."""

import csv
import io
from collections.abc import Iterable

# A cell that begins so is taken for a formula by every spreadsheet program.
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: str) -> str:
    """*cell*, with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_RISKY) else cell


def bared(cell: str) -> str:
    """What was *cell* before :func:`inert`, so that an export can be read in again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RISKY) else cell


def csv_file(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV file in UTF-8 with a mark, without which Excel would guess the encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([inert(str(cell)) for cell in header])
    for row in rows:
        # A number is written as it is: -5 is no formula.
        writer.writerow([cell if isinstance(cell, int) else inert(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
