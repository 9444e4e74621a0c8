"""What the doctor says of database, suppliers, planning and outbox, and how the whole report is given."""

import json
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, event, insert, text, update

from app import create_app
from app.config import TwilioAccount
from app.doctor import ALONE, ON_THE_DATABASE, clock, examine, findings_of, outbox, planning, suppliers
from app.doctor import database as database_checks
from app.doctor.findings import FAIL, OK, WARN, ok
from app.portal import Portal
from notifications.models import Message
from scheduling.models import AreaPostcode, Staff
from tests.doubles.mail_server import running_mail_server
from tests.doubles.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, running_twilio
from tests.environment import NOW
from tests.factories import (
    A_THURSDAY,
    a_customer,
    a_job,
    a_window,
    an_area,
    an_invitation,
    counters,
    working,
)
from tests.web.commands import run

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


CERTIFICATE = Path(__file__).parent.parent / "data" / "mail_server.pem"
"""Of localhost, signed by itself, with its key: worth nothing outside these tests."""


@pytest.fixture
def portal(settings):
    return Portal(settings)


def states(check, portal, now=NOW):
    return [finding.state for finding in check(portal, now)]


# The database


def test_a_database_that_answers(portal, database):
    (finding,) = database_checks.reachable(portal, NOW)

    assert finding.state == OK
    assert finding.finding.startswith(database.kind)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/portal.db", "postgresql+psycopg://portal:s3cret@127.0.0.1:1/portal"]
)
def test_a_database_that_is_not_there_is_told_without_its_password(settings, url):
    (finding,) = database_checks.reachable(Portal(replace(settings, database_url=url)), NOW)

    assert finding.state == FAIL
    assert "s3cret" not in str(finding)


def test_migrations_that_are_up_to_date_behind_and_ahead(portal, database):
    assert states(database_checks.migrated, portal) == [OK]

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    (finding,) = database_checks.migrated(portal, NOW)
    assert (finding.state, "0002" in finding.finding, "db upgrade" in finding.advice) == (FAIL, True, True)

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    (finding,) = database_checks.migrated(portal, NOW)
    assert (finding.state, "newer than this version" in finding.finding) == (FAIL, True)

    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    (finding,) = database_checks.migrated(portal, NOW)
    assert (finding.state, "no tables" in finding.finding) == (FAIL, True)


def test_writing_is_tried_and_leaves_nothing_behind(portal, database):
    assert states(database_checks.writable, portal) == [OK]

    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM attempt")) == 0


def test_a_database_that_takes_nothing(portal):
    def read_only(connection, _record):
        is_sqlite = portal.settings.database_url.startswith("sqlite")
        statement = "PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on"
        connection.cursor().execute(statement)
        if not is_sqlite:
            connection.commit()

    event.listen(portal.sessions.engine, "connect", read_only)

    assert states(database_checks.writable, portal) == [FAIL]


@ON_SQLITE
def test_a_sqlite_file_set_up_as_we_rely_on(portal, database):
    database_path(portal).chmod(0o600)

    assert states(database_checks.kind, portal) == [OK, OK, OK]


@ON_SQLITE
def test_what_can_be_wrong_with_a_sqlite_file(portal, settings, monkeypatch):
    database_path(portal).chmod(0o644)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=100_000_000))
    assert states(database_checks.kind, portal) == [OK, WARN, FAIL]

    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1_000_000_000))
    public = Portal(replace(settings, public_url="https://afspraak.example.nl"))
    assert states(database_checks.kind, public) == [WARN, WARN, WARN]

    def without_foreign_keys(connection, _record):
        connection.execute("PRAGMA foreign_keys = OFF").close()

    event.listen(public.sessions.engine, "connect", without_foreign_keys)
    public.sessions.engine.dispose()
    assert states(database_checks.kind, public)[0] == FAIL


@ON_POSTGRESQL
def test_a_postgresql_that_loses_what_it_confirmed(portal):
    # The server of the tests writes nothing through.
    (finding,) = database_checks.kind(portal, NOW)

    assert finding.state == FAIL
    assert finding.finding.startswith("fsync, synchronous_commit, full_page_writes off")


