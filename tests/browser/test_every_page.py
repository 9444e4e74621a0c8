"""Rules for every kind of page: WCAG 2.2 AA small and wide, light and dark; no sideways scrolling; a sound document."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Page

from tests.browser.company import Company, Portal
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, beside
from tests.browser.hands import expect_page
from tests.browser.pages import KINDS, Visitor, names_in_templates

NARROWEST = {"width": 320, "height": 640}
"""What a page of 1280 pixels is at 400 % (WCAG 2.2, 1.4.10)."""

CHOOSE_BYTES = 60_000
"""The choose page with its styles, over the wire, headers included."""

Check = Callable[[Page], None]


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_accessible_and_fits(
    open_page: OpenPage, company: Company, demonstration: Portal, assert_accessible: Check, kind: str
):
    page_kind = KINDS[kind]
    page = open_page(at=demonstration if page_kind.is_demonstrations else company.portal)

    page_kind.go(Visitor(page, company, demonstration))

    expect_page(page, page_kind.name)
    _check(page, assert_accessible)


def test_every_template_is_among_them():
    assert names_in_templates() <= {kind.name for kind in KINDS.values()}


def test_pages_that_say_it_went_wrong_on_our_side_are_accessible_too(
    open_page: OpenPage, company: Company, assert_accessible: Check, tmp_path: Path
):
    # A copy of the data that nobody else needs: first it says what cannot be, then it is gone.
    original = company.portal.database.url.partition("///")[2]
    broken = tmp_path / "broken.db"
    customer = company.customer()
    with sqlite3.connect(original) as source, sqlite3.connect(broken) as copy:
        source.backup(copy)
        copy.execute("UPDATE area SET time_zone = 'Nowhere/Never'")
    source.close()
    with beside(company.portal, DATABASE_URL=f"sqlite:///{broken}") as failing:
        page = open_page(at=failing, fails=True)

        page.goto(customer.path)
        expect_page(page, "error-500")
        _check(page, assert_accessible)

        copy.execute("ALTER TABLE invitation RENAME TO gone")
        copy.close()
        page.goto(customer.path)
        expect_page(page, "error-503")
        _check(page, assert_accessible)


MISTAKES = {
    "contrast": ["<p>Grey on white.</p>", {"color": "#aaa", "background": "#fff"}],
    "label": ["<input>", {}],
    "target-size": ["<a href='/1'>1</a>", {"display": "block", "width": "9px", "height": "9px"}],
}
"""Markup, and how it is styled through its properties: the content policy lets no style attribute in."""

MAKE = """([markup, style]) => {
    for (const _ of [1, 2]) {
        document.querySelector("main").insertAdjacentHTML("beforeend", markup);
        Object.assign(document.querySelector("main").lastElementChild.style, style);
    }
}"""


@pytest.mark.parametrize("rule", MISTAKES)
def test_the_check_itself_notices_mistakes(phone: Page, assert_accessible: Check, rule: str):
    phone.goto("/")
    phone.evaluate(MAKE, MISTAKES[rule])

    with pytest.raises(AssertionError, match=rule):
        assert_accessible(phone)


def test_the_choose_page_weighs_little(company: Company, phone: Page):
    sizes: list[int] = []

    def count(request: object) -> None:
        size = request.sizes()  # type: ignore[attr-defined]
        sizes.append(size["responseBodySize"] + size["responseHeadersSize"])

    phone.on("requestfinished", count)
    phone.goto(company.customer().link, wait_until="networkidle")

    assert len(sizes) > 5, "style sheets were not counted"
    assert sum(sizes) <= CHOOSE_BYTES, sizes


def test_the_choose_page_shows_windows_on_the_first_screen_of_a_phone(company: Company, phone: Page):
    phone.goto(company.customer().link)

    go = phone.locator("form[data-form=choose-window] button").bounding_box()
    window = phone.locator("label.window").nth(1).bounding_box()

    assert go is not None
    assert window is not None
    assert go["y"] + go["height"] <= PHONE["height"]
    assert window["y"] + window["height"] <= go["y"]


def _check(page: Page, assert_accessible: Check) -> None:
    _assert_sound(page)
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)
    page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROWEST["width"], f"{page.url} is {wide} pixels wide on a screen of 320"


def _assert_sound(page: Page) -> None:
    """What no rule of axe says: one h1, a title that begins with it, no id twice, no markup that browsers mend."""
    heading = page.locator("h1")
    assert heading.count() == 1
    assert " ".join(heading.inner_text().split()) in page.title()
    ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert page.locator("script:not([src]), style, [style]").count() == 0
    html5lib.HTMLParser(strict=True).parse(page.content())
