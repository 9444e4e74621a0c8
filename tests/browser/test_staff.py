"""Staff in a browser: from the one-time link to the visit that a customer has just booked."""

import re

from playwright.sync_api import Page, expect

from tests.browser.company import AREA, Company
from tests.browser.conftest import DESKTOP, OpenPage
from tests.browser.hands import Pointer, book, expect_page, windows_shown
from tests.browser.staff import new_account, set_password, sign_in, signed_in


def test_a_new_dispatcher_signs_in_and_sees_the_visit_that_was_just_booked(
    company: Company, open_page: OpenPage
):
    customer, customers_page = company.customer(), open_page()
    customers_page.goto(customer.link)
    window_id = windows_shown(customers_page)[-1]
    book(Pointer(customers_page), window_id)
    (visit,) = company.visits_of(customer)
    page = open_page(viewport=DESKTOP, java_script_enabled=False)
    email, link = new_account(company.portal)

    set_password(page, link)
    sign_in(page, email)
    page.select_option("#area", AREA)
    page.fill("#from", visit["starts_at"][:10])
    page.locator("form[data-form=filter] button").click()

    booked = page.locator(f"[data-window='{window_id}'] [data-visit='{visit['visit_ref']}']")
    expect(booked).to_contain_text(re.compile("Van der Berg|van der Berg"))
    expect(booked).to_contain_text("geboekt")


def test_a_one_time_link_works_once(company: Company, page: Page):
    _email, link = new_account(company.portal)
    set_password(page, link)

    answer = page.goto(link)

    assert answer is not None
    assert answer.status == 404
    expect_page(page, "staff-password")
    assert page.locator("form[data-form=set-password]").count() == 0


def test_staff_see_messages_with_their_links_masked(company: Company, desktop: Page):
    page = signed_in(desktop, company.portal)

    page.goto("/staff/messages")

    expect_page(page, "staff-messages")
    assert "Warmtehuis Eemland" in page.locator(".staff-message__text, details").first.inner_html()
    assert not re.search(r"/v/[0-9A-Za-z]{29}", page.content())


def test_after_signing_out_the_overview_asks_to_sign_in(company: Company, desktop: Page):
    page = signed_in(desktop, company.portal)

    page.locator(".staff-nav__out button").click()
    page.goto("/staff/")

    expect_page(page, "staff-sign-in")
