"""Another time, or not at all: change, cancel, and undo."""

from flask import redirect, render_template, url_for

from app import auth
from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.forms import ConfirmVisit
from app.customer.pages import ANOTHER
from app.work import carry_out
from scheduling.actions import visits
from scheduling.errors import AlreadyBooked, NotPossible, TooLate, WindowTaken


@bp.post("/v/<token>/change")
def start_change(token: str) -> Answer:
    """To the windows that the visit can be moved to."""
    auth.invitation_of(token)
    return redirect(url_for("customer.change", token=token), 303)


@bp.get("/v/<token>/change")
def change(token: str) -> Answer:
    """The windows again; the visit stays as it is until another one is confirmed."""
    page = answers.open_(token)
    shown = pages.shown_visit(page)
    if shown is None or not shown.can_change:
        return redirect(page.href("show"), 303)
    return answers.choose_page(page)


@bp.post("/v/<token>/change/choose")
def choose_change(token: str) -> Answer:
    """The choice of another window comes back."""
    page = answers.open_(token)
    shown = pages.shown_visit(page)
    return answers.chosen(page, ANOTHER) if shown and shown.can_change else answers.conflict(token)


@bp.get("/v/<token>/change/review")
def review_change(token: str) -> Answer:
    """The new time beside the old one, before anything is moved."""
    page = answers.open_(token)
    shown = pages.shown_visit(page)
    if shown is None or not shown.can_change:
        return redirect(page.href("show"), 303)
    return answers.review_page(page, ANOTHER)


@bp.post("/v/<token>/change/confirm")
def confirm_change(token: str) -> Answer:
    """Moves the visit."""
    invitation_id = auth.invitation_of(token)
    form = ConfirmVisit()
    if not form.validate():
        return answers.taken_page(answers.open_(token), None)
    try:
        carry_out(visits.change, invitation_id, form.window_id, sequence=form.seen_sequence)
    except WindowTaken:
        return answers.taken_page(answers.open_(token), form.window_id)
    except (AlreadyBooked, NotPossible, TooLate):
        return answers.conflict(token)
    return answers.done(token, "changed")


@bp.post("/v/<token>/cancel")
def start_cancel(token: str) -> Answer:
    """To the page that asks once more."""
    auth.invitation_of(token)
    return redirect(url_for("customer.cancel", token=token), 303)


@bp.get("/v/<token>/cancel")
def cancel(token: str) -> Answer:
    """Another time, or not at all?"""
    page = answers.open_(token)
    shown = pages.shown_visit(page)
    if shown is None or not shown.can_cancel:
        return redirect(page.href("show"), 303)
    return render_template(
        "customer/cancel.html",
        personal=pages.personal(page),
        visit=shown,
        change_action=page.href("start_change"),
        cancel_action=page.href("confirm_cancel"),
        back_href=page.href("show"),
    )


@bp.post("/v/<token>/cancel/confirm")
def confirm_cancel(token: str) -> Answer:
    """Cancels; the place is kept for a while."""
    invitation_id = auth.invitation_of(token)
    try:
        carry_out(visits.cancel, invitation_id)
    except (NotPossible, TooLate):
        return answers.conflict(token)
    return redirect(url_for("customer.show", token=token), 303)


@bp.post("/v/<token>/restore")
def restore(token: str) -> Answer:
    """Undoes a cancellation."""
    invitation_id = auth.invitation_of(token)
    try:
        carry_out(visits.restore, invitation_id)
    except (NotPossible, TooLate):
        return answers.conflict(token)
    return answers.done(token, "restored")
