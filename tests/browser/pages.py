"""Every kind of page there is, and how a person comes to it: for rules that hold on all of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Route
from sqlalchemy import text

from tests.browser.company import ROOT, Company, Customer, Portal
from tests.browser.hands import Pointer, book, expect_page, windows_shown
from tests.browser.staff import new_account, signed_in

TEMPLATES = ROOT / "app" / "templates"


@dataclass(frozen=True)
class Visitor:
    """Somebody with a page of their own, before they go anywhere."""

    page: Page
    company: Company
    demonstration: Portal

    def to_windows(self, sort: str = "formal") -> Customer:
        """A new customer, on the page with the windows."""
        customer = self.company.customer(sort)
        self.page.goto(customer.link)
        return customer

    def to_review(self) -> Customer:
        """A new customer who marked the first window."""
        customer = self.to_windows()
        Pointer(self.page).choose(windows_shown(self.page)[0])
        Pointer(self.page).press("choose-window")
        return customer

    def to_booked(self) -> Customer:
        """A new customer who has just booked."""
        customer = self.to_windows()
        book(Pointer(self.page), windows_shown(self.page)[0])
        return customer

    def press(self, *forms: str) -> None:
        """Presses the buttons of these forms, one page after the other."""
        for form in forms:
            self.page.wait_for_selector(f"form[data-form={form}]")
            Pointer(self.page).press(form)


def _choose(visitor: Visitor) -> None:
    visitor.to_windows()
    Pointer(visitor.page).choose(windows_shown(visitor.page)[0])


def _choose_without_choice(visitor: Visitor) -> None:
    visitor.to_windows()
    visitor.page.locator("form[data-form=choose-window]").evaluate("form => { form.noValidate = true; }")
    visitor.press("choose-window")


def _choose_another(visitor: Visitor) -> None:
    visitor.to_booked()
    visitor.press("change-visit")


def _review(visitor: Visitor) -> None:
    visitor.to_review()


def _review_change(visitor: Visitor) -> None:
    _choose_another(visitor)
    Pointer(visitor.page).choose(windows_shown(visitor.page)[0])
    visitor.press("choose-window")


def _booked(visitor: Visitor) -> None:
    visitor.to_booked()


def _booked_wrong_postcode(visitor: Visitor) -> None:
    visitor.to_booked()
    visitor.page.locator("summary").click()
    visitor.page.fill("#postcode", "9999 ZZ")
    visitor.page.fill("#house_number", "1")
    visitor.press("verify")


def _booked_verified(visitor: Visitor) -> None:
    customer = visitor.to_booked()
    visitor.page.locator("summary").click()
    visitor.page.fill("#postcode", customer.postcode)
    visitor.page.fill("#house_number", customer.house_number)
    visitor.press("verify")


def _details(visitor: Visitor) -> None:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/details")


def _details_wrong_postcode(visitor: Visitor) -> None:
    _details(visitor)
    visitor.page.fill("#postcode", "9999 ZZ")
    visitor.page.fill("#house_number", "1")
    visitor.press("verify")


def _details_verified(visitor: Visitor) -> Customer:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/details")
    visitor.page.fill("#postcode", customer.postcode)
    visitor.page.fill("#house_number", customer.house_number)
    visitor.press("verify")
    return customer


def _details_not_right(visitor: Visitor) -> None:
    _details_verified(visitor)
    visitor.page.fill("#phone", "06 12")
    visitor.page.fill("#email", "sanne@")
    visitor.page.check("#channel [value=email]")
    visitor.press("correct-details")


def _details_waiting(visitor: Visitor) -> Customer:
    customer = _details_verified(visitor)
    visitor.page.fill("#phone", "06 87654321")
    visitor.page.fill("#email", f"{customer.ref}@familie-de-vries.example")
    visitor.press("correct-details")
    return customer


def _details_shown(visitor: Visitor) -> None:
    _details_verified(visitor)


def _details_to_confirm(visitor: Visitor) -> None:
    _details_waiting(visitor)


def _details_old_and_in_english(visitor: Visitor) -> None:
    customer = _details_verified(visitor)
    # Waiting for it would take a year.
    with visitor.company.portal.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE customer SET imported_at = '2020-01-01 00:00:00' WHERE ref = :ref"),
            {"ref": customer.ref},
        )
    visitor.page.goto(f"{customer.path}/details?lang=en")


def _contact_check(visitor: Visitor) -> None:
    customer = _details_waiting(visitor)
    bodies = [row["body"] for row in visitor.company.messages_of(customer) if row["kind"] == "contact-check"]
    found = re.search(r"/contact/\w+", bodies[0])
    assert found is not None, bodies
    visitor.page.goto(found[0])


def _contact_confirmed(visitor: Visitor) -> None:
    _contact_check(visitor)
    visitor.press("confirm-contact")


def _contact_given_up(visitor: Visitor) -> None:
    _contact_check(visitor)
    link = visitor.page.url
    visitor.page.go_back()
    for _change in range(2):
        visitor.page.locator("form[data-form=cancel-contact-change] button").first.click()
    visitor.page.goto(link)


def _booked_in_another_tab(visitor: Visitor) -> None:
    customer = visitor.to_review()
    other = visitor.page.context.new_page()
    other.goto(customer.link)
    book(Pointer(other), windows_shown(other)[1])
    visitor.press("confirm-visit")


def _cancel(visitor: Visitor) -> None:
    visitor.to_booked()
    visitor.press("cancel-visit")


def _cancelled(visitor: Visitor) -> None:
    _cancel(visitor)
    expect_page(visitor.page, "cancel")
    visitor.press("cancel-visit")


def _window_taken(visitor: Visitor) -> None:
    visitor.to_windows()
    # Another area's window: judged like one that is gone.
    visitor.page.locator("input[name=window]").first.evaluate("box => { box.value = '999999'; }")
    visitor.page.locator("input[name=window]").first.check()
    visitor.press("choose-window")


def _none_fits(visitor: Visitor) -> None:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/other")


def _no_area(visitor: Visitor) -> None:
    visitor.to_windows("nowhere")


def _apart(visitor: Visitor) -> None:
    customer = visitor.to_windows("several")
    book(Pointer(visitor.page), windows_shown(visitor.page)[0])
    visitor.page.goto(f"{customer.path}/apart")


def _apart_without_choice(visitor: Visitor) -> None:
    _apart(visitor)
    visitor.press("choose-apart")


def _apart_windows(visitor: Visitor) -> None:
    _apart(visitor)
    visitor.page.locator("input[name=job]").last.check()
    visitor.press("choose-apart")


def _apart_review(visitor: Visitor) -> None:
    _apart_windows(visitor)
    Pointer(visitor.page).choose(windows_shown(visitor.page)[0])
    visitor.press("choose-window")


def _leave_part(visitor: Visitor) -> None:
    _apart_windows(visitor)
    visitor.page.locator("a[href*='/apart/leave']").click()


def _leave_part_wrong(visitor: Visitor) -> None:
    _leave_part(visitor)
    visitor.press("leave-part")


def _homes(visitor: Visitor) -> None:
    customer = visitor.to_windows("landlord")
    visitor.page.goto(f"{customer.path}/homes")


def _homes_without_choice(visitor: Visitor) -> None:
    _homes(visitor)
    for box in visitor.page.locator("input[name=home]").all():
        box.uncheck()
    visitor.press("plan-homes")


def _homes_wrong_postcode(visitor: Visitor) -> None:
    _homes(visitor)
    visitor.page.locator("summary").click()
    visitor.page.fill("#postcode", "9999 ZZ")
    visitor.page.fill("#house_number", "1")
    visitor.press("verify")


def _plan(visitor: Visitor) -> None:
    _homes(visitor)
    visitor.press("plan-homes")


def _homes_planned(visitor: Visitor) -> None:
    _plan(visitor)
    expect_page(visitor.page, "plan")
    visitor.press("confirm-plan")


def _none_open(visitor: Visitor) -> None:
    links = visitor.demonstration.flask("demo", "links")
    found = re.search(r"All times are taken.*?(http\S+)", links)
    assert found is not None, links
    visitor.page.goto(found[1])


def _wishes_received(visitor: Visitor) -> None:
    _none_fits(visitor)
    visitor.page.fill("#wishes", "'s Ochtends.")
    visitor.press("leave-wishes")


def _withdrawn(visitor: Visitor) -> None:
    customer = visitor.company.customer()
    visitor.company.portal.flask("jobs", "withdraw", customer.job_ref)
    visitor.page.goto(customer.link)


def _expired(visitor: Visitor) -> None:
    customer = visitor.company.customer()
    # Waiting for it would take a year.
    with visitor.company.portal.database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE invitation SET expires_at = '2020-01-01 00:00:00'"
                " WHERE customer_id = (SELECT id FROM customer WHERE ref = :ref)"
            ),
            {"ref": customer.ref},
        )
    visitor.page.goto(customer.link)


def _leave(visitor: Visitor) -> None:
    visitor.to_booked()
    visitor.press("cancel-visit")
    visitor.page.locator("a[href$='/leave']").click()


def _leave_not_for_me(visitor: Visitor) -> None:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/leave?reason=not_for_me")


def _leave_without_reason(visitor: Visitor) -> None:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/leave")
    visitor.press("leave")


def _left(visitor: Visitor, reason: str) -> Customer:
    customer = visitor.to_windows()
    visitor.page.goto(f"{customer.path}/leave")
    visitor.page.locator(f"input[name=reason][value={reason}]").check()
    visitor.press("leave")
    return customer


def _left_because(reason: str) -> Callable[[Visitor], None]:
    def go(visitor: Visitor) -> None:
        _left(visitor, reason)

    return go


def _left_with_visit(visitor: Visitor) -> None:
    _leave(visitor)
    visitor.page.locator("input[name=reason][value=not_needed]").check()
    visitor.press("leave")


def _left_and_opened_again(visitor: Visitor) -> None:
    customer = _left(visitor, "refused")
    visitor.page.goto(customer.path)


def _to_moved(visitor: Visitor) -> Customer:
    customer = visitor.company.customer()
    with visitor.company.portal.database.engine.begin() as connection:
        # A kind of work of its own: what stays with the house for all the others goes along for this one.
        connection.execute(
            text(
                "INSERT INTO kind (ref, minutes, places, follows) SELECT 'goes-along', 45, 1, 'person'"
                " WHERE NOT EXISTS (SELECT 1 FROM kind WHERE ref = 'goes-along')"
            )
        )
        connection.execute(
            text("UPDATE job SET kind = 'goes-along' WHERE ref = :ref"), {"ref": customer.job_ref}
        )
    visitor.page.goto(f"{customer.path}/leave")
    visitor.page.locator("input[name=reason][value=moved]").check()
    visitor.press("leave")
    return customer


def _moved_unverified(visitor: Visitor) -> None:
    _to_moved(visitor)


def _moved(visitor: Visitor) -> None:
    customer = _to_moved(visitor)
    visitor.page.fill("#postcode", customer.postcode)
    visitor.page.fill("#house_number", customer.house_number)
    visitor.press("verify")


def _lost(visitor: Visitor) -> None:
    visitor.page.goto("/lost")


def _lost_wrong(visitor: Visitor) -> None:
    _lost(visitor)
    visitor.page.fill("#reached_at", "06")
    visitor.page.fill("#postcode", "hier")
    visitor.press("lost-link")


def _lost_sent(visitor: Visitor) -> None:
    _lost(visitor)
    visitor.page.fill("#reached_at", "06 12345678")
    visitor.page.fill("#postcode", "1234 AB")
    visitor.press("lost-link")


def _shared_visit(visitor: Visitor) -> None:
    customer = visitor.to_booked()
    file = visitor.page.request.get(f"{customer.path}/visit.ics").text().replace("\r\n ", "")
    found = re.search(r"/visit/\w+", file)
    assert found is not None, file
    visitor.page.goto(found[0])


def _shared_visit_sent(visitor: Visitor) -> None:
    _shared_visit(visitor)
    visitor.press("send-link")


def _home(visitor: Visitor) -> None:
    visitor.page.goto("/")


def _home_wrong_code(visitor: Visitor) -> None:
    _home(visitor)
    visitor.page.fill("#code", "AAAA-AAAA")
    visitor.page.fill("#postcode", "1234 AB")
    visitor.press("enter-code")


def _error_400(visitor: Visitor) -> None:
    visitor.to_windows()
    visitor.page.locator("form[data-form=choose-window] [name=csrf_token]").evaluate(
        "field => field.remove()"
    )
    visitor.page.locator("input[name=window]").first.check()
    visitor.press("choose-window")


def _error_403(visitor: Visitor) -> None:
    # A form on somebody else's page has no token either, and so comes no further than 400. This one has: only what
    # the browser says of where it was posted from is another's.
    elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}

    def send(route: Route) -> None:
        route.fulfill(response=route.fetch(headers={**route.request.headers, **elsewhere}))

    visitor.page.goto("/")
    visitor.page.route(f"{visitor.company.portal.url}/", send)
    visitor.page.fill("#code", "AAAA-AAAA")
    visitor.page.fill("#postcode", "1234 AB")
    visitor.press("enter-code")


def _error_404(visitor: Visitor) -> None:
    visitor.page.goto("/v/" + 29 * "x")


def _error_405(visitor: Visitor) -> None:
    customer = visitor.company.customer()
    visitor.page.goto(f"{customer.path}/confirm")


def _error_413(visitor: Visitor) -> None:
    _none_fits(visitor)
    visitor.page.locator("#wishes").evaluate(
        "field => { field.maxLength = 1e6; field.value = 'a'.repeat(3e5); }"
    )
    visitor.press("leave-wishes")


def _error_429(visitor: Visitor) -> None:
    visitor.to_booked()
    for _attempt in range(6):
        form = visitor.page.locator("form[data-form=verify]")
        form.evaluate(
            "form => { for (const field of form.querySelectorAll('.field__control')) field.value = '1'; }"
        )
        form.evaluate("form => form.submit()")
        visitor.page.wait_for_load_state()


def _staff_sign_in(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.demonstration.url}/staff/")


def _staff_sign_in_wrong(visitor: Visitor) -> None:
    _staff_sign_in(visitor)
    visitor.page.fill("#email", "nobody@example.com")
    visitor.page.fill("#password", "nothing")
    visitor.press("sign-in")


def _staff_password(visitor: Visitor) -> None:
    visitor.page.goto(new_account(visitor.demonstration)[1])


def _staff_password_wrong(visitor: Visitor) -> None:
    _staff_password(visitor)
    visitor.page.fill("#password", "short")
    visitor.page.fill("#password_again", "short")
    visitor.press("set-password")


def _staff_password_gone(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.demonstration.url}/staff/password/none")


def _staff_overview(visitor: Visitor) -> None:
    signed_in(visitor.page, visitor.demonstration)
    # The week after this one has windows and visits, whatever day today is.
    visitor.page.locator(".staff-weeks a").last.click()


def _staff_messages(visitor: Visitor) -> None:
    signed_in(visitor.page, visitor.demonstration)
    visitor.page.goto(f"{visitor.demonstration.url}/staff/messages")


def _demo_start(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.demonstration.url}/demo/")


def _demo_messages(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.demonstration.url}/demo/messages")


@dataclass(frozen=True)
class Kind:
    """A kind of page: what its `data-page` says, and the way there. `is_demonstrations`: on the other portal."""

    name: str
    go: Callable[[Visitor], None]
    is_demonstrations: bool = False


KINDS = {
    "choose": Kind("choose", _choose),
    "choose-without-choice": Kind("choose", _choose_without_choice),
    "choose-another": Kind("choose", _choose_another),
    "review": Kind("review", _review),
    "review-change": Kind("review", _review_change),
    "booked": Kind("booked", _booked),
    "booked-wrong-postcode": Kind("booked", _booked_wrong_postcode),
    "booked-verified": Kind("booked", _booked_verified),
    "booked-in-another-tab": Kind("booked", _booked_in_another_tab),
    "details": Kind("details", _details),
    "details-wrong-postcode": Kind("details", _details_wrong_postcode),
    "details-verified": Kind("details", _details_shown),
    "details-not-right": Kind("details", _details_not_right),
    "details-waiting": Kind("details", _details_to_confirm),
    "details-old-and-in-english": Kind("details", _details_old_and_in_english),
    "contact-check": Kind("contact-check", _contact_check),
    "contact-confirmed": Kind("contact-check", _contact_confirmed),
    "contact-given-up": Kind("contact-check", _contact_given_up),
    "cancel": Kind("cancel", _cancel),
    "cancelled": Kind("cancelled", _cancelled),
    "window-taken": Kind("window-taken", _window_taken),
    "apart": Kind("apart", _apart),
    "apart-without-choice": Kind("apart", _apart_without_choice),
    "apart-windows": Kind("choose", _apart_windows),
    "apart-review": Kind("review", _apart_review),
    "leave-part": Kind("leave-part", _leave_part),
    "leave-part-wrong": Kind("leave-part", _leave_part_wrong),
    "homes": Kind("homes", _homes),
    "homes-without-choice": Kind("homes", _homes_without_choice),
    "homes-wrong-postcode": Kind("homes", _homes_wrong_postcode),
    "plan": Kind("plan", _plan),
    "homes-planned": Kind("homes", _homes_planned),
    "none-fits": Kind("no-windows", _none_fits),
    "no-area": Kind("no-windows", _no_area),
    "none-open": Kind("no-windows", _none_open, is_demonstrations=True),
    "wishes-received": Kind("wishes-received", _wishes_received),
    "withdrawn": Kind("expired", _withdrawn),
    "expired": Kind("expired", _expired),
    "leave": Kind("leave", _leave),
    "leave-not-for-me": Kind("leave", _leave_not_for_me),
    "leave-without-reason": Kind("leave", _leave_without_reason),
    "left-done": Kind("left", _left_because("done")),
    "left-refused": Kind("left", _left_because("refused")),
    "left-moved": Kind("left", _left_because("moved")),
    "left-not-for-me": Kind("left", _left_because("not_for_me")),
    "left-with-visit": Kind("left", _left_with_visit),
    "left-and-opened-again": Kind("expired", _left_and_opened_again),
    "moved-unverified": Kind("moved", _moved_unverified),
    "moved": Kind("moved", _moved),
    "lost": Kind("lost", _lost),
    "lost-wrong": Kind("lost", _lost_wrong),
    "lost-sent": Kind("lost", _lost_sent),
    "shared-visit": Kind("shared-visit", _shared_visit),
    "shared-visit-sent": Kind("shared-visit", _shared_visit_sent),
    "home": Kind("home", _home),
    "home-wrong-code": Kind("home", _home_wrong_code),
    "400": Kind("error-400", _error_400),
    "403": Kind("error-403", _error_403),
    "404": Kind("not-found", _error_404),
    "405": Kind("error-405", _error_405),
    "413": Kind("error-413", _error_413),
    "429": Kind("error-429", _error_429),
    "staff-sign-in": Kind("staff-sign-in", _staff_sign_in, is_demonstrations=True),
    "staff-sign-in-wrong": Kind("staff-sign-in", _staff_sign_in_wrong, is_demonstrations=True),
    "staff-password": Kind("staff-password", _staff_password, is_demonstrations=True),
    "staff-password-wrong": Kind("staff-password", _staff_password_wrong, is_demonstrations=True),
    "staff-password-gone": Kind("staff-password", _staff_password_gone, is_demonstrations=True),
    "staff-overview": Kind("staff-overview", _staff_overview, is_demonstrations=True),
    "staff-messages": Kind("staff-messages", _staff_messages, is_demonstrations=True),
    "demo-start": Kind("demo-start", _demo_start, is_demonstrations=True),
    "demo-messages": Kind("demo-messages", _demo_messages, is_demonstrations=True),
}


def names_in_templates() -> set[str]:
    """The `data-page` of every page that has a template of its own."""
    return {
        found[1]
        for path in Path(TEMPLATES).rglob("*.html")
        if (found := re.search(r"\{% block page %\}([\w-]+)\{% endblock", path.read_text(encoding="utf-8")))
    }
