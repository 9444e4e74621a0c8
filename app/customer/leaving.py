"""No visit after all: why, what becomes of it, and how to take that back."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from flask import g, redirect, render_template, url_for

from app import auth
from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.exit_forms import LONGEST_NOTE, Leave, NewAddress, reason_asked_for
from app.customer.pages import Page
from app.customer.telling import ASKED_ON
from app.i18n import gettext as _
from app.i18n import language, speak
from app.portal import now
from app.work import carry_out, reading
from notifications.log import reached_at
from scheduling.actions import exits, moving
from scheduling.actions.attempts import count_attempt
from scheduling.errors import LinkEnded, NotPossible, SameAddress
from scheduling.reads.asked import check_link
from scheduling.reads.correspondence import VisitFacts, correspondence
from scheduling.reads.exits import exited_at
from scheduling.reads.moving import on_moving
from scheduling.rules.exits import MOVED, NOT_FOR_ME, REASONS
from scheduling.rules.policy import may_become, undo_until

MOST_EXITS = 10
"""Exits made and moves told on one link in a quarter of an hour: each may write messages."""


@bp.get("/v/<token>/leave")
def leave(token: str) -> Answer:
    """Five reasons for no visit, each with what it means."""
    page = answers.open_(token)
    if not _can_leave(page):
        return redirect(page.href("show"), 303)
    return _leave_page(page, Leave(), reason=reason_asked_for())


@bp.post("/v/<token>/leave")
def confirm_leave(token: str) -> Answer:
    """Ends what the reason ends; who moved with work that goes along is asked where to first."""
    page = answers.open_(token)
    form = Leave()
    if not form.validate():
        return _leave_page(page, form, reason=form.reason.data or ""), 422
    if form.reason.data == MOVED and on_moving(reading(), page.invitation_id, language()).goes:
        return redirect(page.href("moved"), 303)
    carry_out(count_attempt, "leave", str(page.invitation_id), most=MOST_EXITS)
    try:
        _leave(page, form.reason.data or "", form.note.data or "")
    except NotPossible:
        return answers.conflict(token)
    return redirect(page.href("left"), 303)


@bp.get("/v/<token>/left")
def left(token: str) -> Answer:
    """What became of it, and what may still help."""
    link = auth.link_of(token)
    try:
        check_link(reading(), link.invitation_id, link.version, now())
    except LinkEnded as ended:
        reason, can_return = str(ended.facts["reason"]), bool(ended.facts.get("can_return"))
        if reason not in REASONS:
            raise
        return _left_page(token, link.invitation_id, reason, can_return=can_return)
    return redirect(url_for("customer.show", token=token), 303)


@bp.post("/v/<token>/come-back")
def come_back(token: str) -> Answer:
    """Takes an exit back; the visit too, while its place is kept."""
    link = auth.link_of(token)
    try:
        check_link(reading(), link.invitation_id, link.version, now())
    except LinkEnded as ended:
        if not ended.facts.get("can_return"):
            raise
        if carry_out(exits.come_back, link.invitation_id).is_booked:
            answers.remember_done(link.invitation_id, "restored")
    return redirect(url_for("customer.show", token=token), 303)


@bp.get("/v/<token>/moved")
def moved(token: str) -> Answer:
    """Where to; asked of the household alone, for it shows where they live and changes it."""
    page = answers.open_(token)
    if not _can_leave(page):
        return redirect(page.href("show"), 303)
    return _moved_page(page)


@bp.post("/v/<token>/moved")
def confirm_moved(token: str) -> Answer:
    """Keeps the new address; the windows that are offered next are those of its area."""
    page = answers.open_(token)
    if not page.verified:
        return _moved_page(page), 403
    form = NewAddress()
    address, errors = form.read()
    if address is None:
        return _moved_page(page, form=form, errors=errors), 422
    carry_out(count_attempt, "leave", str(page.invitation_id), most=MOST_EXITS)
    try:
        carry_out(moving.move, page.invitation_id, address)
    except SameAddress:
        errors = {"postcode": _("This is the address that we have. Fill in the new one.")}
        return _moved_page(page, form=form, errors=errors), 422
    except NotPossible:
        return answers.conflict(token)
    return redirect(page.href("show"), 303)


def _leave(page: Page, reason: str, note: str) -> None:
    if reason == NOT_FOR_ME:
        version = auth.link_of(page.token).version
        where = reached_at(reading(), page.invitation_id, version)
        carry_out(exits.not_for_me, page.invitation_id, version, where)
    elif reason == MOVED:
        carry_out(moving.move_out, page.invitation_id, note=note)
    else:
        carry_out(exits.leave, page.invitation_id, reason, note=note)


def _can_leave(page: Page) -> bool:
    visit = page.visit
    return (
        visit is None
        or not page.ask.visit
        or not page.ask.visit.is_live
        or may_become(visit.state, "cancelled")
    )


def _leave_page(page: Page, form: Leave, *, reason: str) -> str:
    is_live = page.ask.visit is not None and page.ask.visit.is_live
    return render_template(
        "customer/leave.html",
        personal=pages.personal(page),
        visit=pages.shown_visit(page) if is_live else None,
        leave_action=page.href("confirm_leave"),
        reason=reason,
        note=form.note.data or "",
        longest_note=LONGEST_NOTE,
        reason_error=_("Choose what fits best.") if form.reason.errors else "",
        note_error=_("Use at most %(longest)s characters.", longest=LONGEST_NOTE) if form.note.errors else "",
        back_href=page.href("show"),
    )


def _left_page(token: str, invitation_id: int, reason: str, *, can_return: bool) -> str:
    if reason == NOT_FOR_ME:
        # A stranger reads this: no name, no language of somebody else's.
        return render_template("customer/left.html", reason=reason, come_back_action=None, visit_until=None)
    told = correspondence(reading(), invitation_id)
    speak(told.correspondent.language, told.correspondent.formality)
    return render_template(
        "customer/left.html",
        reason=reason,
        come_back_action=url_for("customer.come_back", token=token) if can_return else None,
        visit_until=_visit_until(told.visit, invitation_id),
    )


def _visit_until(visit: VisitFacts | None, invitation_id: int) -> datetime | None:
    """Until when the visit that this ended can be had back, in local time; None where there is none."""
    if visit is None or visit.state != "cancelled" or visit.changed_at != exited_at(reading(), invitation_id):
        return None
    until = undo_until(visit.changed_at)
    return until.astimezone(visit.starts.tzinfo) if now() < until else None


def _moved_page(
    page: Page,
    *,
    form: NewAddress | None = None,
    errors: Mapping[str, str] = MappingProxyType({}),
    verify_error: str = "",
) -> str:
    g.page_href = page.href("moved")
    is_live = page.ask.visit is not None and page.ask.visit.is_live
    return render_template(
        "customer/moved.html",
        personal=pages.personal(page),
        visit=pages.shown_visit(page) if is_live else None,
        on_moving=on_moving(reading(), page.invitation_id, language()),
        verified=page.verified,
        verify_action=page.href("verify"),
        verify_error=verify_error,
        moved_action=page.href("confirm_moved"),
        values=form.data if form else {},
        errors=errors,
        back_href=page.href("show"),
    )


ASKED_ON["moved"] = lambda page, error: _moved_page(page, verify_error=error)
