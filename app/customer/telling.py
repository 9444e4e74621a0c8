"""What customers tell us: when it does suit them, and that it is really them."""

from flask import redirect, render_template

from app import auth
from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.forms import LeaveWishes, Verify
from app.customer.pages import Page
from app.i18n import gettext as _
from app.work import carry_out
from scheduling.actions import invitations
from scheduling.actions.attempts import count_attempt
from scheduling.rules.postcodes import normalise_house_number, normalise_postcode

MOST_WISHES = 5
MOST_VERIFICATIONS = 5
"""In a quarter of an hour: wishes left for one visit, verifications tried for one visit from one network."""


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
    """Postcode and house number, once on a device, before anything more is shown."""
    page = answers.open_(token)
    form = Verify()
    carry_out(count_attempt, "verify", str(page.invitation_id), auth.network(), most=MOST_VERIFICATIONS)
    if form.validate() and _lives_here(page, form.postcode.data or "", form.house_number.data or ""):
        auth.remember_verified(page.invitation_id)
        return redirect(page.href("show"), 303)
    if page.ask.visit is None or not page.ask.visit.is_live:
        # The question stands on the page of a visit, and there is none (any more).
        return redirect(page.href("show"), 303)
    error = _("This is not the postcode and house number that we come to. Compare them and try again.")
    return answers.booked_page(page, verify_error=error), 422


def _lives_here(page: Page, postcode: str, number: str) -> bool:
    try:
        given = (normalise_postcode(postcode), normalise_house_number(number))
    except ValueError:
        return False
    address = page.told.address
    return given == (address.postcode, normalise_house_number(address.house_number))
