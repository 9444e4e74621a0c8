"""E-mail to a real SMTP server, and the console that sends nothing."""

import logging
import socket
import threading
from datetime import UTC, datetime

import pytest

from notifications.providers import Outgoing, Permanent, Sent, Transient
from notifications.providers.console import Console
from notifications.providers.smtp import Smtp
from tests.doubles.mail_server import running_mail_server

WRITTEN_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SENDER = "afspraak@warmtehuis-eemland.example"
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:onderhoud \xe2\x82\xac\r\nEND:VCALENDAR\r\n"

MAIL = Outgoing(
    message_id=12,
    channel="email",
    to="zoe@example.org",
    text="Beste Zoë,\n\nWij komen.",
    language="nl",
    written_at=WRITTEN_AT,
    subject="Uw bezoek: €",
    html="<p>Beste Zoë</p>",
    calendar=ICS,
    calendar_method="REQUEST",
)


@pytest.fixture(scope="module")
def running():
    with running_mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(running):
    running.mails.clear()
    running.recipients.clear()
    running.answers, running.breaks_off_at = {}, ""
    return running


def smtp(url, **settings):
    return Smtp(url, sender=SENDER, sender_name="Warmtehuis Eemland", timeout_seconds=2, **settings)


def test_a_mail_has_its_text_its_html_and_the_calendar_twice(mailbox):
    sent = smtp(mailbox.url, reply_to="hallo@example.org").send(MAIL)

    mail = mailbox.mails[0]
    assert mailbox.recipients == ["zoe@example.org"]
    assert mail["From"] == "Warmtehuis Eemland <afspraak@warmtehuis-eemland.example>"
    assert mail["Reply-To"] == "hallo@example.org"
    assert mail["Subject"] == "Uw bezoek: €"
    assert mail["Message-ID"] == sent.provider_id
    assert mail["Date"].datetime == WRITTEN_AT
    assert mail["Content-Language"] == "nl"
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert mail.get_content_type() == "multipart/mixed"
    text, html, calendar, attachment = (part for part in mail.walk() if not part.is_multipart())
    assert "Beste Zoë" in text.get_content()
    assert "<p>Beste Zoë</p>" in html.get_content()
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_payload(decode=True).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r") == ICS
    assert attachment.get_filename() == "visit.ics"
    assert attachment.get_payload(decode=True) == ICS


def test_a_second_attempt_is_the_same_mail(mailbox):
    provider = smtp(mailbox.url)

    assert provider.send(MAIL) == provider.send(MAIL)
    assert mailbox.mails[0]["Date"] == mailbox.mails[1]["Date"]


def test_a_subject_cannot_bring_in_a_header(mailbox):
    with pytest.raises(ValueError, match=r"linefeed|newline|Header"):
        smtp(mailbox.url).send(
            Outgoing(1, "email", "a@example.org", "x", "nl", WRITTEN_AT, subject="a\r\nBcc: b@example.org")
        )

    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("rcpt", "550 no such user zoe@example.org", Permanent),
        ("rcpt", "450 try later", Transient),
        ("data", "554 spam", Permanent),
        ("data", "451 local trouble", Transient),
    ],
)
def test_a_refusal_for_good_is_told_from_one_for_now(mailbox, step, answer, expected):
    mailbox.answers = {step: answer}

    with pytest.raises(expected) as refused:
        smtp(mailbox.url).send(MAIL)

    assert answer[:3] in refused.value.reason
    assert "zoe" not in refused.value.reason


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_server_that_breaks_off_is_tried_again(mailbox, step):
    mailbox.breaks_off_at = step

    with pytest.raises(Transient):
        smtp(mailbox.url).send(MAIL)


def test_a_server_that_breaks_off_after_taking_the_mail_has_taken_it(mailbox):
    mailbox.breaks_off_at = "quit"

    assert smtp(mailbox.url).send(MAIL).provider_id
    assert len(mailbox.mails) == 1


def test_no_server_at_all_is_tried_again():
    with pytest.raises(Transient, match="cannot be reached"):
        smtp("smtp://127.0.0.1:9").send(MAIL)


def test_a_server_that_says_nothing_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider = Smtp(
            f"smtp://127.0.0.1:{silent.getsockname()[1]}", sender=SENDER, sender_name="W", timeout_seconds=0.2
        )

        with pytest.raises(Transient, match="in time"):
            provider.send(MAIL)


@pytest.mark.parametrize("address", ["not an address", "a@", "@b", "a@example.org\r\nX: y", "a@x, b@y"])
def test_what_is_no_address_is_refused_for_good(mailbox, address):
    with pytest.raises(Permanent):
        smtp(mailbox.url).send(Outgoing(1, "email", address, "x", "nl", WRITTEN_AT, subject="x"))

    assert mailbox.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_right_password_opens_and_a_wrong_one_waits_for_the_operator():
    with running_mail_server(password="p@ss:word") as mailbox:
        where = mailbox.url.removeprefix("smtp://")

        smtp(f"smtp://portal:p%40ss%3Aword@{where}").send(MAIL)
        with pytest.raises(Transient, match="name or password"):
            smtp(f"smtp://portal:wrong@{where}").send(MAIL)
        with pytest.raises(Transient):
            smtp(mailbox.url).send(MAIL)

    assert len(mailbox.mails) == 1


def test_the_console_keeps_what_it_gets_and_says_nothing_personal(caplog):
    caplog.set_level(logging.DEBUG)
    console = Console()

    assert console.send(MAIL) == Sent("console-12")
    assert console.sent == (MAIL,)
    assert "zoe" not in caplog.text.lower()


def test_the_console_fails_as_often_as_it_is_told():
    console = Console()
    console.fail_next(Transient("later"), Permanent("never"))

    with pytest.raises(Transient):
        console.send(MAIL)
    with pytest.raises(Permanent):
        console.send(MAIL)
    assert console.send(MAIL) == Sent("console-12")


def test_many_threads_may_send_at_once(mailbox):
    provider = smtp(mailbox.url)
    threads = [threading.Thread(target=provider.send, args=(MAIL,)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mailbox.mails) == 8
