"""The hands of a customer: one who points, and one who has a keyboard alone. Both do the same on every page."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

MOST_TABS = 120
"""More than any page of a customer has to tab through."""

IS_SEEN = """focused => {
    const box = focused.getBoundingClientRect();
    const shown = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const label = focused.labels?.[0];
    const ring = element => element && getComputedStyle(element).outlineStyle !== "none";
    const is_on_top = shown !== null && (focused.contains(shown) || Boolean(label?.contains(shown)));
    return is_on_top && (ring(focused) || ring(focused.nextElementSibling));
}"""
"""Whether what has the focus is shown to have it, and nothing lies on it (WCAG 2.2, 2.4.7 and 2.4.11)."""


@dataclass(frozen=True)
class Pointer:
    """Taps and clicks."""

    page: Page

    def choose(self, window_id: str) -> None:
        """Marks a window."""
        self.page.locator(f"input[name=window][value='{window_id}']").check()

    def press(self, form: str) -> None:
        """Presses the button of `data-form=...`: the first one, which does what the form is named for."""
        self.page.locator(f"form[data-form={form}] button[type=submit]").first.click()

    def follow(self, selector: str) -> None:
        """Follows a link."""
        self.page.locator(selector).first.click()


@dataclass(frozen=True)
class Keyboard:
    """Tab, arrows, space and enter; notices where the focus can't be seen."""

    page: Page

    def choose(self, window_id: str) -> None:
        """Marks a window: Tab enters the group, arrows go on from there, as in every group of radio buttons."""
        self._tab_to("input[name=window]")
        self.page.keyboard.press("Space")
        wanted = f"input[name=window][value='{window_id}']"
        for _ in range(MOST_TABS):
            if self.page.locator(f"{wanted}:checked").count():
                return
            self.page.keyboard.press("ArrowDown")
            self._expect_seen()
        raise AssertionError(f"the arrows never came to window {window_id}")

    def press(self, form: str) -> None:
        """Goes to the form's button and presses Enter."""
        self._tab_to(f"form[data-form={form}] button[type=submit]")
        self.page.keyboard.press("Enter")

    def follow(self, selector: str) -> None:
        """Goes to a link and presses Enter."""
        self._tab_to(selector)
        self.page.keyboard.press("Enter")

    def _tab_to(self, selector: str) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            self._expect_seen()
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"the Tab key never came to {selector}")

    def _expect_seen(self) -> None:
        focused = self.page.evaluate_handle("document.activeElement").as_element()
        if focused is None or focused.evaluate("element => element === document.body"):
            return
        assert focused.evaluate(IS_SEEN), f"the focus is hidden on {focused.evaluate('one => one.outerHTML')}"


Hands = Pointer | Keyboard


def expect_page(page: Page, name: str) -> None:
    """Waits until the page is the one that says it is `name`."""
    expect(page.locator("main")).to_have_attribute("data-page", name)


def windows_shown(page: Page) -> list[str]:
    """The ids of the windows that can be chosen on this page, in order."""
    boxes = page.locator("form[data-form=choose-window] input[name=window]")
    return [str(box.get_attribute("value")) for box in boxes.all()]


def book(hands: Hands, window_id: str) -> None:
    """From a page with windows, through the review, to the booked visit."""
    hands.choose(window_id)
    hands.press("choose-window")
    expect_page(hands.page, "review")
    hands.press("confirm-visit")
    expect_page(hands.page, "booked")
