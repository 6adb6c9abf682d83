"""A yearly report: who may see it, that somebody asked for it, and the PDF itself, a real one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from workers.database import read, utc_now
from workers.errors import NotAllowed
from workers.shop import parts
from workers.shop.orders import Finish, Order
from workers.shop.parts import Piece
from workers.tables import orders

LISTED_AT_MOST = 500  # of the year's orders, the newest; all of them are counted


def look_whether_allowed(order: Order, key: str | None, finish: Finish) -> None:
    """Write down that this reader may see the report. Raises NotAllowed, and writes nothing, when she may not."""
    if order.card != "good":
        raise NotAllowed("This reader may not see the report, so it is not made. Ask whoever may allow it.")
    parts.keep("permission", order, key, finish, Piece("permission", order.email.encode()))


def note_request(order: Order, key: str | None, finish: Finish) -> None:
    """Write down that a report was asked for, so that it cannot be forgotten."""
    asked = f"{order.email} asks for {utc_now().year}".encode()
    parts.keep("request", order, key, finish, Piece("request", asked))


def build(order: Order, key: str | None, finish: Finish) -> None:
    """Draw the report that was asked for. Raises PartMissing when nobody did."""
    asked = parts.needed(order, "request").decode()
    parts.keep("report", order, key, finish, Piece("report", draw(order.sandbox, asked)))


def draw(sandbox: str, asked: str) -> bytes:
    """The year's orders on as many A4 pages as they need."""
    from fpdf import FPDF  # half a second, which every process would pay before it opens

    count, lines = _orders_of(sandbox, utc_now().year)
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.set_title(asked)
    pdf.set_font("Helvetica", "B", 20)
    pdf.cell(text=f"{count} orders", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=10)
    for line in (asked, *lines):
        pdf.cell(text=line.encode("ascii", "replace").decode(), new_x="LMARGIN", new_y="NEXT", h=6)
    return bytes(pdf.output())


def _orders_of(sandbox: str, year: int) -> tuple[int, list[str]]:
    """How many orders the sandbox has had in a year, and a line for each of the newest."""
    mine = (orders.c.sandbox == sandbox, orders.c.placed_at >= datetime(year, 1, 1, tzinfo=UTC))
    newest = select(orders).where(*mine).order_by(orders.c.number.desc()).limit(LISTED_AT_MOST)
    with read() as db:
        count = int(db.execute(select(func.count()).select_from(orders).where(*mine)).scalar_one())
        return count, [
            f"{row.number}  {row.placed_at:%Y-%m-%d}  {row.trade}  {row.email}" for row in db.execute(newest)
        ]
