"""Takes the pictures of README.md from the demonstration company, into docs/images/. Run by hand, never by a test:

    .venv/bin/python -m tests.browser.screenshots http://localhost:5000

against a portal that `make run` has just started on an empty database, so that its links are unused; then look at all
of them before they are committed. It books a visit for one made-up customer and makes a staff account.
"""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.hands import Pointer, book, expect_page, windows_shown
from tests.browser.staff import PASSWORD, sign_in
from tests.install_browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}


def main(url: str) -> None:
    """Four pictures: choosing on a phone and on a desktop, the booked visit, what dispatchers see."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        try:
            _customers(browser, url)
            _staff(browser, url)
        finally:
            browser.close()


def _customers(browser: Browser, url: str) -> None:
    start = _page(browser, url, DESKTOP)
    start.goto("/demo/")
    links = [str(link.get_attribute("href")) for link in start.locator("dd a[href*='/v/']").all()]

    phone = _page(browser, url, PHONE, scale=1.5)
    phone.goto(links[0])
    Pointer(phone).choose(windows_shown(phone)[1])
    _take(phone, "choose-phone")
    desktop = _page(browser, url, DESKTOP)
    desktop.goto(links[0])
    Pointer(desktop).choose(windows_shown(desktop)[1])
    _take(desktop, "choose-desktop")
    book(Pointer(phone), windows_shown(phone)[1])
    _take(phone, "booked-phone")


def _staff(browser: Browser, url: str) -> None:
    # The command is given the settings of `make run`, as `make flask` does.
    email = "pictures@warmtehuis-eemland.example"
    made = subprocess.run(
        [sys.executable, "-P", "app/local_run.py", "flask", "staff", "create", email, "--role", "dispatcher"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    token = re.search(r"/staff/password/\S+", made.stdout)
    assert token is not None, made.stdout
    page = _page(browser, url, {**DESKTOP, "height": 1000})
    page.goto(token[0])
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    Pointer(page).press("set-password")
    expect_page(page, "staff-sign-in")
    sign_in(page, email)
    page.goto("/staff/?area=amersfoort")
    page.locator(".staff-weeks a").last.click()
    page.locator(".staff-weeks a").last.click()
    _take(page, "staff-overview")


def _page(browser: Browser, url: str, viewport: dict[str, int], *, scale: float = 1) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport=viewport,  # type: ignore[arg-type]
        device_scale_factor=scale,
        locale="nl-NL",
        timezone_id="Europe/Amsterdam",
        color_scheme="light",
        reduced_motion="reduce",
    )
    return context.new_page()


def _take(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
