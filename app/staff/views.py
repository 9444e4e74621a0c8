"""The doors of staff: signing in and out, the overview of windows and visits, the messages."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from app import auth, passwords
from app.i18n import gettext as _
from app.i18n import language
from app.portal import now, portal
from app.staff import outbox
from app.staff.forms import SetPassword, SignIn
from app.work import carry_out, reading
from notifications.models import DELIVERED, FAILED, SENDING, SENT, WAITING, WITHDRAWN
from scheduling.actions import said
from scheduling.actions.attempts import count_attempt
from scheduling.actions.staff import set_password
from scheduling.actions.work import Work
from scheduling.errors import LinkUnknown, NoSuchThing
from scheduling.reads import said as said_reads
from scheduling.reads import staff as staff_reads
from scheduling.reads import week as week_reads
from scheduling.reads.staff import Account
from scheduling.reads.week import AreaName, WeekWindow

bp = Blueprint("staff", __name__)

MOST_OF_AN_ACCOUNT = 10
MOST_OF_A_NETWORK = 50
"""Sign-ins tried in a quarter of an hour from one network: for one account, and for any."""

SIGNED_IN_LASTS = timedelta(hours=12)
"""A working day with its breaks; tomorrow one signs in again."""

MOST_SAID = MOST_IN_TROUBLE = 50
MOST_HANDLED = 20
MESSAGES_A_PAGE = 50
MESSAGE_STATES = (WAITING, SENDING, SENT, DELIVERED, FAILED, WITHDRAWN)
LARGEST_ID = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Of days that are asked for by hand; arithmetic on days beyond would leave the calendar."""

A_STAFF_PAGE = re.compile(r"/staff/(?:[\w-]+/?)*", re.ASCII)

Answer = Response | AnyResponse | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day of the overview with its windows: area by area, each in order of time."""

    local_day: date
    windows: Sequence[WeekWindow]


@dataclass(frozen=True, slots=True)
class Totals:
    """The places of all windows that are shown."""

    booked: int
    held: int
    capacity: int


@bp.before_request
def _end_long_sessions() -> None:
    signed_in_at = session.get("signed_in_at", 0)
    if current_user.is_authenticated and now().timestamp() - signed_in_at > SIGNED_IN_LASTS.total_seconds():
        logout_user()


@bp.get("/sign-in")
def sign_in() -> Answer:
    """The form; whoever is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(_next(request.args.get("next")), 303)
    return _sign_in_form(request.args.get("next"), is_new=session.pop("password_set", False))


@bp.post("/sign-in")
def check_sign_in() -> Answer:
    """Lets an account in. A wrong password and an unknown account get one answer, after the same time."""
    form = SignIn()
    email, where = (form.email.data or "").strip().lower(), auth.network()
    carry_out(count_attempt, "sign-in", where, most=MOST_OF_A_NETWORK)
    carry_out(count_attempt, "sign-in", email, where, most=MOST_OF_AN_ACCOUNT)
    if form.validate():
        account = staff_reads.by_email(reading(), email)
        known_hash = account.password_hash if account else None
        if passwords.verify(known_hash, form.password.data or "") and account:
            login_user(auth.SignedIn(account))
            session["signed_in_at"] = int(now().timestamp())
            return redirect(_next(form.next.data), 303)
    g.page_href = request.path
    error = _("This e-mail address and this password do not belong together. Check both and try again.")
    return _sign_in_form(form.next.data, email=form.email.data or "", error=error), 422


@bp.post("/sign-out")
def sign_out() -> Answer:
    """Ends the session on this device."""
    logout_user()
    session.pop("signed_in_at", None)
    return redirect(url_for("staff.sign_in"), 303)


@bp.get("/password/<token>")
def new_password(token: str) -> Answer:
    """The form behind a one-time link. Looking at it does not use the link up."""
    account = staff_reads.by_password_link(reading(), passwords.link_digest(token), now())
    return _link_gone() if account is None else _password_form(account)


@bp.post("/password/<token>")
def keep_password(token: str) -> Answer:
    """Sets the password, and with that ends the link and every session of the account."""
    digest = passwords.link_digest(token)
    account = staff_reads.by_password_link(reading(), digest, now())
    if account is None:
        return _link_gone()
    form = SetPassword()
    error = _password_error(form, account)
    if error:
        return _password_form(account, error=error), 422
    try:
        carry_out(set_password, digest, passwords.hash_password(form.password.data or ""))
    except LinkUnknown:
        return _link_gone()
    logout_user()
    session["password_set"] = True
    return redirect(url_for("staff.sign_in"), 303)


@bp.get("/")
@auth.staff_only
def overview() -> Answer:
    """Windows and visits of a week, what customers said, and messages that need somebody."""
    areas = week_reads.areas(reading())
    asked_area = request.args.get("area", "")
    area = next((area for area in areas if area.ref == asked_area), None)
    monday = _monday(area)
    windows = week_reads.week(
        reading(),
        area_ref=area.ref if area else None,
        first=monday,
        last=monday + timedelta(days=6),
        language=language(),
    )
    return render_template(
        "staff/overview.html",
        areas=areas,
        area=area,
        area_is_unknown=bool(asked_area) and area is None,
        monday=monday,
        sunday=monday + timedelta(days=6),
        days=_days(windows),
        totals=_totals(windows),
        earlier_href=_week_href(area, monday - timedelta(days=7)),
        later_href=_week_href(area, monday + timedelta(days=7)),
        waiting=said_reads.waiting(reading(), language=language(), limit=MOST_SAID),
        handled=said_reads.handled(reading(), now=now(), language=language(), limit=MOST_HANDLED),
        trouble=outbox.in_trouble(reading(), now=now(), language=language(), limit=MOST_IN_TROUBLE),
        local=_local_clock(),
    )


