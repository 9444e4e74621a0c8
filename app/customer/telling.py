"""What customers tell us: when it does suit them, and that it is really them."""

from collections.abc import Callable

from flask import redirect, render_template

from app import auth
from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.forms import LeaveWishes, Verify
from app.customer.pages import Page
from app.i18n import gettext as _
from app.work import carry_out
from scheduling.actions import invitations
from scheduling.actions.attempts import A_DAY, count_attempt
from scheduling.rules.postcodes import normalise_house_number, normalise_postcode

MOST_WISHES = 5
MOST_VERIFICATIONS = 5
MOST_VERIFICATIONS_OF_A_NETWORK = 60
"""In a quarter of an hour: wishes left for one visit; verifications tried from one network for one visit, and for any
(the customers of one mobile provider may share a network)."""

MOST_VERIFICATIONS_A_DAY = 20
"""For one visit from one network. The page names the four digits and the house number, so that two letters are to be
guessed, some hundreds of pairs: at five a quarter of an hour one night would do."""

ASKED_ON: dict[str, Callable[[Page, str], str]] = {
    "show": lambda page, error: answers.booked_page(page, verify_error=error)
}
"""The pages that carry the question, by the name of their view, and how each shows that an answer was wrong. Nothing
else is gone back to: where somebody is sent after answering is not for a link on another site to say."""


@bp.get("/v/<token>/other")
def no_fit(token: str) -> Answer:
    """None of the windows suits: a way on."""
    return answers.no_windows_page(answers.open_(token), "none_fits")


@bp.post("/v/<token>/other")
def leave_wishes(token: str) -> Answer:
    """Keeps when it does suit, for the dispatcher."""
    page = answers.open_(token)
    form = LeaveWishes()
    if not form.validate():
        error = _("Write down when it suits you, in at most 2,000 characters.")
        return answers.no_windows_page(
            page, "none_fits", error=error, wishes=form.wishes.data or "", status=422
        )
    carry_out(count_attempt, "wishes", str(page.invitation_id), most=MOST_WISHES)
    carry_out(invitations.leave_wishes, page.invitation_id, form.wishes.data or "")
    return redirect(page.href("wishes_received"), 303)


@bp.get("/v/<token>/other/received")
def wishes_received(token: str) -> Answer:
    """Thank you, and what happens now."""
    page = answers.open_(token)
    return render_template(
        "customer/wishes-received.html", personal=pages.personal(page), back_href=page.href("show")
    )


@bp.post("/v/<token>/verify")
def verify(token: str) -> Answer:
    """Postcode and house number, once on a device, before anything more is shown; then back to where it was asked."""
    page = answers.open_(token)
    form = Verify()
    view = form.next.data if form.next.data in ASKED_ON else "show"
    _count_verification(page)
    if form.validate() and _lives_here(page, form.postcode.data or "", form.house_number.data or ""):
        auth.remember_verified(page.invitation_id)
        return redirect(page.href(view), 303)
    if view == "show" and (page.ask.visit is None or not page.ask.visit.is_live):
        # The question stands on the page of a visit, and there is none (any more).
        view = "details"
    error = _("This is not the postcode and house number that we come to. Compare them and try again.")
    return ASKED_ON[view](page, error), 422


def _count_verification(page: Page) -> None:
    """Each limit is that of a network: whoever tries from elsewhere takes nothing from the household's own."""
    where, link = auth.network(), str(page.invitation_id)
    carry_out(count_attempt, "verify", where, most=MOST_VERIFICATIONS_OF_A_NETWORK)
    carry_out(count_attempt, "verify", link, where, most=MOST_VERIFICATIONS)
    carry_out(count_attempt, "verify-day", link, where, most=MOST_VERIFICATIONS_A_DAY, period=A_DAY)


def _lives_here(page: Page, postcode: str, number: str) -> bool:
    try:
        given = (normalise_postcode(postcode), normalise_house_number(number))
    except ValueError:
        return False
    address = page.told.address
    return given == (address.postcode, normalise_house_number(address.house_number))
