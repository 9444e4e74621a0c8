"""The customer's own details: to see and to correct, once this device was verified."""

from collections.abc import Mapping
from math import ceil

from flask import redirect, render_template, request, session

from app import auth
from app.customer import answers, bp, details_page, pages, telling
from app.customer.answers import Answer
from app.customer.details_form import Filled, read_details
from app.customer.pages import Page
from app.i18n import gettext as _
from app.i18n import languages
from app.work import carry_out
from scheduling.actions import contact_changes
from scheduling.actions import details as actions
from scheduling.actions.attempts import count_attempt
from scheduling.errors import LastWayOut, NotPossible, Refusal, TooManyAttempts, WrongRecipientRefused
from scheduling.reads.details import CONTACT_FIELDS

MOST_CHANGES = 5
MOST_CHANGES_OF_A_NETWORK = 40
MOST_SENT_AGAIN = 3
"""In a quarter of an hour: numbers and addresses given for one invitation, and from one network for any; links sent
again for one invitation. Each is a message to somebody who perhaps did not ask for it."""


@bp.get("/v/<token>/details")
def details(token: str) -> Answer:
    """What we know, each part to be corrected; before this device was verified the question that opens it."""
    page = answers.open_(token)
    return _details_page(page)


@bp.post("/v/<token>/details")
def correct_details(token: str) -> Answer:
    """Keeps what is right, and says beside each field what is not."""
    page = answers.open_(token)
    if not page.verified:
        return redirect(page.href("details"), 303)
    known = details_page.known(page)
    filled = read_details(
        request.form,
        details_page.shown_values(known),
        languages=languages(),
        channels=details_page.channels_of(known),
    )
    if filled.errors:
        return _details_page(page, filled=filled), 422
    return _saved(page, filled)


@bp.post("/v/<token>/details/send-again")
def send_check_again(token: str) -> Answer:
    """Sends the link that confirms a new number or address once more."""
    page = answers.open_(token)
    field = request.form.get("field", "")
    if page.verified and field in CONTACT_FIELDS:
        carry_out(count_attempt, "contact-check-again", str(page.invitation_id), most=MOST_SENT_AGAIN)
        try:
            carry_out(contact_changes.send_again, page.invitation_id, field)
            session["details_just"] = "sent"
        except NotPossible:
            # It was confirmed, or given up, in the meantime; the page shows how it is.
            pass
    return redirect(page.href("details"), 303)


@bp.post("/v/<token>/details/give-up")
def give_up_change(token: str) -> Answer:
    """The number or address on file stays after all."""
    page = answers.open_(token)
    field = request.form.get("field", "")
    if page.verified and field in CONTACT_FIELDS:
        carry_out(contact_changes.give_up, page.invitation_id, field)
    return redirect(page.href("details"), 303)


@bp.post("/v/<token>/details/right")
def say_right(token: str) -> Answer:
    """All of it is still right."""
    page = answers.open_(token)
    if page.verified:
        carry_out(actions.say_all_right, page.invitation_id)
        session["details_just"] = "right"
    return redirect(page.href("details"), 303)


@bp.post("/v/<token>/details/language")
def make_language(token: str) -> Answer:
    """From here on we write in the language in which they read the page."""
    page = answers.open_(token)
    chosen = request.form.get("language", "")
    if page.verified and chosen in languages():
        carry_out(actions.save, page.invitation_id, {"language": chosen})
        session["details_just"] = "saved"
    return redirect(page.href("details"), 303)


def _details_page(
    page: Page, *, filled: Filled | None = None, verify_error: str = "", trouble: str = ""
) -> str:
    shown = (
        details_page.shown_details(
            page,
            details_page.known(page),
            typed=filled.typed if filled else {},
            errors=filled.errors if filled else {},
        )
        if page.verified
        else None
    )
    return render_template(
        "customer/details.html",
        personal=pages.personal(page),
        details=shown,
        address_lines=(pages.known_details(page) or {}).get("address_lines", ()),
        verify_action=page.href("verify"),
        verify_error=verify_error,
        trouble=trouble,
        just=session.pop("details_just", None),
        back_href=page.href("show"),
        leave_href=page.href("leave"),
    )


def _saved(page: Page, filled: Filled) -> Answer:
    try:
        _count_changes(page, filled.values)
        saved = carry_out(actions.save, page.invitation_id, filled.values)
    except TooManyAttempts as refusal:
        # What was typed is still there when they come back to it in a while.
        page_again = _details_page(page, filled=filled, trouble=_too_often(refusal))
        return page_again, 429
    except (WrongRecipientRefused, LastWayOut) as refusal:
        filled.errors[str(refusal.facts["field"])] = _why_not(refusal)
        return _details_page(page, filled=filled), 422
    if saved.is_changed:
        session["details_just"] = "asked" if saved.to_confirm else "saved"
        if "language" in filled.values:
            # Who asks for Polish wants to read on in Polish, whatever was chosen for this device before.
            session["language"] = filled.values["language"]
    else:
        session["details_just"] = "unchanged"
    return redirect(page.href("details"), 303)


def _count_changes(page: Page, values: Mapping[str, str | None]) -> None:
    for _field in values.keys() & set(CONTACT_FIELDS):
        carry_out(count_attempt, "contact-change", auth.network(), most=MOST_CHANGES_OF_A_NETWORK)
        carry_out(count_attempt, "contact-change", str(page.invitation_id), auth.network(), most=MOST_CHANGES)


def _too_often(refusal: TooManyAttempts) -> str:
    minutes = ceil((int(str(refusal.facts["wait_seconds"])) - 1) / 60) or 1
    return _(
        "For your safety a phone number or e-mail address can be changed a few times only. Try again in"
        " %(minutes)s minutes.",
        minutes=minutes,
    )


def _why_not(refusal: Refusal) -> str:
    if isinstance(refusal, LastWayOut):
        return _("We need a phone number or an e-mail address of you. Fill in one of the two.")
    if refusal.facts["field"] == "phone":
        return _("Somebody else told us that this number is theirs. Give another one, or contact us.")
    return _("Somebody else told us that this address is theirs. Give another one, or contact us.")


def _asked_here(page: Page, error: str) -> str:
    return _details_page(page, verify_error=error)


telling.ASKED_ON["details"] = _asked_here
