"""The customer's doors: every one is a form or a link, one call, and one answer. A GET never changes anything."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.customer import pages
from app.customer.forms import LARGEST_ID, ChooseWindow, ConfirmVisit, EnterCode, LeaveWishes, Verify
from app.customer.pages import Page
from app.i18n import gettext as _
from app.portal import now, portal
from app.security import keep_session
from app.work import carry_out, reading
from notifications.calendar_texts import calendar_visit
from scheduling.actions import invitations, visits
from scheduling.actions.attempts import count_attempt
from scheduling.calendars.write import visit_calendar
from scheduling.errors import AlreadyBooked, LinkUnknown, NotPossible, TooLate, WindowTaken
from scheduling.reads import letter_codes, offer, shared_visit
from scheduling.reads.correspondence import correspondence
from scheduling.rules.postcodes import normalise_house_number, normalise_postcode

bp = Blueprint("customer", __name__)

MOST_CODES = 10
MOST_VERIFICATIONS = 5
MOST_LINKS = 3
MOST_WISHES = 5
"""In a quarter of an hour: codes and verifications tried from one network, links sent and wishes left for one visit."""

Answer = Response | AnyResponse | str | tuple[str, int]


@bp.before_request
def _keep_session() -> None:
    # Calendar programs fetch without cookies and get none.
    if request.endpoint != "customer.visit_file":
        keep_session()


@bp.get("/")
def home() -> Answer:
    """What this is, and the form for the code of a letter."""
    return render_template("customer/home.html", errors={}, values={}, public_host=_public_host())


@bp.post("/")
def enter_code() -> Answer:
    """From a letter's code to the personal page."""
    form = EnterCode()
    carry_out(count_attempt, "letter-code", auth.network(), most=MOST_CODES)
    token = letter_codes.token_for(
        reading(), portal().link_keys, form.code.data or "", form.postcode.data or "", now()
    )
    if token is not None:
        return redirect(url_for("customer.show", token=token), 303)
    errors = {}
    if not form.code.data:
        errors["code"] = _("Fill in the code; it stands at the top of our letter.")
    if not form.postcode.data:
        errors["postcode"] = _("Fill in the postcode of the address that the letter was sent to.")
    if not errors:
        errors["code"] = _("We do not know this code for this postcode. Compare both with the letter.")
    values = {"code": form.code.data or "", "postcode": form.postcode.data or ""}
    page = render_template("customer/home.html", errors=errors, values=values, public_host=_public_host())
    return page, 422


@bp.get("/v/<token>")
def show(token: str) -> Answer:
    """The page that fits what there is: choose, booked, or cancelled."""
    page = _open(token)
    if page.visit is None or page.visit.state == "missed":
        return _choose(page, "show", page.href("choose"))
    return _cancelled(page) if page.visit.state == "cancelled" else _booked(page)


@bp.post("/v/<token>/choose")
def choose(token: str) -> Answer:
    """The choice comes back; on to the review, if it can still be had."""
    return _chosen(_open(token), "review")


@bp.get("/v/<token>/review")
def review(token: str) -> Answer:
    """Everything once more, before anything is booked."""
    page = _open(token)
    return _review(page, confirm_action=page.href("confirm"), back_href=page.href("show"))


@bp.post("/v/<token>/confirm")
def confirm(token: str) -> Answer:
    """Books. Confirming twice is one visit; a second tab with another window changes nothing."""
    invitation_id = auth.invitation_of(token)
    form = ConfirmVisit()
    if not form.validate():
        return _taken(_open(token), None)
    try:
        carry_out(visits.book, invitation_id, form.window_id, uid_host=_public_host())
    except WindowTaken:
        return _taken(_open(token), form.window_id)
    except AlreadyBooked:
        return _conflict(token)
    return _done(token, "booked")


@bp.post("/v/<token>/change")
def start_change(token: str) -> Answer:
    """To the windows that the visit can be moved to."""
    auth.invitation_of(token)
    return redirect(url_for("customer.change", token=token), 303)


@bp.get("/v/<token>/change")
def change(token: str) -> Answer:
    """The windows again; the visit stays as it is until another one is confirmed."""
    page = _open(token)
    shown = pages.shown_visit(page)
    if shown is None or not shown.can_change:
        return redirect(page.href("show"), 303)
    return _choose(page, "change", page.href("choose_change"), change=shown)


@bp.post("/v/<token>/change/choose")
def choose_change(token: str) -> Answer:
    """The choice of another window comes back."""
    page = _open(token)
    shown = pages.shown_visit(page)
    return _chosen(page, "review_change") if shown and shown.can_change else _conflict(token)


@bp.get("/v/<token>/change/review")
def review_change(token: str) -> Answer:
    """The new time beside the old one, before anything is moved."""
    page = _open(token)
    shown = pages.shown_visit(page)
    if shown is None or not shown.can_change:
        return redirect(page.href("show"), 303)
    return _review(
        page, confirm_action=page.href("confirm_change"), back_href=page.href("change"), change=shown
    )


