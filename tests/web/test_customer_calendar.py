"""`visit.ics`: the visit as a calendar file, through everything that may happen to it."""

from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from scheduling.models import Job
from tests.page import PageBrowser
from tests.web.customers import STREET, a_household, book, cancel, change


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


@pytest.fixture
def program(app) -> PageBrowser:
    """A calendar program: it never had a cookie of ours."""
    return PageBrowser(app.test_client())


def entry(program: PageBrowser, household) -> Any:
    """The one event of the file."""
    answer = program.get(f"{household.href}/visit.ics")
    assert (answer.status, answer.response.mimetype) == (200, "text/calendar")
    assert "Set-Cookie" not in answer.headers
    (event,) = icalendar.Calendar.from_ical(answer.response.data).walk("VEVENT")
    return event


def test_before_a_visit_there_is_no_file(program, household):
    assert program.get(f"{household.href}/visit.ics").status == 404


def test_the_file_has_the_window_and_needs_no_cookie(page, program, household):
    book(page, household)

    event = entry(program, household)

    assert event.decoded("dtstart").isoformat() == "2026-12-03T10:00:00+01:00"
    assert event.decoded("dtend").isoformat() == "2026-12-03T12:00:00+01:00"
    assert int(event["sequence"]) == 0
    assert event["status"] == "CONFIRMED"


def test_it_carries_no_personal_link_but_the_shared_page(page, program, household):
    book(page, household)

    text = program.get(f"{household.href}/visit.ics").response.get_data(as_text=True)
    unfolded = text.replace("\r\n ", "")

    assert household.token not in unfolded
    assert f"http://localhost:5000/visit/{household.visit().code}" in unfolded
    assert text.endswith("END:VCALENDAR\r\n")


def test_the_address_in_it_is_the_one_that_a_calendar_needs(page, program, household):
    book(page, household)

    assert STREET in entry(program, household)["location"] or "3811" in entry(program, household)["location"]


def test_a_change_is_the_same_event_with_a_higher_sequence(page, program, household, clock):
    book(page, household)
    before = entry(program, household)
    clock.shift(60)
    change(page, household, household.windows[1])

    after = entry(program, household)

    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) == int(before["sequence"]) + 1
    assert after.decoded("last-modified") > before.decoded("last-modified")
    assert after.decoded("dtstart").hour == 14


def test_a_cancellation_cancels_the_same_event(page, program, household):
    book(page, household)
    before = entry(program, household)
    cancel(page, household)

    after = entry(program, household)

    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert int(after["sequence"]) > int(before["sequence"])


def test_an_undo_brings_it_back(page, program, household):
    book(page, household)
    page.submit(cancel(page, household), "restore-visit")

    event = entry(program, household)

    assert event["status"] == "CONFIRMED"
    assert int(event["sequence"]) == 2


def test_who_chooses_again_after_cancelling_gets_a_new_event(page, program, household):
    book(page, household)
    before = entry(program, household)
    cancel(page, household)
    book(page, household, household.windows[1])

    after = entry(program, household)

    assert after["uid"] != before["uid"]
    assert (after["status"], int(after["sequence"])) == ("CONFIRMED", 0)


def test_the_booked_page_leads_to_the_file_and_to_web_calendars(page, household):
    booked = book(page, household)

    hrefs = {link.get("href", "") for link in booked.tree.iter("a")}

    assert f"{household.href}/visit.ics" in hrefs
    for host in ("https://calendar.google.com/", "https://outlook.live.com/"):
        (found,) = [href for href in hrefs if href.startswith(host)]
        assert household.token not in found
        assert STREET not in found


def test_a_visit_that_the_company_ended_is_cancelled_in_calendars_too(
    app, database, page, program, household
):
    book(page, household)
    before = entry(program, household)
    with database.sessions.read() as session:
        job_ref = session.scalars(select(Job.ref).where(Job.invitation_id.is_not(None))).one()

    assert app.test_cli_runner().invoke(args=["jobs", "withdraw", job_ref]).exit_code == 0

    after = entry(program, household)
    assert page.get(household.href).status == 410
    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert int(after["sequence"]) > int(before["sequence"])
