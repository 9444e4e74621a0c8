"""Everything that web, worker and commands write while customers, staff, suppliers and strangers come by: nothing
personal is in it. The processes are the real ones, as `make run` starts them.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from sqlalchemy import select, text
from twilio.request_validator import RequestValidator

from notifications.models import Message
from scheduling.links import LinkKeys
from scheduling.models import Customer, Invitation, Visit
from tests.databases import Database
from tests.doubles.mail_server import running_mail_server
from tests.doubles.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, running_twilio
from tests.environment import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 30
SOMEWHERE = "203.0.113.77"
STAFF_EMAIL, PASSWORD, WRONG_PASSWORD = (
    "planner@zwaluwstaart.example",
    "een paard, een nietje",
    "wachtwoord-fout",
)
WISHES, ANSWER = "Alleen op dinsdagochtend, ik heb een hondje", "Kan het ook zaterdag?"
AREAS = "area_ref,name,postcodes,kinds\nAMF,Amersfoort,3811-3829,\n"
CUSTOMERS = """\
customer_ref,title,first_name,last_name,phone,email,channel,postcode,house_number,street,place
KLANT-A77,ms,Saskia,Zwaluwenberg,06 87654321,saskia@zwaluw.example,sms,3811 QZ,4711,Kerkepad,Amersfoort
KLANT-B77,mr,Joost,Kraaijenbrink,06 81818181,joost@kraai.example,email,3812 XW,4712,Hofpad,Amersfoort
KLANT-C77,mr,Pim,Ooievaarsnest,,,letter,3813 YV,4713,Torenpad,Amersfoort
KLANT-D77,ms,Wrong,Pelikaansveld,06 99,ook@geen,fax,38111 AA,nul,Nergens,
"""
JOBS = """\
job_ref,customer_ref,kind,due_by,description
KLUS-A77,KLANT-A77,maintenance,,Sleutel onder de mat
KLUS-B77,KLANT-B77,repair,,
KLUS-C77,KLANT-C77,maintenance,,
KLUS-D77,KLANT-D77,nonsense,31-31-2027,
"""
PERSONAL = [
    *("Saskia", "Zwaluwenberg", "Joost", "Kraaijenbrink", "Ooievaarsnest", "Pelikaansveld"),
    *("87654321", "81818181", "06 99", "saskia@", "joost@", "ook@geen", "zwaluwstaart"),
    *("3811 QZ", "3811QZ", "3812XW", "3813YV", "38111 AA", "4711", "4712", "4713", "Kerkepad", "Hofpad"),
    *("KLANT-", "KLUS-", "Sleutel onder", "hondje", "zaterdag", SOMEWHERE, PASSWORD, WRONG_PASSWORD),
    *("6111222333", AUTH_TOKEN, ENVIRONMENT["SECRET_KEY"], ENVIRONMENT["LINK_KEYS"]),
]


@dataclass
class Running:
    """The processes, and what is known of them."""

    url: str
    environ: dict[str, str]
    database: Database
    secrets: list[str] = field(default_factory=list)
    complaints: str = ""

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Runs a command; its standard error is kept, its standard output given back."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        self.complaints += done.stderr
        return done.stdout

    def token(self, customer_ref: str) -> str:
        """The personal token of a customer's invitation; remembered as something that no log may have."""
        keys = LinkKeys((ENVIRONMENT["LINK_KEYS"],))
        with self.database.sessions.read() as session:
            query = select(Invitation.id).join(Customer, Customer.id == Invitation.customer_id)
            invitation_id = session.scalars(query.where(Customer.ref == customer_ref)).one()
        code = keys.letter_code(invitation_id, 1)
        token = keys.personal_token(invitation_id, 1)
        self.secrets += [token, code, f"{code[:4]}-{code[4:]}"]
        return token

    def until(self, question: Any, *, least: int) -> None:
        """Waits until the database answers with at least so many."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            with self.database.sessions.read() as session:
                if len(session.scalars(question).all()) >= least:
                    return
            time.sleep(0.1)
        pytest.fail(f"nothing came of {question}")


def test_nothing_personal_is_in_what_the_processes_write(database, tmp_path):
    with (
        running_twilio() as twilio,
        running_mail_server() as mailbox,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        twilio.answer_next(("refuse", 400, 21211, {}), ("refuse", 500, 0, {}), ("nonsense",), ("drop",))
        mailbox.answers["rcpt"] = "550 no such user joost@kraai.example"
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = Running(url, _environ(database, url, twilio.url, mailbox.url), database)
        _plan(running)
        with _processes(running, listening, tmp_path) as logs:
            _everybody_comes_by(running)
            running.until(select(Message.id).where(Message.error != ""), least=2)
            _the_database_goes_away(running)
        written = running.complaints + logs()

    # A table that is gone is an OperationalError on SQLite, where it may be a lock, and an error of ours elsewhere.
    kinds = {"request", "unexpected error", "a webhook whose signature is not Twilio's"}
    kinds |= {"database out of reach"} if database.kind == "sqlite" else set()
    assert _kinds_of_lines(written) >= kinds
    assert "Invalid request (" in written
    assert "message 1 " in written
    for personal in [*PERSONAL, *running.secrets]:
        assert personal.lower() not in written.lower(), _around(personal, written)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_providers_say_of_a_number_is_not_kept_with_the_message(database):
    """Twilio's own words quote the number; ours, which staff read beside it, do not need to."""
    with running_twilio() as twilio:
        twilio.answer_next(("refuse", 400, 99999, {}))
        environ = _environ(database, "http://localhost:5000", twilio.url, "console:")
        running = Running("", environ, database)
        _plan(running)
        running.flask("worker", "--once")

    with database.sessions.read() as session:
        errors = [error for error in session.scalars(select(Message.error)) if error]
    assert errors == ["Twilio could not deliver it (99999)"]


