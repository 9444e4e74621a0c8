"""A dispatcher in a browser: an account made by the command, and the one-time link it prints."""

from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.company import Portal
from tests.browser.hands import Pointer, expect_page

PASSWORD = "een paard, een nietje"
_numbers = count(1)


def new_account(portal: Portal) -> tuple[str, str]:
    """Address and one-time link of a new dispatcher."""
    email = f"planner{next(_numbers)}@warmtehuis-eemland.example"
    printed = portal.flask("staff", "create", email, "--role", "dispatcher")
    return email, printed.split()[-1]


def set_password(page: Page, link: str) -> None:
    """Opens the link and types a password twice; ends at the sign-in."""
    page.goto(link)
    expect_page(page, "staff-password")
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    Pointer(page).press("set-password")
    expect_page(page, "staff-sign-in")


def sign_in(page: Page, email: str) -> None:
    """Fills in the form that the page shows; ends at the overview."""
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    Pointer(page).press("sign-in")
    expect(page.locator("main")).to_have_attribute("data-page", "staff-overview")


def signed_in(page: Page, portal: Portal) -> Page:
    """`page`, as a new dispatcher sees it after signing in."""
    email, link = new_account(portal)
    set_password(page, link)
    sign_in(page, email)
    return page
