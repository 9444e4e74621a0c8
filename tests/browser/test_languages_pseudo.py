"""The whole customer way from right to left, and in words that are 40 % longer (`tests/browser/pseudo.py`)."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.company import Company, Portal
from tests.browser.conftest import DESKTOP, PHONE, Companies, OpenPage, beside
from tests.browser.hands import expect_page
from tests.browser.pages import KINDS, Visitor
from tests.browser.pseudo import FOLDER, LONGER, RIGHT_TO_LEFT, longer, mirrored, write_catalogues

Check = Callable[[Page], None]
CUSTOMERS = [
    # One is about being in English.
    name
    for name, kind in KINDS.items()
    if not kind.is_demonstrations and not name.endswith("in-english")
]
NARROWEST = {"width": 320, "height": 640}

TROUBLE = """() => {
    // Every line of text on the page that is to be seen, with where it lies.
    const lines = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, around = node.parentElement;
        if (!node.data.trim() || !around.checkVisibility()) continue;
        // Off the screen by design; lying over the page by design.
        if (around.closest(".visually-hidden, .skip-link, .window-picker__go")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
            if (box.width > 1 && box.height > 1) lines.push({text: node.data.trim(), around, box});
        }
    }
    const found = [];
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > edge) {
        found.push(`the page is ${document.documentElement.scrollWidth} wide on ${edge}`);
    }
    for (const {text, box} of lines) {
        if (box.left < -1 || box.right > edge + 1) found.push(`outside the screen: ${text}`);
    }
    lines.forEach((one, at) => lines.slice(at + 1).forEach(other => {
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Lines that stand close share a few pixels of their empty edges.
        const touch = 0.4 * Math.min(one.box.height, other.box.height);
        if (wide > 2 && high > touch) found.push(`over one another: ${one.text} | ${other.text}`);
    }));
    for (const box of document.querySelectorAll("body *")) {
        const style = getComputedStyle(box);
        const cuts = style.overflowX !== "visible" && !box.closest(".visually-hidden, svg");
        if (cuts && !box.matches("input, textarea") && box.scrollWidth > box.clientWidth + 1) {
            found.push(`cut off: ${box.outerHTML.slice(0, 200)}`);
        }
    }
    for (const button of document.querySelectorAll("button, .button")) {
        if (button.checkVisibility() && button.scrollWidth > button.clientWidth + 1) {
            found.push(`too wide for its button: ${button.textContent}`);
        }
    }
    return found;
}"""
"""What no longer fits: text outside the screen, over other text, or cut off."""

SCRAMBLED = """() => {
    // Times and their ranges, phone numbers, postcodes: their first sign lies left of their last, in any language.
    const wanted = /\\d\\d:\\d\\d( – \\d\\d:\\d\\d)?|\\+?\\d[\\d *]{5,}\\d|\\d{4} [A-Z]{2}\\b/g;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    let seen = 0;
    const place = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.checkVisibility()) continue;
        for (const match of node.data.matchAll(wanted)) {
            const first = place(node, match.index), last = place(node, match.index + match[0].length - 1);
            if (Math.abs(first.top - last.top) > 2) continue;
            seen += 1;
            if (first.left > last.left) found.push(node.data.trim());
        }
    }
    return {found, seen};
}"""
"""What reads from the wrong end, and how much was looked at."""


@pytest.fixture(scope="session")
def pseudo(companies: Companies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company of the other tests, on a server that speaks the two made-up languages."""
    company = companies("sqlite")
    folder = tmp_path_factory.mktemp("translations")
    write_catalogues(folder)
    settings = {FOLDER: str(folder)}
    with beside(company.portal, application="tests.browser.pseudo:app", **settings) as portal:
        yield company.on(portal)


@pytest.fixture
def portal(pseudo: Company) -> Portal:
    """Pages are opened there."""
    return pseudo.portal


def shown(open_page: OpenPage, pseudo: Company, kind: str, language: str) -> Page:
    """A page of this kind in one of the two languages, on a phone."""
    page = open_page(viewport=PHONE)
    page.goto(f"/?lang={language}")
    KINDS[kind].go(Visitor(page, pseudo, pseudo.portal))
    expect_page(page, KINDS[kind].name)
    assert page.locator("html").get_attribute("lang") == language
    return page


def test_the_made_up_languages_are_what_they_say():
    assert mirrored("Call %(name)s, 24/7") == "גאלל %(name)s, 24/7"
    # 8 letters and 40 %: 3.2, rounded up; 2 letters: 0.8, so one.
    assert longer("Continue to %(day)s") == "Continuennnn ton %(day)s"


@pytest.mark.parametrize("kind", CUSTOMERS)
def test_every_page_of_a_customer_reads_from_right_to_left(
    open_page: OpenPage, pseudo: Company, assert_accessible: Check, kind: str
):
    page = shown(open_page, pseudo, kind, RIGHT_TO_LEFT)

    assert page.locator("html").get_attribute("dir") == "rtl"
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert page.evaluate(TROUBLE) == []
        assert page.evaluate(SCRAMBLED)["found"] == []
        assert_accessible(page)


@pytest.mark.parametrize("kind", CUSTOMERS)
def test_every_page_of_a_customer_has_room_for_longer_words(open_page: OpenPage, pseudo: Company, kind: str):
    page = shown(open_page, pseudo, kind, LONGER)

    for viewport in (PHONE, NARROWEST, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert page.evaluate(TROUBLE) == []


def test_times_phone_numbers_and_arrows_keep_their_direction(open_page: OpenPage, pseudo: Company):
    page = shown(open_page, pseudo, "choose", RIGHT_TO_LEFT)

    times = page.evaluate(SCRAMBLED)
    arrow = page.locator(".icon--directional").first.evaluate("icon => getComputedStyle(icon).transform")
    mark = page.locator(".wordmark__mark").bounding_box()

    assert (times["found"], times["seen"] > 4) == ([], True)
    assert arrow == "matrix(-1, 0, 0, 1, 0, 0)"
    assert mark is not None
    assert mark["x"] > PHONE["width"] / 2


BREAK = {
    "outside the screen": "h1 => { h1.style.marginInlineStart = '-4em'; }",
    "over one another": "h1 => { h1.style.marginBlockEnd = '-3em'; }",
    "is .* wide on": "h1 => { h1.style.inlineSize = '200vw'; }",
    "cut off": (
        "h1 => { h1.style.overflow = 'hidden'; h1.style.inlineSize = '2em'; h1.style.whiteSpace = 'nowrap'; }"
    ),
}


@pytest.mark.parametrize("trouble", BREAK)
def test_the_check_itself_notices_trouble(open_page: OpenPage, trouble: str):
    page = open_page(viewport=PHONE)
    page.goto(f"/?lang={RIGHT_TO_LEFT}")
    page.locator("h1").evaluate(BREAK[trouble])

    found = "\n".join(page.evaluate(TROUBLE))

    assert re.search(trouble, found), found


def test_the_check_itself_notices_a_number_from_the_wrong_end(open_page: OpenPage):
    page = open_page(viewport=PHONE)
    page.goto(f"/?lang={RIGHT_TO_LEFT}")
    page.locator("h1").evaluate("h1 => { h1.textContent = 'א 033 303 90 00'; }")

    assert page.evaluate(SCRAMBLED)["found"] == ["א 033 303 90 00"]
