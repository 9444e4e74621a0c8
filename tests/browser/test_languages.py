"""The other languages are on the first screen of a phone, by their own names, and a customer's page follows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.company import Company, Portal
from tests.browser.conftest import OpenPage
from tests.browser.hands import Pointer, book, expect_page, windows_shown
from tests.browser.pages import KINDS, Visitor

NARROWEST = {"width": 320, "height": 640}


@pytest.mark.parametrize("kind", ["home", "choose", "booked", "cancelled", "expired", "404"])
def test_polish_is_on_the_first_screen_of_every_kind_of_page(
    open_page: OpenPage, company: Company, demonstration: Portal, kind: str
):
    page = open_page(viewport=NARROWEST, java_script_enabled=False)
    KINDS[kind].go(Visitor(page, company, demonstration))
    expect_page(page, KINDS[kind].name)

    link = page.locator("header a", has_text="Polski")
    box = link.bounding_box()

    assert box is not None
    assert box["y"] + box["height"] < NARROWEST["height"] / 5
    assert box["x"] + box["width"] <= NARROWEST["width"]
    assert (link.get_attribute("lang"), link.get_attribute("hreflang")) == ("pl", "pl")
    link.click()
    expect_page(page, KINDS[kind].name)
    assert page.locator("html").get_attribute("lang") == "pl"


def test_a_visit_is_booked_in_polish_from_the_first_screen_on(
    company: Company, page: Page, assert_accessible: Callable[[Page], None]
):
    customer = company.customer()
    page.goto(customer.link)
    page.locator("header a", has_text="Polski").click()
    assert_accessible(page)

    book(Pointer(page), windows_shown(page)[0])

    assert page.locator("h1").inner_text() == "Wizyta jest umówiona"
    assert page.locator(".summary").inner_text().count("Przegląd") == 1
    assert_accessible(page)
    assert [row["state"] for row in company.visits_of(customer)] == ["booked"]
