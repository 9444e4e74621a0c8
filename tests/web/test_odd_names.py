"""One odd name all the way: from a file to page, SMS, e-mail, letter, calendar, staff and exports, never to the log."""

import csv
import json
import logging
import re
from dataclasses import replace
from io import StringIO

import pytest
from sqlalchemy import select

from app import create_app
from app.logs import JsonLines
from notifications.models import Message
from scheduling.actions.customers import correct
from scheduling.models import Customer
from tests.doubles.mail_server import running_mail_server
from tests.factories import working
from tests.page import PageBrowser
from tests.web.commands import AREAS, JOBS, load, run
from tests.web.names import ODD_NAMES
from tests.web.staff import sign_in

HEADER = ("customer_ref", "last_name", "phone", "email", "channel", "postcode", "house_number")
EVERY_NAME = pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
WINDOWS = ("--from", "2026-12-03", "--to", "2026-12-03", "--times", "10:00", "--capacity", "2")


@pytest.fixture
def mailbox():
    with running_mail_server() as running:
        yield running


@pytest.fixture
def company(settings, clock, mailbox):
    """The application with a mail server of its own."""
    application = create_app(replace(settings, mail_url=mailbox.url))
    application.testing = True
    return application


@pytest.fixture
def logged():
    """Every line that the portal logs meanwhile."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("portal", "notifications", "scheduling")]
    for logger in loggers:
        logger.addHandler(handler)
    yield written
    for logger in loggers:
        logger.removeHandler(handler)


def imported(company, folder, name: str) -> None:
    """Two customers of that name with a job each, one reached by e-mail and one by SMS; all is invited."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerow(("C1", name, "", "c1@example.org", "email", "3811AB", 12))
    writer.writerow(("C2", name, "06 12345678", "", "sms", "3812CD", 7))
    files = (("areas", AREAS), ("customers", text.getvalue()), ("jobs", JOBS))
    for what, content in files:
        answer = load(company, folder, what, content)
        assert (answer.status, answer.err) == (0, "")
    assert run(company, "windows", "open", "--area", "AMF", *WINDOWS).status == 0
    assert run(company, "invitations", "send").status == 0


def links(company, database) -> list[str]:
    """The personal page of each customer, in order."""
    with database.sessions.read() as session:
        written = session.scalars(
            select(Message).where(Message.kind == "invitation").order_by(Message.customer_id)
        )
        portal = company.extensions["portal"]
        return [
            portal.links.personal(message.invitation_id, message.link_version).removeprefix(
                "http://localhost:5000"
            )
            for message in written
        ]


def booked(company, href: str) -> PageBrowser:
    """Chooses the first window there is."""
    page = PageBrowser(company.test_client())
    choosing = page.get(href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=choosing.windows()[0])
    assert page.submit_and_follow(reviewing, "confirm-visit").name == "booked"
    return page


@EVERY_NAME
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_odd_name_reaches_everyone_whole_and_harms_nothing(
    company, database, mailbox, tmp_path, logged, *, name
):
    imported(company, tmp_path, name)

    first = run(company, "worker", "--once")
    pages = [(booked(company, href), href) for href in links(company, database)]
    worker = run(company, "worker", "--once")
    calendars = [page.get(f"{href}/visit.ics") for page, href in pages]
    staff = sign_in(company.test_client(), database.sessions)
    overview = PageBrowser(staff).get("/staff/?from=2026-12-03")
    outbox = PageBrowser(staff).get("/staff/messages")

    assert (first.status, worker.status) == (0, 0)
    messages = run(company, "messages", "list", "--json").rows
    assert {row["state"] for row in messages if row["kind"] != "reminder"} <= {"sent", "delivered"}
    for shown in (overview, outbox):
        assert shown.status == 200
        assert "<script>alert" not in shown.html
    for calendar in calendars:
        assert calendar.status == 200
        assert calendar.response.get_data().startswith(b"BEGIN:VCALENDAR\r\n")
        assert name not in calendar.response.text
    assert len(mailbox.mails) == 2  # invitation and confirmation
    for mail in mailbox.mails:
        assert set(mail.keys()) & {"Bcc", "Cc"} == set()
        assert mail["To"] == "c1@example.org"
        assert "\n" not in mail["Subject"]
        html = mail.get_body(("html",)).get_content()
        assert "<script>alert" not in html
        assert ' onmouseover="alert' not in re.sub(r">[^<]*<", "><", html)
    assert name[:12] not in "\n".join(logged)
    assert all(json.loads(line) for line in logged)


@EVERY_NAME
def test_an_odd_name_comes_back_from_every_export(company, database, tmp_path, name):
    imported(company, tmp_path, "Vries")
    with working(database.sessions) as work:
        correct(
            work,
            work.session.scalars(select(Customer.id).where(Customer.ref == "C1")).one(),
            {"last_name": name},
        )

    as_csv = run(company, "corrections", "export", "--since", "2026-11-01").out
    as_json = run(company, "corrections", "export", "--since", "2026-11-01", "--json").rows
    everything = run(company, "customers", "export", "C1").out

    (row,) = csv.DictReader(StringIO(as_csv))
    assert row["value"].removeprefix("'") == name
    # A spreadsheet works out what begins like this.
    assert not row["value"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert [row["value"] for row in as_json] == [name]
    assert json.loads(everything)["customer"]["last_name"]["value"] == name


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("+31612345678", "+31612345678"),
        ("-12", "-12"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-de Vries", "'-de Vries"),
        ("de Vries", "de Vries"),
        ("", ""),
    ],
)
def test_a_value_that_looks_like_a_formula_is_written_as_text_and_a_number_as_it_is(value, written):
    from app.cli.corrections import _as_text

    assert _as_text(value) == written


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_letter_spells_the_name_too(app, database, tmp_path):
    text = f'customer_ref,last_name,postcode,house_number\nC1,"{ODD_NAMES["emoji"]}",3811AB,12\n'
    for what, content in (("areas", AREAS), ("customers", text)):
        load(app, tmp_path, what, content)
    load(app, tmp_path, "jobs", "job_ref,customer_ref,kind\nJ1,C1,repair\n")

    run(app, "invitations", "send")

    (letter,) = run(app, "messages", "list", "--json").rows
    assert letter["channel"] == "letter"
    assert ODD_NAMES["emoji"] in letter["body"]
