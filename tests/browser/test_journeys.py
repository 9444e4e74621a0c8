"""The whole main job: from the link in an SMS to a visit in the calendar, changed, cancelled, restored."""

from datetime import datetime
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Page

from tests.browser.company import Company, Customer
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.hands import Hands, Keyboard, Pointer, book, expect_page, windows_shown

DEVICES: dict[str, tuple[type[Pointer] | type[Keyboard], dict[str, Any]]] = {
    "phone": (Pointer, {"viewport": PHONE, "has_touch": True, "is_mobile": True}),
    "desktop": (Pointer, {"viewport": DESKTOP}),
    "phone-without-javascript": (Pointer, {"viewport": PHONE, "java_script_enabled": False}),
    "desktop-without-javascript": (Pointer, {"viewport": DESKTOP, "java_script_enabled": False}),
    "keyboard": (Keyboard, {"viewport": DESKTOP}),
    "keyboard-on-a-small-screen": (Keyboard, {"viewport": PHONE}),
}


@pytest.mark.parametrize("device", DEVICES)
def test_a_customer_books_changes_cancels_restores_and_books_again(
    company: Company, open_page: OpenPage, device: str
):
    _journey(company, open_page, device)


@pytest.mark.parametrize("company", ["postgresql"], indirect=True)
def test_the_same_on_postgresql(company: Company, open_page: OpenPage):
    customer = _journey(company, open_page, "phone")

    kinds = [message["kind"] for message in company.messages_of(customer)]
    assert kinds == [
        "invitation",
        "confirmation",
        "change",
        "cancellation",
        "restored",
        "cancellation",
        "confirmation",
    ]


def _journey(company: Company, open_page: OpenPage, device: str) -> Customer:
    hands_of, wishes = DEVICES[device]
    customer, page = company.customer(), open_page(**wishes)
    hands = hands_of(page)
    page.goto(customer.link)
    expect_page(page, "choose")
    assert "Geachte mevrouw Van der Berg," in page.inner_text("main")
    first, second, *_others, last = windows_shown(page)

    book(hands, first)
    booked = _visit_file(hands)
    assert _moment(booked) == _window(company, first)
    assert (booked["SEQUENCE"], booked["STATUS"]) == (0, "CONFIRMED")

    hands.press("change-visit")
    expect_page(page, "choose")
    assert first not in windows_shown(page)
    book(hands, last)
    changed = _visit_file(hands)
    assert _moment(changed) == _window(company, last)
    assert (changed["UID"], changed["SEQUENCE"]) == (booked["UID"], 1)

    _cancel(hands)
    cancelled = _fetched_file(hands.page, customer)
    assert (cancelled["UID"], cancelled["STATUS"]) == (booked["UID"], "CANCELLED")
    assert cancelled["SEQUENCE"] == 2

    hands.press("restore-visit")
    expect_page(page, "booked")
    restored = _visit_file(hands)
    assert _moment(restored) == _window(company, last)
    assert (restored["STATUS"], restored["SEQUENCE"]) == ("CONFIRMED", 3)

    _cancel(hands)
    # Undoing is offered first; other times stand behind it.
    hands.follow("summary")
    book(hands, second)
    again = _visit_file(hands)
    assert _moment(again) == _window(company, second)
    assert again["UID"] != booked["UID"]

    visits = {(visit["state"], visit["window_id"]) for visit in company.visits_of(customer)}
    assert visits == {("cancelled", last), ("booked", second)}
    return customer


def _cancel(hands: Hands) -> None:
    hands.press("cancel-visit")
    expect_page(hands.page, "cancel")
    hands.press("cancel-visit")
    expect_page(hands.page, "cancelled")


def _visit_file(hands: Hands) -> Any:
    """The file behind the button, as a person downloads it."""
    with hands.page.expect_download() as download:
        hands.follow("a[href$='visit.ics']")
    return _event(download.value.path().read_bytes())


def _fetched_file(page: Page, customer: Customer) -> Any:
    """The same file as a calendar program gets it, which has no cookies."""
    answer = page.request.get(f"{customer.link}/visit.ics")
    assert answer.ok
    return _event(answer.body())


def _event(content: bytes) -> Any:
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return event


def _moment(event: Any) -> tuple[datetime, datetime]:
    return event["DTSTART"].dt, event["DTEND"].dt


def _window(company: Company, window_id: str) -> tuple[datetime, datetime]:
    window = company.windows[window_id]
    return window.starts_at, window.ends_at
