"""Invitations, withdrawals, lists, staff and the worker as commands: what scripts read, and how each fails."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.work import carry_out
from scheduling.actions import visits
from scheduling.models import Invitation
from tests.environment import ENVIRONMENT
from tests.web.commands import a_company, run

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def company(app, tmp_path):
    """The application of a company with an area, two customers, two jobs and three windows."""
    a_company(app, tmp_path)
    return app


def act(app, action, *arguments, **keywords):
    with app.app_context():
        return carry_out(action, *arguments, **keywords)


def invitation_ids(database):
    with database.sessions.read() as session:
        return session.scalars(select(Invitation.id).order_by(Invitation.customer_id)).all()


def book(app, database):
    """Invites everybody and books the first customer into the first window; their invitation's id."""
    run(app, "invitations", "send")
    window = run(app, "windows", "list", "--json").rows[0]
    first = invitation_ids(database)[0]
    act(app, visits.book, first, int(window["window_id"]), uid_host="portal.example")
    return first


def test_invitations_are_written_once(company):
    first = run(company, "invitations", "send")
    second = run(company, "invitations", "send")

    assert (first.status, first.out) == (0, "2 invitations written, 0 held back\n")
    assert (second.status, second.out) == (0, "0 invitations written, 0 held back\n")


def test_a_message_is_listed_with_the_promised_keys_and_types(company):
    run(company, "invitations", "send", "--job", "J1")

    (message,) = run(company, "messages", "list", "--to", "06 12345678", "--json").rows

    body = message.pop("body")
    assert re.search(r"http://localhost:5000/v/[0-9A-Za-z]{29}\b", body)
    assert message == {
        "id": message["id"],
        "customer_ref": "C1",
        "job_ref": "J1",
        "kind": "invitation",
        "channel": "sms",
        "to": "+31612345678",
        "subject": "",
        "state": "waiting",
        "due_at": "2026-11-24T10:00:00+01:00",
        "sent_at": None,
        "attempts": 0,
        "error": "",
    }
    assert isinstance(message["id"], str)


@ON_SQLITE
@pytest.mark.parametrize(
    ("options", "written"),
    [
        pytest.param(["--limit", "1"], 1, id="limit"),
        pytest.param(["--job", "J1"], 1, id="job"),
        pytest.param(["--job", "J1", "--job", "J2"], 2, id="jobs"),
        pytest.param(["--area", "AMF"], 2, id="area"),
        pytest.param(["--pace"], 2, id="pace"),
    ],
)
def test_only_what_is_asked_for_is_invited(company, options, written):
    answer = run(company, "invitations", "send", *options)

    assert answer.out == f"{written} invitations written, 0 held back\n"


@ON_SQLITE
def test_a_limit_takes_the_job_that_is_due_first(company):
    run(company, "invitations", "send", "--limit", "1")

    assert [row["job_ref"] for row in run(company, "messages", "list", "--json").rows] == ["J2"]


def test_many_invitations_go_in_several_transactions(company, monkeypatch):
    monkeypatch.setattr("app.cli.plan.A_TRANSACTION", 1)

    answer = run(company, "invitations", "send")

    assert answer.out == "2 invitations written, 0 held back\n"


def test_the_worker_delivers_what_is_due_and_ends(company):
    run(company, "invitations", "send")

    worker = run(company, "worker", "--once")

    assert (worker.status, worker.out) == (0, "2 tried, none is due any more\n")
    rows = run(company, "messages", "list", "--json").rows
    assert {(row["attempts"], row["sent_at"]) for row in rows} == {(1, "2026-11-24T10:00:00+01:00")}
    assert {row["state"] for row in rows} <= {"sent", "delivered"}


def test_visits_are_listed_in_every_state_with_the_promised_keys(company, database):
    invitation = book(company, database)
    states = []
    visit = {}
    for state in ("booked", "on_the_way", "arrived", "done"):
        if state != "booked":
            act(company, visits.progress, invitation, state)
        (visit,) = run(company, "visits", "list", "--json").rows
        states.append(visit["state"])

    assert states == ["booked", "on_the_way", "arrived", "done"]
    assert visit == {
        "visit_ref": visit["visit_ref"],
        "job_ref": "J1",
        "job_refs": ["J1"],
        "customer_ref": "C1",
        "area_ref": "AMF",
        "window_id": visit["window_id"],
        "starts_at": "2026-12-03T08:00:00+01:00",
        "ends_at": "2026-12-03T10:00:00+01:00",
        "state": "done",
        "sequence": visit["sequence"],
    }
    assert isinstance(visit["window_id"], str)
    assert isinstance(visit["sequence"], int)


