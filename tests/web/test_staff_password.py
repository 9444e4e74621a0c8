"""Setting a password through a one-time link."""

import pytest

from app.passwords import hash_password, verify
from scheduling.actions.staff import PASSWORD_LINK_LASTS
from tests.web.staff import EMAIL, PASSWORD, a_link, sign_in, submit

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def set_through(client, token, password=PASSWORD, again=None):
    return submit(
        client,
        f"/staff/password/{token}?lang=en",
        "set-password",
        password=password,
        password_again=password if again is None else again,
    )


def test_the_link_sets_the_password_and_then_no_longer_works(client, database):
    token = a_link(database.sessions)

    answer = set_through(client, token)
    entered = submit(client, answer.location, "sign-in", email=EMAIL, password=PASSWORD)
    again = client.get(f"/staff/password/{token}")

    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert entered.status_code == 303
    assert again.status_code == 404
    assert 'data-page="staff-password"' in again.text


@ON_SQLITE
def test_looking_at_the_link_does_not_use_it_up(client, database):
    token = a_link(database.sessions)

    client.get(f"/staff/password/{token}")

    assert set_through(client, token).status_code == 303


@ON_SQLITE
@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("elf tekens.", None, "Use at least 12 characters"),
        ("", None, "Use at least 12 characters"),
        ("x" * 201, None, "Use at most 200 characters."),
        (EMAIL.upper(), None, "Use something else than the e-mail address."),
        (PASSWORD, PASSWORD[:-1], "The two passwords are not the same."),
    ],
    ids=["eleven", "none", "too-long", "the-address", "not-the-same"],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(client, database, password, again, sentence):
    token = a_link(database.sessions)

    answer = set_through(client, token, password, again)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.get(f"/staff/password/{token}").status_code == 200


@ON_SQLITE
def test_twelve_characters_are_enough(client, database):
    assert set_through(client, a_link(database.sessions), "twaalf teken").status_code == 303


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "é" * 20, "A" * 5000])
def test_a_link_that_we_never_made_answers_404(client, database, token):
    a_link(database.sessions)

    answer = client.get(f"/staff/password/{token}")

    assert answer.status_code == 404


@ON_SQLITE
def test_a_link_lasts_seven_days(client, database, clock):
    token = a_link(database.sessions)

    clock.shift(PASSWORD_LINK_LASTS.total_seconds() - 1)
    before = client.get(f"/staff/password/{token}").status_code
    clock.shift(1)
    after = client.get(f"/staff/password/{token}").status_code

    assert (before, after) == (200, 404)


@ON_SQLITE
def test_a_newer_link_ends_the_older_one(client, database):
    older, newer = a_link(database.sessions), a_link(database.sessions)

    assert client.get(f"/staff/password/{older}").status_code == 404
    assert client.get(f"/staff/password/{newer}").status_code == 200


def test_a_new_password_ends_sessions_elsewhere(app, client, database):
    elsewhere = sign_in(app.test_client(), database.sessions)
    token = a_link(database.sessions)

    set_through(client, token, "een heel ander wachtwoord")

    assert elsewhere.get("/staff/").status_code == 303


@ON_SQLITE
def test_the_database_holds_neither_the_link_nor_the_password(client, database):
    token = a_link(database.sessions)
    set_through(client, token)
    other = a_link(database.sessions, email="other@example.org")

    with database.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM staff").fetchall())

    assert PASSWORD not in kept
    assert token not in kept
    assert other not in kept


def test_a_password_counts_the_same_however_the_keyboard_composes_its_accents():
    kept = hash_password("caf\N{LATIN SMALL LETTER E WITH ACUTE} om de hoek")

    assert verify(kept, "cafe\N{COMBINING ACUTE ACCENT} om de hoek")
    assert not verify(kept, "cafe om de hoek")


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_nothing_fits_where_no_password_is_kept(kept):
    assert not verify(kept, "")
    assert not verify(kept, PASSWORD)
