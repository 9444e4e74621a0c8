"""Two people, two tabs, two clicks: what the customer sees when something else happened in between."""

from playwright.sync_api import Page

from tests.browser.company import Company
from tests.browser.conftest import OpenPage
from tests.browser.hands import Pointer, book, expect_page, windows_shown


def test_a_window_taken_meanwhile_is_said_and_another_is_two_presses_away(
    company: Company, open_page: OpenPage
):
    quick, slow = open_page(), open_page()
    quick.goto(company.customer("taken").link)
    slow.goto(company.customer("taken").link)
    last_place = windows_shown(slow)[0]
    Pointer(slow).choose(last_place)
    Pointer(slow).press("choose-window")

    book(Pointer(quick), last_place)
    with slow.expect_navigation() as answer:
        Pointer(slow).press("confirm-visit")

    assert answer.value.status == 409
    expect_page(slow, "window-taken")
    nearest = windows_shown(slow)
    assert last_place not in nearest
    book(Pointer(slow), nearest[0])


def test_a_second_tab_changes_nothing_once_a_visit_is_booked(company: Company, open_page: OpenPage):
    customer, first = company.customer(), open_page()
    second = first.context.new_page()
    for page in (first, second):
        page.goto(customer.link)
    one, other = windows_shown(first)[:2]
    Pointer(second).choose(other)
    Pointer(second).press("choose-window")
    book(Pointer(first), one)
    told = first.locator(".moment").inner_text()

    with second.expect_navigation() as answer:
        Pointer(second).press("confirm-visit")

    assert answer.value.status == 409
    expect_page(second, "booked")
    assert second.locator(".moment").inner_text() == told
    assert [visit["window_id"] for visit in company.visits_of(customer)] == [one]


def test_pressing_twice_is_one_visit(company: Company, page_without_javascript: Page):
    customer, page = company.customer(), page_without_javascript
    page.goto(customer.link)
    Pointer(page).choose(windows_shown(page)[0])
    Pointer(page).press("choose-window")

    page.locator("form[data-form=confirm-visit] button").dblclick()

    expect_page(page, "booked")
    assert len(company.visits_of(customer)) == 1


def test_two_personal_links_in_one_browser_do_not_get_mixed_up(company: Company, open_page: OpenPage):
    own, mothers = company.customer(), company.customer()
    page = open_page()
    other_tab = page.context.new_page()
    page.goto(own.link)
    wanted = windows_shown(page)[2]
    Pointer(page).choose(wanted)

    other_tab.goto(mothers.link)
    book(Pointer(other_tab), windows_shown(other_tab)[0])
    Pointer(page).press("choose-window")
    Pointer(page).press("confirm-visit")

    expect_page(page, "booked")
    assert [visit["window_id"] for visit in company.visits_of(own)] == [wanted]
