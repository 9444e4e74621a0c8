"""The answers that several doors of the customer give: each page that there is, with its status.

Which page fits is decided by the doors; what stands on it is made in `pages`.
"""

from datetime import date

from flask import Response, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.customer import details_page, pages
from app.customer.forms import LARGEST_ID, ChooseWindow
from app.customer.pages import FIRST, Page, PartPage, Way
from app.i18n import gettext as _
from app.portal import now
from app.work import reading
from scheduling.reads import offer

Answer = Response | AnyResponse | str | tuple[str, int]


def open_(token: str) -> Page:
    link = auth.link_of(token)
    return pages.open_page(token, link, verified=auth.is_verified(link.invitation_id))


def choose_page(page: Page, *, error: str = "", status: int = 200) -> tuple[str, int]:
    if page.ask.area_id is None:
        return no_windows_page(page, "no_area", status=status)
    found = _offer(page)
    if not any(not window.is_current for day in found.days for window in day.windows):
        return no_windows_page(page, "none_open", status=status)
    html = render_template(
        "customer/choose.html",
        personal=pages.personal(page),
        choose_action=page.href(page.way.choose),
        choose_error=error,
        change=_visit_so_far(page),
        leave_part_href=page.href("leave_part") if isinstance(page, PartPage) else None,
        **pages.offered(page, found, page.way.windows),
    )
    return html, status


def chosen(page: Page, way: Way) -> Answer:
    form = ChooseWindow()
    if form.validate():
        if offer.window_to_review(reading(), page.ask, now(), form.window_id) is None:
            return taken_page(page, form.window_id)
        return redirect(page.href(way.review, window=form.window_id), 303)
    if request.form.get("window"):
        return taken_page(page, None)
    # Nothing was marked: the same page once more, saying so.
    return choose_page(page, error=_("Choose a time first."), status=422)


def review_page(page: Page, way: Way) -> Answer:
    window_id = request.args.get("window", type=int)
    window = (
        offer.window_to_review(reading(), page.ask, now(), window_id)
        if window_id is not None and 0 < window_id <= LARGEST_ID
        else None
    )
    if window is None:
        return taken_page(page, window_id)
    return render_template(
        "customer/review.html",
        personal=pages.personal(page),
        window=window,
        confirm_action=page.href(way.confirm),
        back_href=page.href(way.windows),
        change=None if way is FIRST else _visit_so_far(page),
        is_part=isinstance(page, PartPage),
    )


def taken_page(page: Page, window_id: int | None) -> Answer:
    """409: that window is gone; the nearest ones that are free, nothing to be typed again."""
    if page.ask.area_id is None:
        return no_windows_page(page, "no_area", status=409)
    known = window_id is not None and 0 < window_id <= LARGEST_ID
    wanted = offer.window_of_area(reading(), page.ask, window_id or 0) if known else None
    found = offer.nearest(reading(), page.ask, now(), wanted)
    html = render_template(
        "customer/window-taken.html",
        personal=pages.personal(page),
        choose_action=page.href(page.way.choose),
        wanted=wanted,
        change=_visit_so_far(page),
        **pages.offered(page, found, page.way.windows),
    )
    return html, 409


def booked_page(page: Page, *, conflict: bool = False, verify_error: str | None = None) -> str:
    return render_template(
        "customer/booked.html",
        personal=pages.personal(page),
        visit=pages.shown_visit(page),
        change_action=page.href("start_change"),
        cancel_action=page.href("start_cancel"),
        just=_just_done(page),
        conflict=conflict,
        verified=pages.known_details(page),
        verify_action=page.href("verify"),
        verify_error=verify_error,
        details=details_page.in_passing(page),
        **pages.calendar_links(page),
    )


def cancelled_page(page: Page, *, conflict: bool = False) -> str:
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


def no_windows_page(
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


def conflict(token: str) -> Answer:
    """409 with the page as it really is: what was asked for came too late, or from an old tab."""
    page = open_(token)
    if page.visit is not None and page.ask.visit is not None and page.ask.visit.is_live:
        return booked_page(page, conflict=True), 409
    if page.visit is not None and page.visit.state == "cancelled":
        return cancelled_page(page, conflict=True), 409
    return choose_page(page, status=409)


def done(token: str, just: str) -> Answer:
    remember_done(auth.link_of(token).invitation_id, just)
    return redirect(url_for("customer.show", token=token), 303)


def remember_done(invitation_id: int, just: str) -> None:
    """What the next page of this invitation says was done just now; pages of others say nothing of it."""
    session["just"] = [invitation_id, just]


def _just_done(page: Page) -> str | None:
    if session.get("just", [0])[0] != page.invitation_id:
        return None
    just: str = session.pop("just")[1]
    return just


def _visit_so_far(page: Page) -> pages.ShownVisit | None:
    """The visit that stays as it is until another window is confirmed."""
    is_live = page.ask.visit is not None and page.ask.visit.is_live
    return pages.shown_visit(page) if is_live else None


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


def _from_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return None
