"""What `make run` shows to whoever tries the product."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Portal
from tests.browser.hands import Pointer, book, expect_page, windows_shown

NAME = "Geertruida de Vries"
"""Somebody who is written to by SMS, and has booked nothing."""


@pytest.fixture
def portal(demonstration: Portal) -> Portal:
    """Pages open on the demonstration."""
    return demonstration


def test_a_message_leads_to_its_customers_page_and_the_booking_shows_up_among_the_messages(phone: Page):
    phone.goto("/demo/")
    phone.get_by_role("link", name="Alle berichten aan klanten").click()
    expect_page(phone, "demo-messages")
    phone.select_option("#kind", "invitation")
    phone.locator("form[data-form=filter-messages] button").click()
    invitation = phone.locator("[data-kind=invitation][data-channel=sms]").filter(has_text=NAME)
    invitation.locator("a[href*='/v/']").click()
    expect_page(phone, "choose")
    book(Pointer(phone), windows_shown(phone)[0])

    phone.goto("/demo/messages?kind=confirmation")

    newest = phone.locator(".written__message").filter(has_text=NAME).first
    expect(newest).to_have_attribute("data-kind", "confirmation")


def test_the_start_page_has_a_working_link_for_every_persona(desktop: Page):
    desktop.goto("/demo/")
    links = [str(link.get_attribute("href")) for link in desktop.locator("a[href*='/v/']").all()]
    assert len(links) >= 8

    shown = set()
    for link in links:
        desktop.goto(link)
        shown.add(desktop.locator("main").get_attribute("data-page"))

    assert shown == {"choose", "booked", "cancelled", "no-windows"}
