"""What a form takes, without a server: the same rules for JSON, which is strict, and for forms, which are text."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses, parseaddr
from queue import SimpleQueue
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lessons import requests
from lessons.fault_forms import CrashForm
from lessons.load_forms import FloodForm
from lessons.problems import Invalid
from lessons.requests import EMAIL, Form, NothingForm, OrderForm
from lessons.settings_form import SettingsForm
from tests.product import free_port
from workers.shop.mail import confirmation
from workers.shop.orders import Order

emails = st.from_regex(EMAIL, fullmatch=True).filter(lambda email: len(email) <= 100)
shop = Flask(__name__)


def sent(form: type[Form], **as_text: str) -> dict[str, Any]:
    """The fields that were sent, as a form's text becomes values."""
    with shop.test_request_context(method="POST", data=as_text):
        return requests.read(form).model_dump(exclude_unset=True)


def refused(form: type[Form], **as_json: Any) -> dict[str, Any]:
    """What the errors of a JSON body say, by field."""
    with shop.test_request_context(method="POST", json=as_json), pytest.raises(Invalid) as caught:
        requests.read(form)
    return {error["field"]: error for error in caught.value.fields}


def test_a_forms_text_becomes_numbers() -> None:
    assert sent(SettingsForm, workers="3", speed="0.5") == {"workers": 3, "speed": 0.5}
    assert sent(FloodForm, per_second="20", seconds="1") == {"per_second": 20, "seconds": 1}


def test_json_must_say_numbers_as_numbers() -> None:
    assert set(refused(SettingsForm, workers="3", speed="0.5")) == {"workers", "speed"}


def test_only_what_was_sent_is_changed() -> None:
    assert sent(SettingsForm) == {}
    assert sent(SettingsForm, speed="10") == {"speed": 10}


def test_the_csrf_token_is_not_a_field() -> None:
    assert sent(NothingForm, csrf_token="anything") == {}


def test_an_unknown_field_is_told_the_known_ones() -> None:
    assert refused(CrashForm, who="me")["who"]["allowed"] == {"fields": ["victim", "at"]}


def test_a_wrong_value_is_told_the_allowed_ones() -> None:
    wrong = refused(OrderForm, checkout="maybe", card=1)

    assert wrong["checkout"]["allowed"]["enum"] == ["now", "later"]
    assert wrong["card"]["allowed"]["enum"] == ["good", "declined"]
    assert "lunch" not in wrong["checkout"]["problem"]


@given(email=st.text() | st.emails() | st.builds("{}@{}".format, st.text(), st.text()))
def test_an_accepted_address_is_one_plain_address(email: str) -> None:
    try:
        accepted = OrderForm(checkout="now", email=email).email
    except ValueError:
        return
    assert getaddresses([accepted]) == [("", email)]
    assert email.isascii()
    assert not set(email) & set(' \t\r\n\0<>,;:"()[]\\')


@given(email=emails)
def test_the_mail_to_an_accepted_address_names_it_whole(email: str) -> None:
    order = Order("abcdefghjkmnpqrs", 1001, email=email)

    content = confirmation(order, "email:1001").as_bytes()

    assert parseaddr(message_from_bytes(content, policy=default)["To"]) == ("", email)
    assert max(map(len, content.splitlines())) < 998


@given(email=emails)
def test_a_mail_server_takes_every_accepted_address(mail_server: smtplib.SMTP, email: str) -> None:
    assert mail_server.sendmail("shop@example.com", [email], b"Subject: hello\r\n\r\n") == {}

    assert received.get(timeout=5) == [email]


class Hand:
    """A mail server like the product's, which hands on who each message is for."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        received.put(envelope.rcpt_tos)
        return "250 Message kept"


received: SimpleQueue[list[str]] = SimpleQueue()


@pytest.fixture(scope="module")
def mail_server() -> Iterator[smtplib.SMTP]:
    """A connection to a mail server."""
    port = free_port()
    controller = Controller(Hand(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", port) as connection:
            yield connection
    finally:
        controller.stop()