def test_a_withdrawn_visit_frees_its_place_tells_the_customer_and_ends_the_link(company, database):
    book(company, database)
    run(company, "worker", "--once")
    (invitation,) = run(company, "messages", "list", "--job", "J1", "--json").rows[:1]
    link = invitation["body"][invitation["body"].index("/v/") :][:32]  # /v/ and 29 characters

    answer = run(company, "jobs", "withdraw", "J1")
    again = run(company, "jobs", "withdraw", "J1")

    assert (answer.status, answer.out) == (0, "1 withdrawn, 0 were withdrawn already\n")
    assert (again.status, again.out) == (0, "0 withdrawn, 1 were withdrawn already\n")
    assert [row["state"] for row in run(company, "visits", "list", "--json").rows] == ["cancelled"]
    assert run(company, "windows", "list", "--json").rows[0]["booked"] == 0
    assert run(company, "messages", "list", "--job", "J1", "--json").rows[-1]["kind"] == "withdrawal"
    assert company.test_client().get(link).status_code == 410


def test_an_invitation_that_was_never_sent_is_withdrawn_in_silence(company):
    run(company, "invitations", "send", "--job", "J1")

    run(company, "jobs", "withdraw", "J1")

    rows = run(company, "messages", "list", "--json").rows
    assert [(row["kind"], row["state"]) for row in rows] == [("invitation", "withdrawn")]


def test_a_job_whose_technician_is_there_is_not_withdrawn(company, database):
    invitation = book(company, database)
    act(company, visits.progress, invitation, "arrived")

    answer = run(company, "jobs", "withdraw", "J2", "J1")

    assert (answer.status, answer.complaints) == (2, ["refused: not possible (job J1, state arrived)"])
    assert run(company, "jobs", "withdraw", "J2").out.startswith("1 withdrawn")  # nothing was done before


def test_all_messages_are_listed_however_many(company, monkeypatch):
    monkeypatch.setattr("notifications.log.READ_AT_ONCE", 1)
    monkeypatch.setattr("notifications.log.MOST", 1)
    run(company, "invitations", "send")

    assert len(run(company, "messages", "list", "--json").rows) == 2
    assert run(company, "messages", "list").err == "2 in all\n"


def test_an_account_gets_a_one_time_link_each_time(app):
    first = run(app, "staff", "create", "Anna@Example.org", "--role", "dispatcher")
    second = run(app, "staff", "create", "anna@example.org", "--role", "dispatcher")

    assert (first.status, first.err) == (0, "")
    assert (second.status, second.err) == (0, "the account was there already; this is a new link for it\n")
    links = [
        re.fullmatch(r"http://localhost:5000(/staff/password/\S+)\n", said.out) for said in (first, second)
    ]
    browser = app.test_client()
    assert [browser.get(link[1]).status_code == 200 for link in links if link] == [False, True]


@ON_SQLITE
@pytest.mark.parametrize("command", [["windows", "list"], ["visits", "list"], ["messages", "list"]])
def test_nothing_to_list_is_an_empty_array(app, command):
    assert run(app, *command, "--json").out == "[]\n"


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("windows list --area XYZ", "no such area: XYZ"),
        ("visits list --area XYZ --json", "no such area: XYZ"),
        ("visits list --from today", "Invalid value for '--from': 'today' must be a date like 2027-03-26"),
        ("visits list --colour red", "No such option '--colour'"),
        ("visits", "visits: say which command: list"),
        ("visits forget", "No such command 'forget'"),
        ("messages list --to me", "--to: 'me' is neither a phone number nor an e-mail address"),
        ("invitations send --area XYZ", "no such area: XYZ"),
        ("invitations send --job XYZ", "no such job: XYZ"),
        ("invitations send --limit 0", "Invalid value for '--limit'"),
        ("jobs withdraw XYZ", "no such job: XYZ"),
        ("jobs withdraw", "Missing argument 'JOB_REFS...'"),
        ("jobs import", "Missing argument 'FILE'"),
        ("staff create anna --role dispatcher", "EMAIL is not an e-mail address"),
        ("staff create anna@example.org --role king", "Invalid value for '--role'"),
        ("staff create anna@example.org", "Missing option '--role'"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(app, arguments, says):
    answer = run(app, *arguments.split())

    assert (answer.status, answer.out) == (2, "")
    assert len(answer.complaints) == 1
    assert answer.err.startswith(says)


def flask(url, *arguments, stdin=""):
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    environment = {**ENVIRONMENT, "DATABASE_URL": url, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_process_says_that_the_tables_are_missing_and_makes_them(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"

    before = flask(url, "visits", "list")
    made = flask(url, "db", "upgrade")
    after = flask(url, "visits", "list", "--json")

    assert before == (
        2,
        "",
        "the database has no tables or old ones: run `flask --app wsgi db upgrade` first\n",
    )
    assert made == (0, "the schema is up to date\n", "")
    assert after == (0, "[]\n", "")


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/portal.db", "postgresql+psycopg://nobody@127.0.0.1:1/portal"]
)
def test_a_process_without_a_database_ends_with_one_line(url):
    status, out, err = flask(url, "visits", "list")

    assert (status, out) == (2, "")
    assert err.startswith("the database cannot be used: ")
    assert err.count("\n") == 1
