"""Twilio and the mail server are away: customers book as ever, and what was promised leaves when these are back."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import create_app
from app.config import TwilioAccount
from app.portal import portal
from app.worker import make_worker
from notifications.models import Message
from tests.doubles.mail_server import running_mail_server
from tests.doubles.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, running_twilio
from tests.page import PageBrowser
from tests.web.customers import a_household, book


@pytest.fixture
def nobody_there() -> str:
    """A port of this machine at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"127.0.0.1:{port}"


def an_app(settings, *, twilio_url: str, mail_url: str):
    account = TwilioAccount(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, sender=NUMBER, api_url=twilio_url)
    return create_app(
        replace(settings, sms_provider="twilio", twilio=account, mail_url=mail_url, quiet_hours=None)
    )


def deliver(app) -> None:
    """One round of a worker."""
    with app.app_context():
        make_worker(portal()).run_once()


def messages(database, kind: str) -> list[Message]:
    with database.sessions.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def test_a_booking_is_kept_and_told_when_the_providers_are_back(settings, clock, database, nobody_there):
    away = an_app(settings, twilio_url=f"http://{nobody_there}", mail_url=f"smtp://{nobody_there}")
    household = a_household(away, database)

    booked = book(PageBrowser(away.test_client()), household)
    deliver(away)

    waiting = messages(database, "confirmation")
    assert booked.name == "booked"
    assert {(message.channel, message.state, message.attempts) for message in waiting} == {
        ("sms", "waiting", 1),
        ("email", "waiting", 1),
    }
    for message in waiting:
        assert message.error
        assert not any(known in message.error for known in (message.to, message.body))
    assert PageBrowser(away.test_client()).get(household.href).name == "booked"

    clock.shift(timedelta(minutes=5))
    with running_twilio() as twilio, running_mail_server() as mailbox:
        deliver(an_app(settings, twilio_url=twilio.url, mail_url=mailbox.url))
        assert len(twilio.accepted) == 1

    assert {message.state for message in messages(database, "confirmation")} == {"sent"}