@bp.post("/said/<said_id>/handled")
@auth.staff_only
def handle_said(said_id: str) -> Answer:
    """Somebody dealt with what a customer said."""
    return _settled(said.handle, said_id)


@bp.post("/said/<said_id>/reopened")
@auth.staff_only
def reopen_said(said_id: str) -> Answer:
    """It was not dealt with after all."""
    return _settled(said.reopen, said_id)


@bp.get("/messages")
@auth.staff_only
def messages() -> Answer:
    """What was written to customers, the newest first; links masked."""
    state = request.args.get("state")
    state = state if state in MESSAGE_STATES else None
    before = request.args.get("before", type=int)
    before = before if before is not None and 0 < before <= LARGEST_ID else None
    # One more than are shown tells whether there are older ones.
    found = outbox.messages(
        reading(), state=state, before=before, language=language(), limit=MESSAGES_A_PAGE + 1
    )
    shown = found[:MESSAGES_A_PAGE]
    has_older = len(found) > len(shown)
    return render_template(
        "staff/messages.html",
        messages=shown,
        state=state,
        states=MESSAGE_STATES,
        older_href=url_for("staff.messages", state=state, before=shown[-1].message_id) if has_older else None,
        newest_href=url_for("staff.messages", state=state) if before else None,
        local=_local_clock(),
    )


def _settled(action: Callable[[Work, int], None], said_id: str) -> Answer:
    if not re.fullmatch("[0-9]{1,10}", said_id) or int(said_id) > LARGEST_ID:
        abort(404)
    try:
        carry_out(action, int(said_id))
    except NoSuchThing:
        abort(404)
    return redirect(f"{url_for('staff.overview')}#said", 303)


def _sign_in_form(next_path: str | None, *, email: str = "", error: str = "", is_new: bool = False) -> str:
    return render_template(
        "staff/sign-in.html",
        next_path=_staff_page(next_path),
        email=email,
        error=error,
        password_was_set=is_new,
    )


def _password_form(account: Account, *, error: str = "") -> str:
    return render_template(
        "staff/password.html", email=account.email, error=error, shortest=passwords.SHORTEST, is_gone=False
    )


def _link_gone() -> tuple[str, int]:
    return render_template("staff/password.html", is_gone=True), 404


def _password_error(form: SetPassword, account: Account) -> str:
    password = form.password.data or ""
    if len(password) < passwords.SHORTEST:
        return _(
            "Use at least %(shortest)s characters; a few words in a row will do.", shortest=passwords.SHORTEST
        )
    if len(password) > passwords.LONGEST:
        return _("Use at most %(longest)s characters.", longest=passwords.LONGEST)
    if not passwords.is_acceptable(password, account.email):
        return _("Use something else than the e-mail address.")
    if password != form.password_again.data:
        return _("The two passwords are not the same. Type both again.")
    return ""


def _next(path: str | None) -> str:
    """Where to after signing in: a page of staff, never an address that somebody else made up."""
    return _staff_page(path) or url_for("staff.overview")


def _staff_page(path: str | None) -> str:
    """The path if it is one of staff, else empty."""
    return path if path and A_STAFF_PAGE.fullmatch(path) else ""


def _monday(area: AreaName | None) -> date:
    """The first day of the week that is asked for by any of its days (`from`), or of this week."""
    zone = ZoneInfo(area.time_zone) if area else _company_zone()
    try:
        day = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        day = now().astimezone(zone).date()
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        day = now().astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _days(windows: Sequence[WeekWindow]) -> Sequence[ShownDay]:
    in_order = sorted(windows, key=_day_and_area)
    by_day = groupby(in_order, key=lambda found: found.window.local_day)
    return [ShownDay(local_day, tuple(of_the_day)) for local_day, of_the_day in by_day]


def _day_and_area(found: WeekWindow) -> tuple[date, str, str, datetime]:
    window = found.window
    return (window.local_day, window.area_name, window.area_ref, window.starts)


def _totals(windows: Sequence[WeekWindow]) -> Totals:
    return Totals(
        booked=sum(found.window.booked for found in windows),
        held=sum(found.window.held for found in windows),
        capacity=sum(found.window.capacity for found in windows),
    )


def _week_href(area: AreaName | None, monday: date) -> str:
    # `from` is a word of Python's own, so it cannot be written as an argument.
    day: dict[str, Any] = {"from": monday.isoformat()}
    return url_for("staff.overview", area=area.ref if area else None, **day)


def _company_zone() -> ZoneInfo:
    return ZoneInfo(portal().announce.time_zone)


def _local_clock() -> Callable[[datetime], datetime]:
    zone = _company_zone()
    return lambda instant: instant.astimezone(zone)
