"""Orders: placed, looked at, with their receipt, the inbox and the partner's deliveries."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lessons import access, lab, problems, requests, slots
from workers import history, placing, repeatable
from workers.errors import CardDeclined
from workers.shop import mail, receipts
from workers.shop.orders import Order

routes = Blueprint("orders", __name__, url_prefix="/sandboxes/<sandbox>")
KEY_AT_MOST = 200


@routes.post("/orders")
def place(sandbox: str) -> AnyResponse:
    """Place an order; the answer comes when the customer would see success."""
    access.named(sandbox)
    wanted = _wanted()
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= KEY_AT_MOST and key.isprintable()):
        allowed = {"minLength": 1, "maxLength": KEY_AT_MOST}
        raise problems.Invalid([{"field": "Idempotency-Key", "problem": "is not printable text", "allowed": allowed}])
    if key:
        status, answer = repeatable.once(sandbox, key, wanted, lambda: _place(sandbox, wanted))
    else:
        status, answer = _place(sandbox, wanted)
    return _answered(sandbox, status, answer)


@routes.get("/orders/<int(max=999999999):order>")
def show(sandbox: str, order: int) -> AnyResponse:
    """One order with its nine steps, live."""
    known = _with_links(access.own(sandbox), history.order(sandbox, order))
    if problems.wants_json():
        return jsonify(known)
    return make_response(render_template("orders/show.html", order=known, sandbox_id=sandbox))


@routes.get("/orders/<int(max=999999999):order>/receipt.pdf")
def receipt(sandbox: str, order: int) -> Response:
    """The PDF that a worker made."""
    pdf = receipts.find(access.own(sandbox), order)
    if pdf is None:
        abort(404, "There is no receipt of this order (yet).")
    return Response(pdf, mimetype="application/pdf")


@routes.get("/inbox")
def inbox(sandbox: str) -> AnyResponse:
    """The e-mails that arrived, newest first."""
    emails = history.inbox(access.own(sandbox))
    if problems.wants_json():
        return jsonify(emails)
    return make_response(render_template("orders/inbox.html", emails=emails, sandbox_id=sandbox))


@routes.get("/deliveries")
def deliveries(sandbox: str) -> AnyResponse:
    """What the partner's webhook received, newest first."""
    received = history.received_by_partner(access.own(sandbox))
    if problems.wants_json():
        return jsonify(received)
    return make_response(render_template("orders/deliveries.html", deliveries=received, sandbox_id=sandbox))


def _wanted() -> dict[str, Any]:
    """What is ordered; where the customer waits for her e-mail, there must be a mail server that takes it."""
    wanted = requests.read(requests.OrderForm).model_dump()
    in_request = wanted["checkout"] == "now" or (wanted["later"] is not None and "email" not in wanted["later"])
    if in_request and mail.refuses(wanted["email"]):
        problem = f"ends in {mail.NOWHERE}, which every mail server refuses, while the customer waits for the e-mail"
        allowed = {"pattern": requests.EMAIL, "not": mail.NOWHERE}
        raise problems.Invalid([{"field": "email", "problem": problem, "allowed": allowed}])
    return wanted


def _place(sandbox: str, wanted: dict[str, Any]) -> repeatable.Result:
    """A declined card is an answer like another, so it is kept under the key as well."""
    later = tuple(wanted["later"]) if wanted["later"] is not None else None
    with slots.place(sandbox, wanted["checkout"]):
        try:
            placed = placing.place(Order(sandbox, 0, **(wanted | {"later": later})), g.began)
        except CardDeclined as error:
            return 402, {"detail": str(error)}
    return 201, _with_links(sandbox, history.describe(placed.order, placed.waited_s, placed.happened))


def _answered(sandbox: str, status: int, answer: dict[str, Any]) -> AnyResponse:
    if status == 402:
        return problems.answer(402, "Card declined", answer["detail"], remedy="Try another card.")
    if not problems.wants_json():
        return lab.acted() if problems.by_htmx() else redirect(url_for("race.show"), 303)
    response = jsonify(answer)
    response.status_code, response.headers["Location"] = status, answer["links"]["self"]
    return response


def _with_links(sandbox: str, known: dict[str, Any]) -> dict[str, Any]:
    here = url_for("orders.show", sandbox=sandbox, order=known["id"])
    return known | {"links": {"self": here, "receipt": f"{here}/receipt.pdf"}}
