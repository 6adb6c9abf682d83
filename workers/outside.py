"""The pretended outside world: a mail server that catches, a partner with a webhook, and the customers of a flood."""

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
from sqlalchemy import insert
from werkzeug.exceptions import BadRequest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from workers import floods, outages
from workers.database import begin, utc_now
from workers.lifeline import die_with_parent
from workers.shop import mail
from workers.shop.effects import first_time
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
        return await asyncio.to_thread(keep_mail, envelope.original_content or b"", envelope.rcpt_tos[0])


def keep_mail(content: bytes, recipient: str) -> str:
    """Store a caught message; the SMTP reply says whether it was known."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    sandbox, order = message[mail.SANDBOX_HEADER], message[mail.ORDER_HEADER]
    if not sandbox or not order:
        return "550 This server only takes the shop's own mail"
    row = {"sandbox": sandbox, "order": int(order), "at": utc_now(), "recipient": recipient}
    body = message.get_body(("plain",))
    text = {"subject": message["Subject"], "body": body.get_content() if body else ""}
    key = message[mail.KEY_HEADER]
    with begin() as db:
        if key and not first_time(db, sandbox, f"mail server: {key}"):
            return f"250 {mail.ALREADY_HAVE_IT}"
        db.execute(insert(emails).values(**row, **text, message_id=message["Message-ID"]))
    return "250 Message kept"


@Request.application
def partner(request: Request) -> Response:
    """The partner's server: it writes down each delivery, and honours `Idempotency-Key`."""
    if request.method != "POST" or request.path != "/orders":
        return Response("The partner takes POST /orders.", status=404)
    try:
        body: dict[str, Any] = request.get_json()
        row = {"sandbox": body["sandbox"], "order": int(body["order"]), "at": utc_now(), "body": body}
    except (BadRequest, KeyError, TypeError, ValueError):
        return Response("The partner takes JSON with sandbox and order.", status=400)
    call = {"sandbox": row["sandbox"], "order": row["order"], "at": row["at"]}
    refused = _refuses(str(body["sandbox"]))
    key = request.headers.get("Idempotency-Key")
    with begin() as db:
        db.execute(insert(partner_calls).values(**call, status=503 if refused else 200))
        new = not refused and (not key or first_time(db, body["sandbox"], f"partner: {key}"))
        if new:
            db.execute(insert(deliveries).values(**row, key=key))
    if refused:
        return Response("The partner is in trouble; try again later.", status=503)
    return Response(json.dumps({"first_time": new}), mimetype="application/json")


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
        await floods.run_customers()


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
