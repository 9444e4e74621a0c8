"""All homes of one contact on one page, and planning several of them by a pattern."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from flask import redirect, render_template, request, session, url_for

from app.customer import answers, bp, pages
from app.customer.answers import Answer
from app.customer.forms import ConfirmPlan
from app.customer.pages import Page
from app.customer.telling import ASKED_ON
from app.i18n import gettext as _
from app.i18n import language
from app.portal import now, portal
from app.work import carry_out, reading
from scheduling.actions import plans
from scheduling.reads import homes as home_reads
from scheduling.reads.homes import HomeAsked, HomeVisit
from scheduling.rules.pattern import ANY_TIME, PARTS_OF_DAY, WEEKDAYS, FreeWindow, Pattern, plan
from scheduling.rules.postcodes import postcode_for_people
from scheduling.rules.wording import weekday_name

MOST_AT_ONCE = 100
"""Homes that are booked together: one transaction, short enough for others to wait for."""

WORKING_WEEK = frozenset(range(5))
A_MONDAY = date(2024, 1, 1)
"""For the names of the days of the week."""


@dataclass(frozen=True, slots=True)
class ShownHome:
    """One home on the page. `planned` is the window that a plan proposes for it."""

    invitation_id: int
    href: str
    address: pages.Place
    kind_names: Sequence[str]
    visit: HomeVisit | None
    planned: FreeWindow | None = None


@bp.get("/v/<token>/homes")
def homes(token: str) -> Answer:
    """Every home with its visit, or with the way to choose one."""
    return _homes_page(answers.open_(token))


@bp.get("/v/<token>/homes/plan")
def plan_homes(token: str) -> Answer:
    """What a pattern would give each home; nothing is booked yet."""
    page = answers.open_(token)
    chosen = set(request.args.getlist("home"))
    shown = [home for home in _shown(page) if home.visit is None and str(home.invitation_id) in chosen]
    if not shown:
        return _homes_page(page, error=_("Mark the addresses that you want to plan.")), 422
    rows = list(islice(shown, MOST_AT_ONCE))
    wanted = home_reads.to_plan(reading(), [home.invitation_id for home in rows], now())
    planned = plan(wanted, home_reads.free_windows(reading(), wanted), _pattern())
    rows = [replace(home, planned=planned.get(home.invitation_id)) for home in rows]
    return render_template(
        "customer/plan.html",
        personal=pages.personal(page),
        homes=rows,
        found=[home for home in rows if home.planned],
        confirm_action=page.href("confirm_plan"),
        back_href=page.href("homes"),
    )


@bp.post("/v/<token>/homes/confirm")
def confirm_plan(token: str) -> Answer:
    """Books what was proposed, each claimed on its own; what is gone by now is left for another choice."""
    page = answers.open_(token)
    wanted = dict(islice(ConfirmPlan().bookings.items(), MOST_AT_ONCE))
    done = carry_out(plans.book_all, page.invitation_id, wanted, uid_host=portal().public_host)
    session["planned"] = [len(done.booked), len(done.gone)]
    return redirect(page.href("homes"), 303)


def _homes_page(page: Page, *, error: str = "", verify_error: str = "") -> str:
    shown = _shown(page)
    booked, gone = session.pop("planned", None) or (0, 0)
    return render_template(
        "customer/homes.html",
        personal=pages.personal(page),
        homes=shown,
        to_plan=[home for home in shown if home.visit is None],
        plan_action=page.href("plan_homes"),
        weekdays=[
            (number, weekday_name(A_MONDAY + timedelta(days=number), language())) for number in range(7)
        ],
        pattern=_pattern() if "from" in request.args else Pattern(_day(""), WORKING_WEEK),
        booked=booked,
        gone=gone,
        error=error,
        verified=page.verified,
        verify_action=page.href("verify"),
        verify_error=verify_error,
    )


def _shown(page: Page) -> list[ShownHome]:
    found = home_reads.homes_of(reading(), page.invitation_id, now(), language=language())
    return [_shown_home(home, verified=page.verified) for home in found]


def _shown_home(home: HomeAsked, *, verified: bool) -> ShownHome:
    token = portal().link_keys.personal_token(home.invitation_id, home.version)
    return ShownHome(
        invitation_id=home.invitation_id,
        href=url_for("customer.show", token=token),
        address=pages.Place(
            pc4=home.pc4,
            place=home.place,
            house_number=home.house_number,
            is_full=verified,
            street=home.street if verified else "",
            postcode=postcode_for_people(home.postcode, home.country) if verified else "",
        ),
        kind_names=home.kind_names,
        visit=home.visit,
    )


def _pattern() -> Pattern:
    """What was asked for; whatever cannot be read is as if nothing had been said."""
    asked = request.args
    weekdays = frozenset(day for day in WEEKDAYS if str(day) in asked.getlist("weekday"))
    part_of_day = asked.get("part", ANY_TIME)
    return Pattern(
        from_day=_day(asked.get("from", "")),
        weekdays=weekdays or WEEKDAYS,
        part_of_day=part_of_day if part_of_day in PARTS_OF_DAY else ANY_TIME,
        one_each="one_each" in asked,
    )


def _day(text: str) -> date:
    tomorrow = now().date() + timedelta(days=1)
    try:
        return max(date.fromisoformat(text), tomorrow)
    except ValueError:
        return tomorrow


ASKED_ON["homes"] = lambda page, error: _homes_page(page, verify_error=error)