@ON_POSTGRESQL
def test_a_postgresql_that_keeps_what_it_confirms(portal, monkeypatch):
    shown = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    answers = {"server_version_num": "150004", "TimeZone": "UTC", **shown}
    monkeypatch.setattr(
        "sqlalchemy.engine.Connection.scalar", lambda _self, sql: answers[str(sql).split()[1]]
    )
    assert states(database_checks.kind, portal) == [OK]

    answers["server_version_num"] = "130011"
    assert states(database_checks.kind, portal) == [FAIL]


def test_the_clock_of_the_database(portal, monkeypatch):
    # Not stopped in this test, for the database's is not either.
    assert states(clock.against_database, portal) == [OK]


@ON_POSTGRESQL
def test_a_clock_that_is_a_minute_wrong(portal, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(seconds=90))

    (finding,) = clock.against_database(portal, NOW)

    assert finding.state == FAIL
    assert "behind" in finding.finding


# Suppliers


@ON_SQLITE
def test_mail_that_is_only_kept(portal):
    assert states(suppliers.mail, portal) == [WARN]


@ON_SQLITE
def test_a_mail_server_that_lets_us_in_without_tls(settings):
    with running_mail_server() as mailbox:
        (finding,) = suppliers.mail(Portal(replace(settings, mail_url=mailbox.url, mail_from="a@b.nl")), NOW)

    assert (finding.state, "without TLS" in finding.finding) == (WARN, True)
    assert mailbox.mails == []


@ON_SQLITE
def test_a_mail_server_with_tls(settings, monkeypatch):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    with running_mail_server(tls=server) as mailbox:
        url = mailbox.url.replace("127.0.0.1", "localhost")
        assert states(suppliers.mail, Portal(replace(settings, mail_url=url, mail_from="a@b.nl"))) == [OK]


@ON_SQLITE
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("smtp://portal:wrong@{host}", "refuses our name or password"),
        ("smtp://127.0.0.1:1", "cannot be reached"),
    ],
)
def test_a_mail_server_that_does_not_let_us_in(settings, url, says):
    with running_mail_server(password="right") as mailbox:
        url = url.format(host=mailbox.url.removeprefix("smtp://"))
        (finding,) = suppliers.mail(Portal(replace(settings, mail_url=url, mail_from="a@b.nl")), NOW)

    assert (finding.state, says in finding.finding) == (FAIL, True)
    assert "wrong" not in str(finding)


@pytest.fixture
def twilio():
    with running_twilio() as double:
        yield double


def with_twilio(settings, double, *, token=AUTH_TOKEN, sender=NUMBER):
    account = TwilioAccount(account_sid=ACCOUNT_SID, auth_token=token, sender=sender, api_url=double.url)
    return Portal(replace(settings, sms_provider="twilio", twilio=account))


@ON_SQLITE
def test_sms_that_are_only_kept(portal):
    assert states(suppliers.sms, portal) == [WARN]


@ON_SQLITE
@pytest.mark.parametrize("sender", [NUMBER, SERVICE_SID])
def test_a_twilio_account_that_works(settings, twilio, sender):
    assert states(suppliers.sms, with_twilio(settings, twilio, sender=sender)) == [OK, OK]
    assert twilio.accepted == []


@ON_SQLITE
def test_a_twilio_token_that_is_wrong(settings, twilio):
    (finding,) = suppliers.sms(with_twilio(settings, twilio, token="another"), NOW)

    assert (finding.state, finding.finding) == (FAIL, "Twilio refuses our account or token (20003)")
    assert "another" not in str(finding)


@ON_SQLITE
@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [("suspended", "Full", FAIL), ("closed", "Full", FAIL), ("active", "Trial", WARN)],
)
def test_a_twilio_account_that_writes_to_nobody(settings, twilio, status, kind, expected):
    twilio.account = {"status": status, "type": kind}

    assert states(suppliers.sms, with_twilio(settings, twilio)) == [expected, OK]


@ON_SQLITE
@pytest.mark.parametrize(
    ("sender", "expected"), [("+31970109999", FAIL), ("MG" + "0c" * 16, FAIL), ("Warmtehuis", WARN)]
)
def test_a_sender_that_is_not_ours(settings, twilio, sender, expected):
    assert states(suppliers.sms, with_twilio(settings, twilio, sender=sender)) == [OK, expected]


