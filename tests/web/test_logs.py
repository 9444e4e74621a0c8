"""Log lines: one JSON object each, by route and never by address, and nothing personal in any of them."""

import json
import logging

import pytest

from app.logs import JsonLines
from tests.web.customers import EMAIL, PHONE, STREET, a_household, book, cancel

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def lines():
    """Every line that the portal logs meanwhile, as it is written."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler, root = Keep(), logging.getLogger("portal")
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def test_a_whole_booking_leaves_nothing_personal_in_the_log(page, app, database, lines):
    household = a_household(app, database)
    booked = book(page, household)
    page.submit(booked, "verify", postcode="3811AB", house_number="12")
    page.get(f"/visit/{household.visit().code}")
    page.submit(page.get("/"), "enter-code", code=household.code, postcode="3811AB")
    page.get(f"{household.href}/visit.ics")
    cancel(page, household)

    text = "\n".join(lines)
    assert len(lines) > 10
    for personal in (
        household.token,
        household.visit().code,
        household.code,
        "Vries",
        PHONE,
        EMAIL,
        STREET,
        "3811",
    ):
        assert personal not in text
    assert all(json.loads(line)["event"] == "request" for line in lines)


@ON_SQLITE
def test_a_request_is_logged_by_its_route(page, lines):
    page.get("/v/0123456789abcdef?lang=nl")

    line = json.loads(lines[-1])
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v/<token>", 404)
    assert line["ms"] >= 0


@ON_SQLITE
def test_files_and_health_checks_are_not_logged(page, lines):
    for path in ("/healthz", "/readyz", "/brand.css", "/static/css/base.css"):
        page.get(path)

    assert lines == []


@ON_SQLITE
def test_an_unexpected_error_is_logged_by_its_kind_and_place_and_not_by_what_it_says(
    page, app, lines, monkeypatch
):
    def fail():
        raise RuntimeError(f"{PHONE} {EMAIL} mevrouw De Vries")

    monkeypatch.setitem(app.view_functions, "customer.home", fail)
    page.get("/")

    (line,) = [json.loads(line) for line in lines if json.loads(line)["level"] == "error"]
    assert (line["event"], line["error"]) == ("unexpected error", "RuntimeError")
    assert any("fail" in place for place in line["where"])
    assert not [written for written in lines if PHONE in written or "Vries" in written or EMAIL in written]


def test_a_name_with_line_ends_stays_on_one_line():
    record = logging.LogRecord("portal", logging.INFO, __file__, 1, "a\nb\u2028%s", ("c\r\nd",), None)

    line = JsonLines().format(record)

    assert len(line.split("\n")) == 1
    assert json.loads(line)["event"] == "a\nb\u2028c\r\nd"
