"""QR codes as modules, and as an SVG for a page. Printed cards draw the same modules."""

from collections.abc import Iterator
from html import escape

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4  # modules of white on each side, as the standard demands


def modules(text: str) -> list[list[bool]]:
    """The dark modules of *text*'s QR code, row by row, without the quiet zone."""
    # Any mask is valid; a fixed one spares trying all eight, which takes most of the time.
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=3)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def runs(rows: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    """The horizontal runs of dark modules: column, row and length."""
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                yield start, y, x - start
                start = None


def svg(text: str, label: str) -> str:
    """An SVG of *text*'s QR code with its quiet zone, black on white, named *label*."""
    rows = modules(text)
    side = len(rows) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{n}v1h-{n}z" for x, y, n in runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"'
        f' aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