def _environ(database: Database, url: str, twilio_url: str, mail_url: str) -> dict[str, str]:
    return {
        **os.environ,
        **ENVIRONMENT,
        "DATABASE_URL": database.url,
        "PUBLIC_URL": url,
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": NUMBER,
        "TWILIO_API_URL": twilio_url,
        "MAIL_URL": mail_url,
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _plan(running: Running) -> None:
    for what, content in (("areas", AREAS), ("customers", CUSTOMERS), ("jobs", JOBS)):
        running.flask(what, "import", "-", stdin=content)
    days = ("--from", "2027-02-01", "--to", "2027-02-05", "--weekdays", "mon-fri")
    times = ("--times", "08:00,10:00", "--capacity", "2")
    running.flask("windows", "open", "--area", "AMF", *days, *times)
    running.flask("invitations", "send")


@contextmanager
def _processes(running: Running, listening: socket.socket, folder: Path) -> Iterator[Any]:
    files = [folder / "web.log", folder / "worker.log"]
    commands = [
        ["gunicorn", "--bind", f"fd://{listening.fileno()}", "wsgi:app"],
        ["flask", "--app", "wsgi", "worker"],
    ]
    started = []
    for file, command in zip(files, commands, strict=True):
        with file.open("wb") as output:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", *command],
                    cwd=ROOT,
                    env=running.environ,
                    pass_fds=[listening.fileno()],
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
    try:
        _wait_for(f"{running.url}/healthz", files[0])
        yield lambda: "".join(file.read_text(encoding="utf-8") for file in files)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=WAIT_SECONDS)


def _everybody_comes_by(running: Running) -> None:
    token = running.token("KLANT-A77")
    _a_customer(running, token)
    _a_letter(running, running.token("KLANT-C77"))
    _staff(running)
    _strangers(running, token)
    _twilio(running)


def _browser(running: Running) -> requests.Session:
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["X-Forwarded-For"] = SOMEWHERE
    return browser


def _a_customer(running: Running, token: str) -> None:
    browser, home = _browser(running), f"{running.url}/v/{token}"
    booked = _submit(browser, _submit(browser, browser.get(home), "choose-window", pick=0), "confirm-visit")
    with running.database.sessions.read() as session:
        visit = session.scalars(select(Visit)).one()
    running.secrets += [visit.ref, visit.uid, visit.code]
    for code, number in (("9999 ZZ", "1"), ("3811 QZ", "4711")):
        _submit(browser, browser.get(home), "verify", postcode=code, house_number=number)
    for path in ("/visit.ics", "/details", "/nothing-here", "?lang=pl"):
        browser.get(f"{home}{path}")
    changing = _submit(browser, booked, "change-visit")
    _submit(browser, _submit(browser, changing, "choose-window", pick=1), "confirm-visit")
    browser.get(f"{running.url}/visit/{visit.code}")
    _submit(browser, _submit(browser, browser.get(home), "cancel-visit"), "cancel-visit")
    _submit(browser, browser.get(f"{home}/other"), "leave-wishes", wishes=WISHES, text=WISHES)
    browser.post(f"{home}/other", data={"wishes": WISHES})
    browser.get(f"{running.url}/v/{token[:-1]}")
    running.secrets += [cookie.value for cookie in browser.cookies if cookie.value]


