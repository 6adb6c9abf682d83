"""The pretended outside world: a mail server that catches, a partner with a webhook, and those who come to the shop."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import logging
import os
import random
import socket
import threading
import time
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Connection, insert
from werkzeug.exceptions import BadRequest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from workers import floods, outages, visitors, visits
from workers.database import begin, utc_now
from workers.drills import customers
from workers.errors import Fenced
from workers.lifeline import die_with_parent
from workers.shop import mail
from workers.shop.effects import fence, first_time
from workers.shop.partner import TOKEN_HEADER
from workers.tables import deliveries, emails, partner_calls

FLAKY = 0.5  # the part of the calls at which a flaky partner fails
log = logging.getLogger("workers.outside")


class Inbox:
    """The mail server's hand: it keeps every message, unless the message has a key that it knows."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if mail.refuses(address):
            return f"550 There is no domain {address.rpartition('@')[2]}"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await asyncio.to_thread(take_mail, envelope.original_content or b"", envelope.rcpt_tos[0])


def take_mail(content: bytes, recipient: str) -> str:
    """Store a caught message, unless a later delivery has written already: that the SMTP reply says."""
    try:
        return keep_mail(content, recipient)
    except Fenced as refused:
        return f"554 {refused}"


def keep_mail(content: bytes, recipient: str) -> str:
    """Store a caught message; the SMTP reply says whether it was known. Raises Fenced."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    sandbox, order = message[mail.SANDBOX_HEADER], message[mail.ORDER_HEADER]
    if not sandbox or not order:
        return "550 This server only takes the shop's own mail"
    row = {"sandbox": sandbox, "order": int(order), "at": utc_now(), "recipient": recipient}
    body = message.get_body(("plain",))
    text = {"subject": message["Subject"], "body": body.get_content() if body else ""}
    key, token = message[mail.KEY_HEADER], message[mail.TOKEN_HEADER]
    with begin() as db:
        if token:
            fence(db, "mail server", sandbox, int(order), int(token))
        if key and not first_time(db, sandbox, f"mail server: {key}"):
            return f"250 {mail.ALREADY_HAVE_IT}"
        db.execute(insert(emails).values(**row, **text, message_id=message["Message-ID"]))
    return "250 Message kept"


@Request.application
def partner(request: Request) -> Response:
    """The partner's server: it writes down each delivery, and honours `Idempotency-Key`."""
    if request.method == "POST" and request.path == "/visitors":
        return _visitors(request)
    if request.method != "POST" or request.path != "/orders":
        return Response("The partner takes POST /orders.", status=404)
    try:
        body: dict[str, Any] = request.get_json()
        row = {"sandbox": body["sandbox"], "order": int(body["order"]), "at": utc_now(), "body": body}
    except (BadRequest, KeyError, TypeError, ValueError):
        return Response("The partner takes JSON with sandbox and order.", status=400)
    if _refuses(str(body["sandbox"])):
        _note_call(row, 503)
        return Response("The partner is in trouble; try again later.", status=503)
    key = request.headers.get("Idempotency-Key")
    token = request.headers.get(TOKEN_HEADER, type=int)
    try:
        new = _keep_delivery(row, key, token)
    except Fenced as refused:
        _note_call(row, 409)
        return Response(json.dumps({"token": token, "highest": refused.highest}), 409, mimetype="application/json")
    return Response(json.dumps({"first_time": new}), mimetype="application/json")


def _note_call(row: dict[str, Any], status: int) -> None:
    """Count a call that was not taken, as those that are."""
    with begin() as db:
        _count_call(db, row, status)


def _count_call(db: Connection, row: dict[str, Any], status: int) -> None:
    db.execute(insert(partner_calls).values(sandbox=row["sandbox"], order=row["order"], at=row["at"], status=status))


def _keep_delivery(row: dict[str, Any], key: str | None, token: int | None) -> bool:
    """Write the delivery down, unless its key is known; whether it was new. Raises Fenced."""
    with begin() as db:
        if token:
            fence(db, "partner", row["sandbox"], row["order"], token)
        _count_call(db, row, 200)
        new = not key or first_time(db, row["sandbox"], f"partner: {key}")
        if new:
            db.execute(insert(deliveries).values(**row, key=key))
    return new


def _visitors(request: Request) -> Response:
    try:
        return Response(json.dumps(visitors.answer(request.get_json())), mimetype="application/json")
    except (BadRequest, KeyError, TypeError, ValueError, ZeroDivisionError):
        return Response("It takes JSON with sandbox, visitors, way and speed.", status=400)


def _refuses(sandbox: str) -> bool:
    """Whether the partner fails at this call; a slow one only takes its time, and the caller waits for it."""
    state, takes_s = outages.partner_of(sandbox)
    time.sleep(takes_s)
    return state == "down" or (state == "flaky" and random.random() < FLAKY)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Deliveries are in the ledger."""


async def _serve(smtp: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Inbox(), hostname="mail.example.com", loop=loop), sock=smtp)
    async with server:
        await asyncio.gather(floods.run_customers(), visits.send_visitors(), customers.run())


def main() -> None:
    """Serve on the two listening sockets that were inherited; they outlive us, so a restart refuses no connection."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    die_with_parent(os.getppid())
    partner_server = make_server(
        "127.0.0.1", 0, partner, threaded=True, fd=int(os.environ["PARTNER_FD"]), request_handler=_Quiet
    )
    threading.Thread(target=partner_server.serve_forever, daemon=True).start()
    asyncio.run(_serve(socket.socket(fileno=int(os.environ["SMTP_FD"]))))


if __name__ == "__main__":
    main()
