"""The cheat sheet as a PDF, from the same data as the page."""

from __future__ import annotations

from functools import cache

from fpdf import FPDF

from lessons.reference import CheatSheet, Part, cheat_sheet, plain

MARGIN, GUTTER, TOP = 12.0, 7.0, 34.0  # mm, on A4
LINE, SMALL = 4.8, 10.2  # mm and points
# The parts of the left column; the others stand in the right one.
LEFT = ("when", "checklist", "backpressure")


@cache
def pdf() -> bytes:
    return draw(cheat_sheet())


def draw(sheet: CheatSheet, compressed: bool = True) -> bytes:
    """One A4 page in two columns."""
    page = FPDF(format="A4")
    page.core_fonts_encoding = "cp1252"  # for quotation marks and dashes
    page.set_compression(compressed)
    page.set_auto_page_break(False)
    page.set_title(f"{sheet.title} · Ticketwheel")
    page.set_lang("en-GB")
    page.c_margin = 0
    page.add_page()
    _head(page, sheet)
    width = (page.w - 2 * MARGIN - GUTTER) / 2
    left, right = ([part for part in sheet.sections if (part.id in LEFT) is side] for side in (True, False))
    for parts, x in ((left, MARGIN), (right, MARGIN + width + GUTTER)):
        page.set_y(TOP)
        for part in parts:
            _part(page, part, x, width)
    return bytes(page.output())


def _head(page: FPDF, sheet: CheatSheet) -> None:
    _write(page, plain(sheet.title), MARGIN, page.w - 2 * MARGIN, ("Times", "B", 24), 12, y=MARGIN - 2)
    _write(page, plain(sheet.lead), MARGIN, page.w - 2 * MARGIN, ("Helvetica", "", 10.5), 5)
    page.line(MARGIN, TOP - 3.5, page.w - MARGIN, TOP - 3.5)


def _part(page: FPDF, part: Part, x: float, width: float) -> None:
    _write(page, plain(part.title), x, width, ("Times", "B", 15), 8)
    if part.lead:
        _write(page, plain(part.lead), x, width, ("Helvetica", "I", SMALL), LINE)
        page.set_y(page.get_y() + 1)
    for item in part.items:
        _item(page, item.term, item.text, x, width)
    page.set_y(page.get_y() + 4.5)


def _item(page: FPDF, term: str, text: str, x: float, width: float) -> None:
    """A box to tick or a word in bold, and the text beside it."""
    y = page.get_y()
    if not term:
        page.rect(x, y + 1, 2.6, 2.6)
    said = f"**{plain(term)}:** {plain(text)}" if term else plain(text)
    indent = 0 if term else 5
    _write(page, said, x + indent, width - indent, ("Helvetica", "", SMALL), LINE)
    page.set_y(page.get_y() + 1.1)


def _write(
    page: FPDF, text: str, x: float, width: float, font: tuple[str, str, float], line: float, y: float | None = None
) -> None:
    page.set_font(*font)
    page.set_xy(x, page.get_y() if y is None else y)
    page.multi_cell(width, line, text, align="L", markdown=True, padding=0, new_x="LMARGIN", new_y="NEXT")