@bp.post("/v/<token>/change/confirm")
def confirm_change(token: str) -> Answer:
    """Moves the visit."""
    invitation_id = auth.invitation_of(token)
    form = ConfirmVisit()
    if not form.validate():
        return _taken(_open(token), None)
    try:
        carry_out(visits.change, invitation_id, form.window_id, sequence=form.seen_sequence)
    except WindowTaken:
        return _taken(_open(token), form.window_id)
    except (AlreadyBooked, NotPossible, TooLate):
        return _conflict(token)
    return _done(token, "changed")


@bp.post("/v/<token>/cancel")
def start_cancel(token: str) -> Answer:
    """To the page that asks once more."""
    auth.invitation_of(token)
    return redirect(url_for("customer.cancel", token=token), 303)


@bp.get("/v/<token>/cancel")
def cancel(token: str) -> Answer:
    """Another time, or not at all?"""
    page = _open(token)
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
        return _conflict(token)
    return redirect(url_for("customer.show", token=token), 303)


@bp.post("/v/<token>/restore")
def restore(token: str) -> Answer:
    """Undoes a cancellation."""
    invitation_id = auth.invitation_of(token)
    try:
        carry_out(visits.restore, invitation_id)
    except (NotPossible, TooLate):
        return _conflict(token)
    return _done(token, "restored")


@bp.get("/v/<token>/other")
def no_fit(token: str) -> Answer:
    """None of the windows suits: a way on."""
    return _no_windows(_open(token), "none_fits")


@bp.post("/v/<token>/other")
def leave_wishes(token: str) -> Answer:
    """Keeps when it does suit, for the dispatcher."""
    page = _open(token)
    form = LeaveWishes()
    if not form.validate():
        error = _("Write down when it suits you, in at most 2,000 characters.")
        return _no_windows(page, "none_fits", error=error, wishes=form.wishes.data or "", status=422)
    carry_out(count_attempt, "wishes", str(page.invitation_id), most=MOST_WISHES)
    carry_out(invitations.leave_wishes, page.invitation_id, form.wishes.data or "")
    return redirect(page.href("wishes_received"), 303)


@bp.get("/v/<token>/other/received")
def wishes_received(token: str) -> Answer:
    """Thank you, and what happens now."""
    page = _open(token)
    return render_template(
        "customer/wishes-received.html", personal=pages.personal(page), back_href=page.href("show")
    )


@bp.post("/v/<token>/verify")
def verify(token: str) -> Answer:
    """Postcode and house number, once on a device, before anything more is shown."""
    page = _open(token)
    form = Verify()
    carry_out(count_attempt, "verify", str(page.invitation_id), auth.network(), most=MOST_VERIFICATIONS)
    if form.validate() and _lives_here(page, form.postcode.data or "", form.house_number.data or ""):
        auth.remember_verified(page.invitation_id)
        return redirect(page.href("show"), 303)
    if page.ask.visit is None or not page.ask.visit.is_live:
        # The question stands on the page of a visit, and there is none (any more).
        return redirect(page.href("show"), 303)
    error = _("This is not the postcode and house number that we come to. Compare them and try again.")
    return _booked(page, verify_error=error), 422


