"""Error pages: the right status, in the portal's own look, saying what to do and nothing of what went wrong inside."""

from dataclasses import replace

import pytest

from app import create_app
from app.errors import error_page, sentences
from tests.page import PageBrowser
from tests.web.customers import a_household

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOWHERE = {
    "sqlite": "sqlite:////nowhere/at/all/portal.db",
    # Port 9 is discard's; nothing listens there.
    "postgresql": "postgresql+psycopg://portal@127.0.0.1:9/portal?connect_timeout=2",
}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500, 503, 415, 418, 502])
@pytest.mark.parametrize("language", ["nl", "en"])
@ON_SQLITE
def test_every_status_has_a_page(page, app, status, language):
    app.add_url_rule("/fails", "fails", lambda: error_page(status))

    answer = page.get("/fails", headers={"Accept-Language": language})

    assert (answer.status, answer.lang) == (status, language)
    assert answer.name == ("not-found" if status == 404 else f"error-{status}")
    assert "033 303 90 00" in answer.html
    assert "afspraak@warmtehuis-eemland.example" in answer.html


@ON_SQLITE
def test_every_status_of_ours_has_words_of_its_own(app):
    with app.test_request_context("/"):
        words = [sentences(status).heading for status in (400, 403, 404, 405, 409, 413, 429, 500, 503)]

    assert len(set(words)) == len(words)


@ON_SQLITE
def test_an_unknown_page_is_404_and_its_language_links_stay_here(page):
    for path in ("/nothing", "/v/", "/staff/nothing", "/static/css/none.css", "/v/x/y/z", "//example.org/a"):
        answer = page.get(path)
        assert answer.status == 404, path
        hrefs = [link.get("href") for link in answer.tree.iter("a") if link.get("hreflang")]
        assert hrefs, path
        assert not [href for href in hrefs if href.startswith(("//", "/\\", "http"))], path


def test_a_body_of_a_megabyte_is_413(page, app, database):
    household = a_household(app, database)

    for path in ("/", f"{household.href}/choose", f"{household.href}/other"):
        answer = page.post(path, {"wishes": "x" * 1_000_000})
        assert (answer.status, answer.name) == (413, "error-413"), path


@ON_SQLITE
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_405_and_says_which_are_right(page, app, database, method):
    household = a_household(app, database)

    answer = page.open(household.href, method=method)

    assert (answer.status, answer.name) == (405, "error-405")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["review", "other/received", "visit.ics"])
@ON_SQLITE
def test_posting_to_what_is_only_shown_is_405(page, app, database, path):
    household = a_household(app, database)

    assert page.post(f"{household.href}/{path}").status == 405


def test_without_a_database_every_page_says_that_it_is_not_reached(app, database, settings):
    household = a_household(app, database)
    lost = create_app(replace(settings, database_url=NOWHERE[database.kind]))
    lost.testing = True
    browser = PageBrowser(lost.test_client())

    for path in (household.href, f"{household.href}/other", "/visit/abc"):
        answer = browser.get(path)
        assert (answer.status, answer.name) == (503, "error-503"), path
        assert answer.headers["Retry-After"]
    form = browser.get("/")
    posted = browser.submit(form, "enter-code", code="ABCD2345", postcode="3811AB")

    assert form.status == 200
    assert posted.status == 503
    assert browser.get("/healthz").status == 200
    assert browser.get("/readyz").status == 503


@ON_SQLITE
def test_an_unexpected_error_says_nothing_of_itself(page, app, monkeypatch):
    def fail(*_args, **_values):
        raise RuntimeError("mevrouw De Vries, +31612345678")

    monkeypatch.setitem(app.view_functions, "customer.home", fail)
    answer = page.get("/")

    assert (answer.status, answer.name) == (500, "error-500")
    for secret in ("RuntimeError", "Vries", "31612345678", "Traceback", "views.py"):
        assert secret not in answer.html