def _a_letter(running: Running, token: str) -> None:
    browser, code = _browser(running), running.secrets[-1]
    for typed in ("AAAA-AAAA", code):
        _submit(browser, browser.get(f"{running.url}/"), "enter-code", code=typed, postcode="3813 YV")
    browser.get(f"{running.url}/v/{token}")


def _staff(running: Running) -> None:
    browser = _browser(running)
    link = running.flask("staff", "create", STAFF_EMAIL, "--role", "dispatcher").strip()
    running.secrets.append(link.rpartition("/")[2])
    _submit(browser, browser.get(link), "set-password", password=PASSWORD, password_again=PASSWORD)
    for password in (WRONG_PASSWORD, PASSWORD):
        page = browser.get(f"{running.url}/staff/sign-in")
        if 'data-form="sign-in"' in page.text:
            _submit(browser, page, "sign-in", email=STAFF_EMAIL, password=password)
    for path in ("/staff/", "/staff/messages?to=0687654321", "/staff/messages?q=Zwaluwenberg"):
        browser.get(f"{running.url}{path}")
    running.secrets += [cookie.value for cookie in browser.cookies if cookie.value]


def _strangers(running: Running, token: str) -> None:
    browser = _browser(running)
    browser.get(f"{running.url}/zoek?naam=Zwaluwenberg&tel=0687654321")
    browser.post(f"{running.url}/v/{token}/choose", data={"window": "x", "naam": "Zwaluwenberg"})
    browser.post(f"{running.url}/", data="x" * 1_000_000)
    host, port = running.url.removeprefix("http://").split(":")
    for line in (
        f"GET /v/{token} HTTP/9.9",
        f"GET /v/{token} x y",
        f"GET / HTTP/1.1\r\nCookie portal={token}",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(f"{line}\r\n\r\n".encode())
            raw.recv(1000)


def _twilio(running: Running) -> None:
    browser = _browser(running)
    sms = {"MessageSid": "SM" + "1" * 32, "From": "+316111222333", "To": NUMBER, "Body": ANSWER}
    report = {
        "MessageSid": "SM" + "2" * 32,
        "MessageStatus": "failed",
        "ErrorCode": "30003",
        "To": "+316111222333",
    }
    for path, form in (("/hooks/twilio/sms", sms), ("/hooks/twilio/status?message=1", report)):
        address = f"{running.url}{path}"
        signature = RequestValidator(AUTH_TOKEN).compute_signature(address, form)
        for signed in (signature, "forged"):
            answer = browser.post(address, data=form, headers={"X-Twilio-Signature": signed})
            assert answer.status_code in ({200, 204} if signed == signature else {403})


def _the_database_goes_away(running: Running) -> None:
    """What breaks inside says whose data it was about; what is logged must not."""
    browser, home = _browser(running), f"{running.url}/v/{running.token('KLANT-B77')}"
    with running.database.engine.begin() as connection:
        connection.execute(text("UPDATE area SET time_zone = 'Nowhere/Zwaluwenberg'"))
    assert browser.get(home).status_code == 500
    with running.database.engine.begin() as connection:
        connection.execute(text("UPDATE area SET time_zone = 'Europe/Amsterdam'"))
        connection.execute(text("ALTER TABLE attempt RENAME TO away"))
    home_page = browser.get(f"{running.url}/")
    assert _submit(browser, home_page, "enter-code", code="AAAA", postcode="3811 QZ").status_code in {
        500,
        503,
    }
    time.sleep(1)
    with running.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO attempt"))


def _submit(
    browser: requests.Session, page: requests.Response, name: str, *, pick: int | None = None, **values: str
) -> requests.Response:
    form = re.search(rf'<form[^>]*data-form="{name}"[^>]*>.*?</form>', page.text, re.DOTALL)
    assert form is not None, f"no form {name} ({page.status_code})"
    action = re.search(r'\saction="([^"]*)"', form[0].partition(">")[0])
    data: dict[str, str] = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    if pick is not None:
        data["window"] = re.findall(r'name="window"[^>]*value="(\d+)"', form[0])[pick]
    url = urljoin(page.url, action[1] if action else "")
    return browser.post(url, data={**data, **values})


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            requests.Session().get(url, timeout=5, proxies={"no_proxy": "*"})
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the portal did not start:\n{log.read_text()}")


def _kinds_of_lines(written: str) -> set[str]:
    return {json.loads(line)["event"] for line in written.splitlines() if line.startswith("{")}


def _around(personal: str, written: str) -> str:
    at = written.lower().find(personal.lower())
    return f"{personal!r} in: {written[max(0, at - 300) : at + 200]}"
