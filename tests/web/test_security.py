"""Form tokens, foreign pages and headers: who may post here, and what browsers are told."""

from dataclasses import replace

import pytest

from app import create_app
from tests.page import PageBrowser
from tests.web.customers import a_household, book

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


@pytest.mark.parametrize("token", [None, "", "x", "é", "\x00", "x" * 5000])
@ON_SQLITE
def test_a_form_without_the_right_token_is_refused(page, household, token):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    answer = page.forge(reviewing, "confirm-visit", csrf_token=token)

    assert (answer.status, answer.name) == (400, "error-400")
    assert household.visits() == []


def test_the_token_of_another_browser_is_refused(page, app, household):
    stranger = PageBrowser(app.test_client())
    foreign = stranger.get(household.href).token()

    answer = page.forge(page.get(household.href), "choose-window", csrf_token=foreign, window=1)

    assert answer.status == 400


def test_without_a_cookie_a_form_is_refused_with_what_to_do(page, app, household):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])
    without_cookies = PageBrowser(app.test_client())

    answer = without_cookies.submit(reviewing, "confirm-visit")

    assert answer.status == 400
    assert "cookies" in answer.words
    assert household.visits() == []


def test_a_form_has_no_time_limit(page, household, clock):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])
    clock.shift(5 * 24 * 3600)

    assert page.submit(reviewing, "confirm-visit").status == 303


REFUSED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "odd"},
    {"Origin": "https://example.org"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://localhost.example.org"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://example.org"},
]


@pytest.mark.parametrize("headers", REFUSED, ids=str)
@ON_SQLITE
def test_a_post_from_elsewhere_is_refused_even_with_a_token(page, household, headers):
    choosing = page.get(household.href)
    token = choosing.token()

    answer = page.post(
        f"{household.href}/confirm",
        {"csrf_token": token, "window": household.windows[0]},
        headers=headers,
    )

    assert (answer.status, answer.name) == (403, "error-403")
    assert household.visits() == []


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "none"}, OWN, {"Origin": "http://localhost:5000"}], ids=str
)
@ON_SQLITE
def test_a_post_from_our_own_page_is_taken(page, household, headers):
    token = page.get(household.href).token()

    form = {"csrf_token": token, "window": household.windows[0]}

    assert page.post(f"{household.href}/confirm", form, headers=headers).status == 303


@ON_SQLITE
def test_opening_a_link_from_an_sms_or_a_mail_is_no_foreign_post(page, household):
    answer = page.get(
        household.href, headers={"Sec-Fetch-Site": "cross-site", "Referer": "https://mail.example"}
    )

    assert answer.status == 200


def test_the_headers_stand_on_every_kind_of_answer(page, household):
    # The browser of these tests checks them on each of these: page, redirect, file, refusal, error.
    answers = [
        page.get("/"),
        page.get(household.href),
        page.submit(page.get(household.href), "choose-window", window=household.windows[0]),
        page.get("/static/css/base.css"),
        page.get("/brand.css"),
        page.get("/healthz"),
        page.get("/v/x"),
        page.get(f"{household.href}/visit.ics"),
        page.post("/"),
    ]

    assert [answer.status for answer in answers] == [200, 200, 303, 200, 200, 200, 404, 404, 400]


@ON_SQLITE
def test_files_may_be_kept_and_pages_may_not(page, household):
    sheet = next(
        link.get("href") for link in page.get("/").tree.iter("link") if "base.css" in link.get("href", "")
    )

    assert "immutable" in page.get(sheet).headers["Cache-Control"]
    assert page.get(household.href).headers["Cache-Control"] == "no-store"


@ON_SQLITE
def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(page, household):
    cookie = page.get(household.href).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert household.token not in cookie


@ON_SQLITE
def test_over_tls_the_cookie_is_kept_to_it(settings, clock):
    secure = create_app(replace(settings, public_url="https://bezoek.example"))
    browser = PageBrowser(secure.test_client())

    answer = browser.get("/", base_url="https://bezoek.example")

    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@ON_SQLITE
def test_a_booked_page_leads_nowhere_with_the_address_of_the_link(page, household):
    booked = book(page, household)

    outside = [link.get("href", "") for link in booked.tree.iter("a") if "://" in link.get("href", "")]
    assert outside
    assert not [href for href in outside if household.token in href]
