"""Accounts of staff end: the sessions with them, and nobody inherits either."""

from app.passwords import new_link
from scheduling.actions.staff import create_account
from scheduling.reads import staff
from tests.factories import working
from tests.web.commands import run
from tests.web.staff import EMAIL, sign_in


def test_who_was_removed_is_signed_out(client, app, database):
    sign_in(client, database.sessions)
    assert client.get("/staff/").status_code == 200

    answer = run(app, "staff", "remove", EMAIL.upper())

    assert (answer.status, answer.out, answer.err) == (0, "1 removed\n", "")
    assert client.get("/staff/").status_code == 303


def test_the_next_account_is_not_opened_by_the_old_cookie(client, app, database):
    sign_in(client, database.sessions)
    run(app, "staff", "remove", EMAIL)

    # Made anew, with the same number of passwords set as the one before.
    sign_in(app.test_client(), database.sessions)

    assert client.get("/staff/").status_code == 303


def test_only_the_named_account_goes(app, database):
    for email in ("a@b.example", "c@d.example"):
        with working(database.sessions) as work:
            create_account(work, email, "dispatcher", new_link()[1])

    run(app, "staff", "remove", "a@b.example")

    with database.sessions.read() as session:
        assert staff.by_email(session, "a@b.example") is None
        assert staff.by_email(session, "c@d.example") is not None


def test_an_account_that_is_not_there_is_one_line_and_status_2(app):
    answer = run(app, "staff", "remove", "nobody@b.example")

    assert (answer.status, answer.out, answer.complaints) == (2, "", ["no such account: nobody@b.example"])
