"""The PDF receipt, a real one."""

from __future__ import annotations

import ctypes

from sqlalchemy import select

from workers.database import read
from workers.shop import effects
from workers.shop.orders import Finish, Order
from workers.tables import receipts

DEADLY = "@segfault.example"  # addresses there are the death of the native code that draws them


def make_receipt(order: Order, key: str | None, finish: Finish, *, with_native_code: bool = False) -> None:
    """Draw the receipt and keep it."""
    if with_native_code and order.email.lower().endswith(DEADLY):
        ctypes.string_at(0)  # reads where nothing is: the process ends with SIGSEGV, and no `except` ever runs
    effects.write(receipts, order, key, {"pdf": draw(order)}, finish=finish)


def draw(order: Order) -> bytes:
    """One A4 page: number, customer, lines, total."""
    from fpdf import FPDF  # half a second, which every process would pay before it opens

    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.set_title(f"Receipt {order.number}")
    pdf.set_font("Helvetica", "B", 20)
    pdf.cell(text=f"Receipt for order {order.number}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=12)
    pdf.cell(text=f"Customer: {order.email.encode('ascii', 'replace').decode()}", new_x="LMARGIN", new_y="NEXT", h=12)
    for line in order.lines:
        amount = line.quantity * line.cents / 100
        pdf.cell(text=f"{line.quantity} x {line.name}: {amount:.2f} EUR", new_x="LMARGIN", new_y="NEXT", h=8)
    pdf.set_font("Helvetica", "B", 12)
    pdf.cell(text=f"Total: {order.cents / 100:.2f} EUR", h=12)
    return bytes(pdf.output())


def find(sandbox: str, number: int) -> bytes | None:
    """The newest receipt of an order, or None until a worker has made one."""
    of_order = (receipts.c.sandbox == sandbox, receipts.c.order == number)
    with read() as db:
        chosen = select(receipts.c.pdf).where(*of_order).order_by(receipts.c.id.desc()).limit(1)
        return db.execute(chosen).scalar_one_or_none()
