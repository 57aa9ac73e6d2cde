"""Printed cards and activation slips: A4, ten to a page, to be cut along the marks.

What is printed speaks Chinese, and English for whoever finds a card, whatever language the
desk reads. Measures are in millimetres, sizes of type in points.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rewards.cards import qr

# The PDF library takes longer to load than the service to start: it is loaded to print.
if TYPE_CHECKING:
    from fpdf import FPDF

ROOT = Path(__file__).parent.parent.parent
FONT = ROOT / "rewards" / "fonts" / "NotoSansSC-Regular.ttf"
SEAL = ROOT / "static" / "icons" / "seal.svg"
COLUMNS, ROWS = 2, 5
WIDTH, HEIGHT = 85.6, 54.0  # as a bank card
LEFT, TOP = (210 - COLUMNS * WIDTH) / 2, (297 - ROWS * HEIGHT) / 2
MARGIN = 5.0
QR_SIDE = 30.0  # with its quiet zone

Thing = TypeVar("Thing")

INK, SOFT, MARK = (0, 0, 0), (90, 90, 90), (150, 150, 150)

# The font library tells of each table that it leaves out of a subset.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Face:
    """What one printed card shows."""

    programme: str
    community: str
    name: str
    code: str
    address: str
    helpline: str
    expires_on: date | None


@dataclass(frozen=True)
class Slip:
    """What is handed over beside a card, and thrown away once the PIN is set."""

    programme: str
    name: str
    code_end: str
    activation_code: str
    helpline: str


def card_sheet(faces: Sequence[Face]) -> bytes:
    """The cards as a PDF document, in the order given."""
    pdf = _document("E心益意服务卡")
    for face, x, y in _places(pdf, faces):
        _draw_card(pdf, face, x, y)
    return bytes(pdf.output())


def slip_sheet(slips: Sequence[Slip]) -> bytes:
    """The activation slips as a PDF document, in the order given."""
    pdf = _document("服务卡激活单")
    for slip, x, y in _places(pdf, slips):
        _draw_slip(pdf, slip, x, y)
    return bytes(pdf.output())


def unprintable(text: str) -> set[str]:
    """The characters of *text* that the font can't print."""
    return {c for c in text if not c.isspace() and ord(c) not in _covered()}


@cache
def _covered() -> frozenset[int]:
    from fpdf.fonts import TTFFont

    font = _document("").fonts["noto"]
    assert isinstance(font, TTFFont)
    font.close()
    return frozenset(font.cmap)


def _document(title: str) -> "FPDF":
    from fpdf import FPDF

    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_lang("zh-CN")
    pdf.add_font("Noto", fname=FONT)
    return pdf


def _places(pdf: "FPDF", things: Sequence[Thing]) -> Iterator[tuple[Thing, float, float]]:
    """Each thing with its corner on the page; begins a page, with cut marks, when one is full."""
    for i, thing in enumerate(things):
        place = i % (COLUMNS * ROWS)
        if place == 0:
            pdf.add_page()
            _cut_marks(pdf)
        row, column = divmod(place, COLUMNS)
        yield thing, LEFT + column * WIDTH, TOP + row * HEIGHT


def _cut_marks(pdf: "FPDF") -> None:
    """Lines in the margin at every edge, and small crosses where inner corners meet."""
    pdf.set_draw_color(*MARK)
    pdf.set_line_width(0.15)
    xs = [LEFT + i * WIDTH for i in range(COLUMNS + 1)]
    ys = [TOP + i * HEIGHT for i in range(ROWS + 1)]
    for x in xs:
        pdf.line(x, 4, x, TOP - 2)
        pdf.line(x, ys[-1] + 2, x, 293)
    for y in ys:
        pdf.line(8, y, LEFT - 2, y)
        pdf.line(xs[-1] + 2, y, 202, y)
        for x in xs:
            pdf.line(x - 1.5, y, x + 1.5, y)
            pdf.line(x, y - 1.5, x, y + 1.5)


