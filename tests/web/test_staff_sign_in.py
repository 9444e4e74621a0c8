"""Signing in and out: who gets in, who does not, and that neither tells the other which accounts there are."""

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from app import passwords
from app.staff.views import MOST_OF_A_NETWORK, MOST_OF_AN_ACCOUNT
from tests.web.staff import EMAIL, PASSWORD, a_link, an_account, sign_in, submit

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOUR = 3600


def test_the_right_password_leads_to_the_overview(client, database):
    an_account(database.sessions)

    answer = submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert 'data-page="staff-overview"' in client.get("/staff/").text


def test_the_address_counts_in_any_case_and_with_spaces_around(client, database):
    an_account(database.sessions)

    answer = submit(client, "/staff/sign-in", "sign-in", email=f" {EMAIL.upper()} ", password=PASSWORD)

    assert answer.status_code == 303


@ON_SQLITE
def test_whoever_is_not_signed_in_is_sent_to_the_form_and_back_again(client, database):
    an_account(database.sessions)

    sent = client.get("/staff/messages")
    answer = submit(client, sent.location, "sign-in", email=EMAIL, password=PASSWORD)

    assert (sent.status_code, sent.location) == (303, "/staff/sign-in?next=/staff/messages")
    assert (answer.status_code, answer.location) == (303, "/staff/messages")


@ON_SQLITE
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org/staff/",
        "/\\example.org",
        "/staff/\\example.org",
        "/staff//example.org",
        "/staff/\n//example.org",
        "/v/0000",
        "javascript:alert(1)",
    ],
)
def test_nobody_else_decides_where_one_goes_after_signing_in(client, database, elsewhere):
    an_account(database.sessions)

    answer = submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD, next=elsewhere)

    assert (answer.status_code, answer.location) == (303, "/staff/")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "een ander wachtwoord"),
        ("nobody@warmtehuis-eemland.example", PASSWORD),
        (EMAIL, ""),
        ("", PASSWORD),
        ("x" * 400, PASSWORD),
        (EMAIL, "x" * 1000),
        ("a\x00b@example.org", PASSWORD),
        ("'; DROP TABLE staff; --", "<script>"),
    ],
    ids=["wrong", "unknown", "no-password", "no-email", "long-email", "long-password", "nul", "quotes"],
)
def test_what_does_not_fit_gets_the_same_sentence_whatever_is_wrong(client, database, email, password):
    an_account(database.sessions)

    answer = submit(client, "/staff/sign-in?lang=en", "sign-in", email=email, password=password)

    assert answer.status_code == 422
    assert "This e-mail address and this password do not belong together." in answer.text
    assert client.get("/staff/").status_code == 303


@ON_SQLITE
def test_an_account_whose_link_was_not_used_yet_cannot_sign_in(client, database):
    a_link(database.sessions)

    assert submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password="").status_code == 422
    assert submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD).status_code == 422


@ON_SQLITE
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_an_unknown_account_takes_one_hash_too(client, database, email, monkeypatch):
    an_account(database.sessions)
    hashed = []
    verify = PasswordHasher.verify

    def counted(hasher, password_hash, password):
        hashed.append(password_hash)
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)

    submit(client, "/staff/sign-in", "sign-in", email=email, password="een ander wachtwoord")

    assert len(hashed) == 1


def test_the_hash_for_nobody_costs_what_every_other_costs():
    hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

    assert not hasher.check_needs_rehash(passwords.NOBODYS_HASH)


def test_one_account_can_be_tried_ten_times_a_quarter_of_an_hour(client, database, clock):
    an_account(database.sessions)
    for _ in range(MOST_OF_AN_ACCOUNT):
        assert submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password="").status_code == 422

    refused = submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD)
    clock.shift(15 * 60)
    later = submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD)

    # NOW is the start of a quarter of an hour, so all of it has to be waited for, and the second that rounding adds.
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(15 * 60 + 1))
    assert later.status_code == 303


@ON_SQLITE
def test_one_network_cannot_try_account_after_account(client, database):
    for number in range(MOST_OF_A_NETWORK):
        answer = submit(client, "/staff/sign-in", "sign-in", email=f"person{number}@example.org", password="")
        assert answer.status_code == 422

    answer = submit(client, "/staff/sign-in", "sign-in", email="one.more@example.org", password="")

    assert answer.status_code == 429


@ON_SQLITE
def test_a_form_without_its_token_is_refused(client, database):
    an_account(database.sessions)

    answer = client.post("/staff/sign-in", data={"email": EMAIL, "password": PASSWORD})

    assert answer.status_code == 400
    assert client.get("/staff/").status_code == 303


def test_signing_out_ends_the_session(client, database):
    sign_in(client, database.sessions)

    answer = submit(client, "/staff/", "sign-out")

    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert client.get("/staff/").status_code == 303


@ON_SQLITE
def test_a_session_is_over_after_a_working_day(client, database, clock):
    sign_in(client, database.sessions)

    clock.shift(11 * HOUR)
    in_the_evening = client.get("/staff/").status_code
    clock.shift(2 * HOUR)
    the_next_day = client.get("/staff/").status_code

    assert (in_the_evening, the_next_day) == (200, 303)


@ON_SQLITE
def test_whoever_is_signed_in_needs_no_form(client, database):
    sign_in(client, database.sessions)

    answer = client.get("/staff/sign-in")

    assert (answer.status_code, answer.location) == (303, "/staff/")
