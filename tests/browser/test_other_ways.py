"""What a customer does besides booking: later days, wishes, a letter's code, the address, the calendar's own page."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.conftest import PHONE, OpenPage, beside
from tests.browser.hands import Pointer, book, expect_page, windows_shown


def test_days_further_on_are_reached_without_javascript(company: Company, page_without_javascript: Page):
    page = page_without_javascript
    page.goto(company.customer().link)
    soon = windows_shown(page)

    page.locator(".window-picker__more a").click()
    later = windows_shown(page)
    assert not set(soon) & set(later)
    book(Pointer(page), later[0])

    expect_page(page, "booked")


def test_pressing_on_without_a_choice_says_what_is_missing(company: Company, page_without_javascript: Page):
    page = page_without_javascript
    page.goto(company.customer().link)
    # An older browser that does not know `required` sends the form as it is.
    page.locator("form[data-form=choose-window]").evaluate("form => { form.noValidate = true; }")

    with page.expect_navigation() as answer:
        Pointer(page).press("choose-window")

    assert answer.value.status == 422
    assert windows_shown(page)
    expect(page.locator(".notice--danger")).to_contain_text("Kies eerst een tijd")


def test_the_full_address_is_shown_after_postcode_and_number(company: Company, page: Page):
    customer = company.customer()
    page.goto(customer.link)
    book(Pointer(page), windows_shown(page)[0])
    assert "Koningin Wilhelminastraat" not in page.content()
    assert customer.postcode not in page.content()

    page.locator("summary").click()
    page.fill("#postcode", customer.postcode.lower().replace(" ", ""))
    page.fill("#house_number", customer.house_number)
    Pointer(page).press("verify")

    expect(page.locator("main")).to_contain_text(f"Koningin Wilhelminastraat {customer.house_number}")


def test_a_customer_whom_no_window_suits_writes_when_it_does(company: Company, page_without_javascript: Page):
    page = page_without_javascript
    page.goto(company.customer().link)
    page.get_by_role("link", name=re.compile("Geen van deze tijden")).click()
    expect_page(page, "no-windows")

    page.fill("#wishes", "Alleen op woensdag, 's middags <na> drie uur.")
    Pointer(page).press("leave-wishes")

    expect_page(page, "wishes-received")


def test_the_code_of_a_letter_opens_the_personal_page(company: Company, page: Page):
    customer = company.customer("letter")
    page.goto("/")
    page.fill("#code", customer.code.lower().replace("-", " "))
    page.fill("#postcode", customer.postcode)

    Pointer(page).press("enter-code")

    expect_page(page, "choose")
    assert "Geachte heer Bakker," in page.inner_text("main")


def test_a_wrong_code_keeps_what_was_typed(company: Company, page_without_javascript: Page):
    page = page_without_javascript
    page.goto("/")
    page.fill("#code", "AAAA-BBBB")
    page.fill("#postcode", "3811 XZ")

    Pointer(page).press("enter-code")

    expect_page(page, "home")
    expect(page.locator("#code")).to_have_value("AAAA-BBBB")
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")


def test_a_shared_calendar_entry_leads_to_the_window_alone_and_can_send_the_link(
    company: Company, open_page: OpenPage
):
    customer, page = company.customer(), open_page()
    page.goto(customer.link)
    book(Pointer(page), windows_shown(page)[0])
    moment = page.locator(".moment").inner_text()
    entry = page.request.get(f"{customer.link}/visit.ics").text().replace("\r\n ", "")
    shared = re.search(r"^URL[^:]*:(\S+)", entry, re.MULTILINE)
    assert shared is not None
    assert customer.path not in entry

    stranger = open_page()
    stranger.goto(shared[1])
    expect_page(stranger, "shared-visit")
    assert stranger.locator(".moment").inner_text() == moment
    assert not re.search(r"Berg|Wilhelmina|3811", stranger.inner_text("main"))
    Pointer(stranger).press("send-link")

    expect(stranger.locator(".notice--success")).to_be_visible()
    assert company.messages_of(customer)[-1]["kind"] == "link"


def test_an_informal_customer_is_spoken_to_informally_on_every_page(company: Company, page: Page):
    page.goto(company.customer("informal").link)
    assert "Beste Sanne," in page.inner_text("main")
    texts = [page.inner_text("body")]

    Pointer(page).choose(windows_shown(page)[0])
    Pointer(page).press("choose-window")
    texts.append(page.inner_text("body"))
    Pointer(page).press("confirm-visit")
    texts.append(page.inner_text("body"))

    assert not re.search(r"\b(u|uw)\b", "\n".join(texts), re.IGNORECASE)


def test_an_english_customer_reads_english_and_may_switch(company: Company, page: Page):
    page.goto(company.customer("english").link)
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Dear Mr Smith," in page.inner_text("main")

    page.locator(".header .languages__link[lang=nl]").click()

    assert page.locator("html").get_attribute("lang") == "nl"
    assert "Geachte heer Smith," in page.inner_text("main")


def test_dark_mode_is_dark(company: Company, open_page: OpenPage):
    page = open_page(color_scheme="dark")
    page.goto(company.customer().link)

    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert sum(int(part) for part in re.findall(r"\d+", ground)) < 150


def test_a_light_brand_colour_stays_readable(
    company: Company, open_page: OpenPage, assert_accessible: Callable[[Page], None]
):
    customer = company.customer()
    with beside(company.portal, BRAND_COLOR="#ffd400") as yellow:
        for scheme in ("light", "dark"):
            page = open_page(at=yellow, viewport=PHONE, color_scheme=scheme)
            page.goto(yellow.url + customer.path)
            Pointer(page).choose(windows_shown(page)[0])
            assert_accessible(page)
            Pointer(page).press("choose-window")
            assert_accessible(page)
            assert "#ffd400" in page.request.get(f"{yellow.url}/brand.css").text().lower()