@ON_SQLITE
def test_a_twilio_that_does_not_answer(settings, twilio, monkeypatch):
    monkeypatch.setattr(suppliers, "ANSWER_SECONDS", 0.2)
    twilio.answer_next(("slow", 2))

    (finding,) = suppliers.sms(with_twilio(settings, twilio), NOW)

    assert (finding.state, finding.finding) == (FAIL, "Twilio does not answer in time")


# Planning


def test_windows_postcodes_and_work_of_a_company_that_is_ready(portal, database):
    with working(database.sessions) as work:
        an_area(work)
        a_window(work)
        a_job(work, a_customer(work))
        account = {"role": "dispatcher", "created_at": NOW, "password_hash": "x"}
        work.session.execute(insert(Staff).values(email="a@b.nl", **account))

    for check in (planning.windows, planning.postcodes, planning.served, planning.accounts):
        assert states(check, portal) == [OK], check.__name__
    assert states(planning.public_holidays, portal) == [OK]


def test_an_area_with_nothing_free_in_the_next_two_weeks(portal, database):
    assert states(planning.windows, portal) == [WARN]
    with working(database.sessions) as work:
        an_area(work)
        a_window(work, day=A_THURSDAY + timedelta(days=7))

    (finding,) = planning.windows(portal, NOW)
    assert (finding.state, "AMF" in finding.finding) == (WARN, True)

    with working(database.sessions) as work:
        window_id = a_window(work)
    assert states(planning.windows, portal) == [OK]

    with working(database.sessions) as work:
        work.session.execute(text('UPDATE "window" SET booked = capacity'))
        assert counters(work, window_id) == (1, 1, 0)
    assert states(planning.windows, portal) == [WARN]


def test_an_area_without_postcodes_and_work_that_no_area_serves(portal, database):
    with working(database.sessions) as work:
        an_area(work)
        a_job(work, a_customer(work))
        work.session.execute(delete(AreaPostcode))

    assert states(planning.postcodes, portal) == [WARN]
    (finding,) = planning.served(portal, NOW)
    assert (finding.state, finding.finding) == (WARN, "no area serves 1 at 3811 (maintenance)")


def test_work_that_has_a_visit_or_was_withdrawn_needs_no_area(portal, database):
    with working(database.sessions) as work:
        a_job(work, a_customer(work), withdrawn_at=NOW)

    assert states(planning.served, portal) == [OK]


@ON_SQLITE
def test_a_country_or_year_whose_holidays_nobody_knows(portal, database, monkeypatch):
    with working(database.sessions) as work:
        an_area(work, country="XX")
    assert states(planning.public_holidays, portal) == [FAIL]

    monkeypatch.setattr(planning, "knows_public_holidays", lambda year, _country: year < 2027)
    with working(database.sessions) as work:
        work.session.execute(text("UPDATE area SET country = 'NL'"))
    assert states(planning.public_holidays, portal) == [FAIL]


@ON_SQLITE
def test_staff_who_cannot_sign_in(portal, database):
    assert states(planning.accounts, portal) == [WARN]
    with working(database.sessions) as work:
        work.session.execute(insert(Staff).values(email="a@b.nl", role="dispatcher", created_at=NOW))

    (finding,) = planning.accounts(portal, NOW)

    assert (finding.state, finding.finding) == (WARN, "nobody has set a password yet")


# The outbox


@pytest.fixture
def a_message(app, database):
    with working(database.sessions, announce=app.extensions["portal"].announce) as work:
        an_area(work)
        an_invitation(work)

    def change(**values):
        with working(database.sessions) as work:
            work.session.execute(update(Message).values(**values))

    return change