def _draw_card(pdf: "FPDF", face: Face, x: float, y: float) -> None:
    left, wide = x + MARGIN, WIDTH - 2 * MARGIN
    pdf.image(SEAL, left, y + MARGIN, w=9)
    _write(pdf, "E心益意服务卡", left + 11, y + 9.2, 13, wide - 11, bold=True)
    _write(pdf, face.programme, left + 11, y + 13.4, 7.5, wide - 11, SOFT)
    beside_qr = wide - QR_SIDE + 1
    _write(pdf, face.name, left, y + 24.5, 16, beside_qr, bold=True)
    _write(pdf, face.community, left, y + 30, 8.5, beside_qr)
    if face.expires_on is not None:
        _write(pdf, f"有效期至 {face.expires_on.isoformat()}", left, y + 34.2, 7, beside_qr, SOFT)
    _write(pdf, "卡号", left, y + 39, 6.5, beside_qr, SOFT)
    _write(pdf, _grouped(face.code), left, y + 43.4, 10.5, beside_qr, bold=True)
    _draw_qr(pdf, face.address, x + WIDTH - MARGIN + 2 - QR_SIDE, y + 15)
    _write(pdf, _if_found(face.helpline), left, y + 50, 6.2, wide, SOFT)


def _draw_slip(pdf: "FPDF", slip: Slip, x: float, y: float) -> None:
    left, wide = x + MARGIN, WIDTH - 2 * MARGIN
    _write(pdf, "E心益意服务卡激活单", left, y + 8.5, 11, wide, bold=True)
    _write(pdf, slip.programme, left, y + 12.5, 7, wide, SOFT)
    _write(pdf, slip.name, left, y + 20, 13, 42, bold=True)
    _write(pdf, f"服务卡末四位 {slip.code_end}", left + 44, y + 19.8, 8.5, wide - 44)
    _write(pdf, "激活码", left, y + 28.3, 8.5, 14, SOFT)
    _write(pdf, _grouped(slip.activation_code), left + 14, y + 29, 19, wide - 14, bold=True)
    lines = (
        "1. 用手机扫描服务卡上的二维码。",
        "2. 输入上面的激活码，设置只有您知道的6位数字密码。",
        "3. 设好后本单作废，请撕掉。任何人都不该向您索要密码。",
        "Scan the card's code, type these 8 digits, choose a PIN, tear this up.",
    )
    for i, line in enumerate(lines):
        _write(pdf, line, left, y + 35.3 + 4 * i, 7.5 if i < 3 else 6.5, wide, INK)
    helpline = f"，电话 {slip.helpline}" if slip.helpline else ""
    _write(pdf, f"没有手机也能用卡：请到社区办公室办理{helpline}。", left, y + 51, 6.5, wide, SOFT)


def _if_found(helpline: str) -> str:
    if not helpline:
        return "拾到请交社区办公室，遗失请尽快挂失。If found, hand it to the community office."
    return f"拾到请致电 {helpline}，遗失请尽快挂失。If found or lost, call {helpline}."


def _draw_qr(pdf: "FPDF", address: str, x: float, y: float) -> None:
    """The code's dark modules as one path; the library's own rectangles take four times as long."""
    rows = qr.modules(address)
    side = QR_SIDE / (len(rows) + 2 * qr.QUIET) * pdf.k
    left, top = x * pdf.k + qr.QUIET * side, (pdf.h - y) * pdf.k - qr.QUIET * side
    # A hair of overlap downwards, or some printers leave white between the rows.
    path = " ".join(
        f"{left + column * side:.2f} {top - row * side:.2f} {n * side:.2f} {-side - 0.03:.2f} re"
        for column, row, n in qr.runs(rows)
    )
    pdf.set_fill_color(*INK)
    pdf._out(f"{path} f")


def _write(
    pdf: "FPDF",
    text: str,
    x: float,
    baseline: float,
    size: float,
    wide: float,
    colour: tuple[int, int, int] = INK,
    *,
    bold: bool = False,
) -> None:
    """One line of text, set smaller where it is too long; the font's one weight, thickened."""
    pdf.set_font("Noto", size=size)
    if (length := pdf.get_string_width(text)) > wide:
        size = size * wide / length
        pdf.set_font("Noto", size=size)
    pdf.set_text_color(*colour)
    if not bold:
        pdf.text(x, baseline, text)
        return
    with pdf.local_context(text_mode="FILL_STROKE", line_width=size * 0.02):
        pdf.set_draw_color(*colour)
        pdf.text(x, baseline, text)


def _grouped(code: str) -> str:
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))
