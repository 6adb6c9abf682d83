"""The confirmation e-mail, sent over SMTP to the server that catches it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from workers.errors import StepUnavailable
from workers.settings import current
from workers.shop import effects
from workers.shop.orders import Order

SANDBOX_HEADER, ORDER_HEADER, KEY_HEADER = "X-Sandbox", "X-Order", "X-Idempotency-Key"
ALREADY_HAVE_IT = "already have it"


def send_confirmation(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Send the mail; the receiver may honour the key and have this one already. Raises StepUnavailable."""
    host, _, port = current().smtp_address.rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=10) as smtp:
            smtp.ehlo_or_helo_if_needed()
            smtp.mail("shop@example.com")
            smtp.rcpt(order.email)
            code, reply = smtp.data(confirmation(order, key).as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        raise StepUnavailable(f"The mail server did not take the message: {error}") from error
    if code != 250:
        raise StepUnavailable(f"The mail server answered {code}: {reply.decode(errors='replace')}")
    effects.happened_outside(finish, first_time=ALREADY_HAVE_IT not in reply.decode(errors="replace"))


def confirmation(order: Order, key: str | None) -> EmailMessage:
    """The message itself; its headers tell the catching server whose inbox it belongs to."""
    message = EmailMessage()
    message["From"], message["To"] = "The tea shop <shop@example.com>", order.email
    message["Subject"] = f"Your order {order.number} is confirmed"
    message["Message-ID"] = f"<order-confirmation-{order.number}@{order.sandbox}.example.com>"
    message[SANDBOX_HEADER], message[ORDER_HEADER] = order.sandbox, str(order.number)
    if key:
        message[KEY_HEADER] = key
    lines = "\n".join(f"  {line.quantity} x {line.name}" for line in order.lines)
    message.set_content(f"Thank you for your order {order.number}.\n\n{lines}\n\nTotal: {order.cents / 100:.2f} EUR\n")
    return message