@bp.get("/v/<token>/visit.ics")
def visit_file(token: str) -> Answer:
    """The visit as a calendar file, also after it was cancelled, by whomever; 404 before there is one."""
    told = correspondence(reading(), auth.invitation_of(token, also_withdrawn=True))
    if told.visit is None:
        return Response("", 404, mimetype="text/plain")
    entry = calendar_visit(told, portal().company, portal().texts)
    response = Response(visit_calendar(entry), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


@bp.get("/visit/<code>")
def shared(code: str) -> Answer:
    """What a shared calendar entry links to: the window alone."""
    return _shared(code, sent=False)


@bp.post("/visit/<code>")
def send_link(code: str) -> Answer:
    """Sends the personal link to the phone or e-mail on file, and never says whether there is one."""
    visit = _shared_visit(code)
    carry_out(count_attempt, "send-link", str(visit.invitation_id), most=MOST_LINKS)
    carry_out(invitations.send_link_again, visit.invitation_id)
    return _shared(code, sent=True)


def _open(token: str) -> Page:
    invitation_id = auth.invitation_of(token)
    return pages.open_page(token, invitation_id, verified=auth.is_verified(invitation_id))


def _choose(
    page: Page, view: str, action: str, *, change: Any = None, error: str = "", status: int = 200
) -> tuple[str, int]:
    if page.ask.area_id is None:
        return _no_windows(page, "no_area", status=status)
    found = _offer(page)
    if not any(not window.is_current for day in found.days for window in day.windows):
        return _no_windows(page, "none_open", status=status)
    html = render_template(
        "customer/choose.html",
        personal=pages.personal(page),
        choose_action=action,
        choose_error=error,
        change=change,
        **pages.offered(page, found, view),
    )
    return html, status


def _offer(page: Page) -> offer.Offer:
    """From the day that was asked for; from the first one where nothing is free from there on."""
    from_day = _from_day()
    found = offer.offer(reading(), page.ask, now(), from_day=from_day)
    if from_day is None:
        return found
    if not found.days:
        return offer.offer(reading(), page.ask, now())
    g.from_day = from_day
    return found


def _chosen(page: Page, next_view: str) -> Answer:
    form = ChooseWindow()
    if form.validate():
        if offer.window_to_review(reading(), page.ask, now(), form.window_id) is None:
            return _taken(page, form.window_id)
        return redirect(page.href(next_view, window=form.window_id), 303)
    if request.form.get("window"):
        return _taken(page, None)
    # Nothing was marked: the same page once more, saying so.
    error = _("Choose a time first.")
    if next_view == "review":
        return _choose(page, "show", page.href("choose"), error=error, status=422)
    shown = pages.shown_visit(page)
    return _choose(page, "change", page.href("choose_change"), change=shown, error=error, status=422)


def _review(page: Page, *, confirm_action: str, back_href: str, change: Any = None) -> Answer:
    window_id = request.args.get("window", type=int)
    window = (
        offer.window_to_review(reading(), page.ask, now(), window_id)
        if window_id is not None and 0 < window_id <= LARGEST_ID
        else None
    )
    if window is None:
        return _taken(page, window_id)
    return render_template(
        "customer/review.html",
        personal=pages.personal(page),
        window=window,
        confirm_action=confirm_action,
        back_href=back_href,
        change=change,
    )


def _taken(page: Page, window_id: int | None) -> Answer:
    """409: that window is gone; the nearest ones that are free, nothing to be typed again."""
    if page.ask.area_id is None:
        return _no_windows(page, "no_area", status=409)
    known = window_id is not None and 0 < window_id <= LARGEST_ID
    wanted = offer.window_of_area(reading(), page.ask, window_id or 0) if known else None
    moving = page.ask.visit is not None and page.ask.visit.is_live
    found = offer.nearest(reading(), page.ask, now(), wanted)
    html = render_template(
        "customer/window-taken.html",
        personal=pages.personal(page),
        choose_action=page.href("choose_change" if moving else "choose"),
        wanted=wanted,
        change=pages.shown_visit(page) if moving else None,
        **pages.offered(page, found, "change" if moving else "show"),
    )
    return html, 409


def _booked(page: Page, *, conflict: bool = False, verify_error: str | None = None) -> str:
    return render_template(
        "customer/booked.html",
        personal=pages.personal(page),
        visit=pages.shown_visit(page),
        change_action=page.href("start_change"),
        cancel_action=page.href("start_cancel"),
        just=session.pop("just", None),
        conflict=conflict,
        verified=pages.known_details(page),
        verify_action=page.href("verify"),
        verify_error=verify_error,
        **pages.calendar_links(page),
    )


def _cancelled(page: Page, *, conflict: bool = False) -> str:
    until = pages.restore_until(page)
    found = _offer(page)
    return render_template(
        "customer/cancelled.html",
        personal=pages.personal(page),
        visit=pages.shown_visit(page),
        restore_action=page.href("restore") if until else None,
        restore_until=until,
        conflict=conflict,
        choose_action=page.href("choose"),
        **pages.offered(page, found, "show"),
    )


def _no_windows(
    page: Page, reason: str, *, error: str = "", wishes: str = "", status: int = 200
) -> tuple[str, int]:
    html = render_template(
        "customer/no-windows.html",
        personal=pages.personal(page),
        reason=reason,
        wishes_action=page.href("leave_wishes"),
        wishes_error=error,
        wishes=wishes,
        # Where nothing is free there is nothing to go back to.
        back_href=page.href("show") if reason == "none_fits" else None,
    )
    return html, status


def _conflict(token: str) -> Answer:
    """409 with the page as it really is: what was asked for came too late, or from an old tab."""
    page = _open(token)
    if page.visit is not None and page.ask.visit is not None and page.ask.visit.is_live:
        return _booked(page, conflict=True), 409
    if page.visit is not None and page.visit.state == "cancelled":
        return _cancelled(page, conflict=True), 409
    return _choose(page, "show", page.href("choose"), status=409)


def _done(token: str, just: str) -> Answer:
    session["just"] = just
    return redirect(url_for("customer.show", token=token), 303)


def _shared(code: str, *, sent: bool) -> Answer:
    visit = _shared_visit(code)
    g.page_href = url_for("customer.shared", code=code)
    return render_template(
        "customer/shared-visit.html",
        visit=visit,
        send_action=url_for("customer.send_link", code=code),
        sent=sent,
    )


def _shared_visit(code: str) -> shared_visit.SharedVisit:
    """A code is letters and digits; anything else is refused before the database is asked."""
    if not (code.isascii() and code.isalnum()):
        raise LinkUnknown
    return shared_visit.by_code(reading(), code)


def _lives_here(page: Page, postcode: str, number: str) -> bool:
    try:
        given = (normalise_postcode(postcode), normalise_house_number(number))
    except ValueError:
        return False
    address = page.told.address
    return given == (address.postcode, normalise_house_number(address.house_number))


def _from_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return None


def _public_host() -> str:
    return portal().settings.public_url.partition("://")[2].partition("/")[0]