def test_a_message_that_is_due_for_longer_than_five_minutes(portal, a_message):
    assert states(outbox.delivery, portal, NOW + timedelta(minutes=4)) == [OK]

    (finding,) = outbox.delivery(portal, NOW + timedelta(minutes=7))
    assert finding.state == FAIL
    assert finding.finding == "1 overdue, the oldest for 7 minutes: no worker seems to run"
    assert "worker" in finding.advice

    a_message(attempts=3)
    assert states(outbox.delivery, portal, NOW + timedelta(minutes=7)) == [WARN]

    a_message(state="sending", lease_until=NOW + timedelta(minutes=8))
    assert states(outbox.delivery, portal, NOW + timedelta(minutes=7)) == [OK]

    a_message(state="sent")
    assert states(outbox.delivery, portal, NOW + timedelta(minutes=7)) == [OK]


def test_messages_that_failed_today(portal, a_message):
    assert states(outbox.failures, portal) == [OK]

    a_message(state="failed")
    (finding,) = outbox.failures(portal, NOW)
    assert (finding.state, finding.finding) == (WARN, "1 today")

    assert states(outbox.failures, portal, NOW + timedelta(days=1)) == [OK]


def test_letters_wait_for_the_printer_and_for_no_worker(portal, a_message):
    assert states(outbox.letters, portal) == [OK]

    a_message(channel="letter")

    (finding,) = outbox.letters(portal, NOW + timedelta(minutes=7))
    assert (finding.state, finding.finding) == (WARN, "1 waiting to be printed")
    assert states(outbox.delivery, portal, NOW + timedelta(minutes=7)) == [OK]


# The whole report


@ON_SQLITE
def test_the_report_has_a_line_for_every_check_and_ends_with_0_without_failures(app, database):
    database_path(app.extensions["portal"]).chmod(0o600)

    answer = run(app, "doctor")

    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert len(lines) >= len(ALONE) + len(ON_THE_DATABASE)
    assert {line[:4] for line in lines} == {"ok  ", "warn"}
    assert "warn  mail: console: keeps e-mail and sends none; set MAIL_URL to" in answer.out


@ON_SQLITE
def test_the_report_as_json(app, database):
    rows = run(app, "doctor", "--json").rows

    assert all(set(row) == {"check", "state", "finding", "advice"} for row in rows)
    assert all(row["advice"] for row in rows if row["state"] != OK)


@ON_SQLITE
def test_one_failure_ends_with_1(settings, clock):
    app = create_app(replace(settings, link_keys=(settings.secret_key,)))

    assert run(app, "doctor").status == 1
    assert run(app, "doctor", "--json").status == 1


@ON_SQLITE
def test_without_a_database_the_rest_is_still_looked_at(settings, clock):
    app = create_app(replace(settings, database_url="sqlite:////nowhere/portal.db"))

    answer = run(app, "doctor", "--json")

    assert answer.status == 1
    assert [row["check"] for row in answer.rows if row["state"] == FAIL] == ["database"]
    assert answer.rows[-1]["check"] == "the rest"


@ON_SQLITE
def test_without_tables_nothing_breaks(settings, clock, tmp_path):
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.db'}"))

    answer = run(app, "doctor", "--json")

    assert answer.status == 1
    failed = {row["check"]: row for row in answer.rows if row["state"] == FAIL}
    assert "db upgrade" in failed["migrations"]["advice"]


@ON_SQLITE
def test_a_check_that_breaks_or_hangs_stops_no_other(app):
    released = threading.Event()

    def breaks(_portal, _now):
        yield ok("half", "found before")
        raise RuntimeError("s3cret")

    def hangs(_portal, _now):
        yield ok("half", "found before")
        released.wait()

    half, broken = findings_of(app, breaks, 5)
    half_too, hung = findings_of(app, hangs, 0.05)
    released.set()

    assert (half.state, half_too.state) == (OK, OK)
    assert (broken.state, hung.state) == (FAIL, FAIL)
    assert broken.finding == "the check itself failed (RuntimeError)"
    assert hung.finding == "no answer within 0.05 seconds"


@ON_SQLITE
def test_the_report_shows_nothing_personal_and_no_secret(app, settings, database, a_message):
    a_message(attempts=1, error="this number does not exist")
    said = json.dumps([str(finding) for finding in examine(app)])

    for secret in (settings.secret_key, *settings.link_keys, "Vries", "31612345678", "Langestraat"):
        assert secret not in said


def database_path(portal):
    return Path(portal.settings.database_url.removeprefix("sqlite:///"))
