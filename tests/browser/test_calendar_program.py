"""Our calendar file, read by ical.js: another hand than the one that wrote it, as in a customer's own calendar."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.company import FAR_AREA, ROOT, Company, Customer
from tests.browser.hands import Pointer, book, expect_page

ICAL_JS = ROOT / "tests" / "data" / "ical" / "ical.es5.min.cjs"

READ = """file => {
    const calendar = new ICAL.Component(ICAL.parse(file));
    const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
    const zone = event.startDate.zone;
    return {
        starts: event.startDate.toUnixTime(),
        ends: event.endDate.toUnixTime(),
        hour: event.startDate.hour,
        uid: event.uid,
        sequence: event.sequence,
        status: event.component.getFirstPropertyValue("status"),
        method: calendar.getFirstPropertyValue("method"),
        is_of_the_file: zone.component === calendar.getFirstSubcomponent("vtimezone"),
        alarms: event.component.getAllSubcomponents("valarm").length,
    };
}"""
"""What a calendar program makes of a file. Times are seconds since 1970, so they say which offset it used."""

YEAR = date.today().year + 1  # noqa: DTZ011  (the portal under test goes by this machine's clock)


def last_sunday(month: int) -> date:
    """The day on which the clock changes in March and in October (Directive 2000/84/EC); both have 31 days."""
    last = date(YEAR, month, 31)
    return last.replace(day=31 - (last.weekday() + 1) % 7)


DAYS = {
    "winter": date(YEAR, 1, 11),
    "before-summer-time": last_sunday(3).replace(day=last_sunday(3).day - 2),
    "after-summer-time-began": last_sunday(3),
    "summer": date(YEAR, 7, 12),
    "before-winter-time": last_sunday(10).replace(day=last_sunday(10).day - 2),
    "after-winter-time-began": last_sunday(10),
}
"""Each test takes the first window on or after its day; there are some on Mondays, Wednesdays and Fridays."""


@pytest.mark.parametrize("when", DAYS)
def test_another_program_reads_the_right_instants(company: Company, phone: Page, when: str):
    customer, window = company.customer("far"), _first_from(company, DAYS[when])
    _book(phone, customer, window.window_id, window.starts_at.date())

    read = _read(phone, customer)

    assert (read["starts"], read["ends"]) == (window.starts_at.timestamp(), window.ends_at.timestamp())
    assert read["hour"] == window.starts_at.hour
    assert read["is_of_the_file"], "the zone was not taken from the file's own VTIMEZONE"
    assert (read["status"], read["sequence"], read["alarms"] > 0) == ("CONFIRMED", 0, True)


def test_a_visit_that_moves_from_winter_to_summer_and_is_cancelled_stays_one_entry(
    company: Company, phone: Page
):
    customer = company.customer("far")
    winter, summer = (_first_from(company, DAYS[when]) for when in ("winter", "summer"))
    _book(phone, customer, winter.window_id, winter.starts_at.date())
    booked = _read(phone, customer)

    phone.goto(f"{customer.path}/change?from={summer.starts_at.date()}")
    book(Pointer(phone), summer.window_id)
    moved = _read(phone, customer)
    Pointer(phone).press("cancel-visit")
    Pointer(phone).press("cancel-visit")
    expect_page(phone, "cancelled")
    cancelled = _read(phone, customer)

    assert moved["starts"] == cancelled["starts"] == summer.starts_at.timestamp()
    assert booked["uid"] == moved["uid"] == cancelled["uid"]
    assert [read["sequence"] for read in (booked, moved, cancelled)] == [0, 1, 2]
    assert [read["status"] for read in (moved, cancelled)] == ["CONFIRMED", "CANCELLED"]


def _first_from(company: Company, day: date) -> Any:
    windows = [
        window
        for window in company.windows.values()
        if window.area_ref == FAR_AREA and window.starts_at.date() >= day
    ]
    return min(windows, key=lambda window: window.starts_at)


def _book(page: Page, customer: Customer, window_id: str, day: date) -> None:
    page.goto(f"{customer.path}?from={day}")
    book(Pointer(page), window_id)


def _read(page: Page, customer: Customer) -> dict[str, Any]:
    file = page.request.get(f"{customer.path}/visit.ics").text()
    # Evaluated by the debugger, as axe is; its last lines make ICAL a global name.
    page.evaluate(f"() => {{ {ICAL_JS.read_text(encoding='utf-8')} }}")
    read: dict[str, Any] = page.evaluate(READ, file)
    return read
