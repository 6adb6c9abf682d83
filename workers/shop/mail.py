"""The confirmation e-mail, sent over SMTP to the server that catches it."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage

from workers.errors import Fenced, StepUnavailable
from workers.settings import current
from workers.shop import effects
from workers.shop.orders import Finish, Order

SANDBOX_HEADER, ORDER_HEADER, KEY_HEADER = "X-Sandbox", "X-Order", "X-Idempotency-Key"
ALREADY_HAVE_IT = "already have it"
TOKEN_HEADER = "X-Fencing-Token"
FENCED = re.compile(r"has seen delivery (\d+)")  # in the reply to a mail with too low a token
NOWHERE = ".invalid"  # RFC 2606: no domain below it exists, so every mail server refuses it


def send_confirmation(order: Order, key: str | None, finish: Finish) -> None:
    """Send the mail; the receiver may honour the key and have this one already. Raises StepUnavailable and Fenced."""
    host, _, port = current().smtp_address.rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=10) as smtp:
            smtp.ehlo_or_helo_if_needed()
            _must_be(250, smtp.mail("shop@example.com"))
            _must_be(250, smtp.rcpt(order.email))
            reply = _must_be(250, smtp.data(confirmation(order, key).as_bytes()))
    except smtplib.SMTPResponseException as error:
        raise _refusal(order, error) from error
    except TimeoutError as error:
        raise StepUnavailable("The mail server did not answer in time.", "time-out") from error
    except (OSError, smtplib.SMTPException) as error:
        raise StepUnavailable(f"The mail server did not take the message: {error}", "mail server is away") from error
    effects.happened_outside(finish, first_time=ALREADY_HAVE_IT not in reply.decode(errors="replace"))


def refuses(address: str) -> bool:
    """Whether a mail server takes no mail for this address, whenever it is asked."""
    return address.lower().endswith(NOWHERE)


def confirmation(order: Order, key: str | None) -> EmailMessage:
    """The message itself; its headers tell the catching server whose inbox it belongs to."""
    message = EmailMessage()
    message["From"], message["To"] = "The tea shop <shop@example.com>", order.email
    message["Subject"] = f"Your order {order.number} is confirmed"
    message["Message-ID"] = f"<order-confirmation-{order.number}@{order.sandbox}.example.com>"
    message[SANDBOX_HEADER], message[ORDER_HEADER] = order.sandbox, str(order.number)
    if key:
        message[KEY_HEADER] = key
    if order.token:
        message[TOKEN_HEADER] = str(order.token)
    lines = "\n".join(f"  {line.quantity} x {line.name}" for line in order.lines)
    message.set_content(f"Thank you for your order {order.number}.\n\n{lines}\n\nTotal: {order.cents / 100:.2f} EUR\n")
    return message


def _must_be(wanted: int, answer: tuple[int, bytes]) -> bytes:
    code, reply = answer
    if code != wanted:
        raise smtplib.SMTPResponseException(code, reply)
    return reply


def _refusal(order: Order, error: smtplib.SMTPResponseException) -> StepUnavailable | Fenced:
    code, reply = error.smtp_code, error.smtp_error
    said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    if order.token and (found := FENCED.search(said)):
        return Fenced("mail server", order.token, int(found[1]))
    return StepUnavailable(f"The mail server answered {code}: {said}", f"mail server answered {code}")
