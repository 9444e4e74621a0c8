"""One job of several: a time of its own, or no visit for it, while the others stay as they are."""

from flask import redirect, render_template, request, url_for

from app import auth
from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.exit_forms import LONGEST_NOTE, LeavePart
from app.customer.forms import LARGEST_ID, ConfirmVisit
from app.customer.pages import APART, PartPage
from app.i18n import gettext as _
from app.portal import portal
from app.work import carry_out
from scheduling.actions import apart as actions
from scheduling.actions.attempts import count_attempt
from scheduling.errors import NotPossible, TooLate, WindowTaken

MOST_PARTS = 10
"""Jobs taken apart or let go of on one link in a quarter of an hour: each may write messages."""


@bp.get("/v/<token>/apart")
def apart(token: str) -> Answer:
    """Which of the jobs it is about."""
    return _apart_page(token)


@bp.get("/v/<token>/apart/windows")
def apart_windows(token: str) -> Answer:
    """The windows for these jobs alone."""
    try:
        page = _open(token)
    except NotPossible:
        return _apart_page(
            token, error=_("Mark what you want another time for, and leave the rest."), status=422
        )
    return answers.choose_page(page) if _can_be_taken_apart(page) else answers.conflict(token)


@bp.post("/v/<token>/apart/choose")
def choose_apart(token: str) -> Answer:
    """The choice comes back."""
    try:
        return answers.chosen(_open(token), APART)
    except NotPossible:
        return answers.conflict(token)


@bp.get("/v/<token>/apart/review")
def review_apart(token: str) -> Answer:
    """Everything once more, before anything is booked."""
    try:
        return answers.review_page(_open(token), APART)
    except NotPossible:
        return redirect(url_for("customer.show", token=token), 303)


@bp.post("/v/<token>/apart/confirm")
def confirm_apart(token: str) -> Answer:
    """Books these jobs alone; on to the page of their own that they have from now on."""
    link = auth.link_of(token)
    auth.invitation_of(token)
    form = ConfirmVisit()
    carry_out(count_attempt, "apart", str(link.invitation_id), most=MOST_PARTS)
    try:
        if not form.validate():
            return answers.taken_page(_open(token), None)
        done = carry_out(
            actions.book_apart,
            link.invitation_id,
            _job_ids(),
            form.window_id,
            uid_host=portal().public_host,
        )
    except WindowTaken:
        return answers.taken_page(_open(token), form.window_id)
    except (NotPossible, TooLate):
        return answers.conflict(token)
    own_token = portal().link_keys.personal_token(done.invitation_id, done.link_version)
    if auth.is_verified(link.invitation_id):
        # It is the same household at the same address.
        auth.remember_verified(done.invitation_id)
    return answers.done(own_token, "booked")


@bp.get("/v/<token>/apart/leave")
def leave_part(token: str) -> Answer:
    """Why these need no visit."""
    try:
        return _leave_page(_open(token), LeavePart())
    except NotPossible:
        return redirect(url_for("customer.apart", token=token), 303)


@bp.post("/v/<token>/apart/leave")
def confirm_leave_part(token: str) -> Answer:
    """Lets go of these jobs; the visit goes on with the others."""
    form = LeavePart()
    try:
        page = _open(token)
        if not form.validate():
            return _leave_page(page, form, is_wrong=True), 422
        carry_out(count_attempt, "apart", str(page.invitation_id), most=MOST_PARTS)
        carry_out(
            actions.leave_part,
            page.invitation_id,
            page.ask.job_ids,
            form.reason.data or "",
            note=form.note.data or "",
        )
    except NotPossible:
        return answers.conflict(token)
    is_live = page.ask.visit is not None and page.ask.visit.is_live
    return answers.done(token, "fewer") if is_live else redirect(url_for("customer.show", token=token), 303)


def _open(token: str) -> PartPage:
    link = auth.link_of(token)
    return pages.open_part(token, link, _job_ids(), verified=auth.is_verified(link.invitation_id))


def _job_ids() -> list[int]:
    asked = request.args.getlist("job", type=int)
    return [job_id for job_id in asked if 0 < job_id <= LARGEST_ID]


def _can_be_taken_apart(page: PartPage) -> bool:
    shown = pages.shown_visit(page)
    return page.ask.visit is None or not page.ask.visit.is_live or (shown is not None and shown.can_change)


def _apart_page(token: str, *, error: str = "", status: int = 200) -> Answer:
    page = answers.open_(token)
    if len(page.ask.job_ids) < 2:
        return redirect(page.href("show"), 303)
    html = render_template(
        "customer/apart.html",
        personal=pages.personal(page),
        jobs=list(zip(page.ask.job_ids, pages.personal(page).works, strict=True)),
        windows_action=page.href("apart_windows"),
        back_href=page.href("show"),
        error=error,
    )
    return html, status


def _leave_page(page: PartPage, form: LeavePart, *, is_wrong: bool = False) -> str:
    return render_template(
        "customer/leave-part.html",
        personal=pages.personal(page),
        leave_action=page.href("confirm_leave_part"),
        back_href=url_for("customer.show", token=page.token),
        reason=form.reason.data or "",
        reason_error=_("Choose what fits best.") if is_wrong and form.reason.errors else "",
        note=form.note.data or "",
        note_error=_("Use at most %(longest)s characters.", longest=LONGEST_NOTE)
        if is_wrong and form.note.errors
        else "",
        longest_note=LONGEST_NOTE,
    )
