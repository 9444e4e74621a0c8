"""Choose, review, confirm, and what came of it."""

from flask import Response

from app import auth
from app.customer import answers, bp
from app.customer.answers import Answer
from app.customer.forms import ConfirmVisit
from app.customer.pages import FIRST
from app.portal import portal
from app.work import carry_out, reading
from notifications.calendar_texts import calendar_visit
from scheduling.actions import visits
from scheduling.calendars.write import visit_calendar
from scheduling.errors import AlreadyBooked, WindowTaken
from scheduling.reads.correspondence import VisitFacts, correspondence


@bp.get("/v/<token>")
def show(token: str) -> Answer:
    """The page that fits what there is: choose, booked, or cancelled."""
    page = answers.open_(token)
    if page.visit is None or page.visit.state == "missed" or _was_elsewhere(page.visit):
        return answers.choose_page(page)
    return answers.cancelled_page(page) if page.visit.state == "cancelled" else answers.booked_page(page)


def _was_elsewhere(visit: VisitFacts) -> bool:
    """Whether a visit was cancelled because its customer moved: nothing of it can be had back."""
    return visit.state == "cancelled" and visit.is_elsewhere


@bp.post("/v/<token>/choose")
def choose(token: str) -> Answer:
    """The choice comes back; on to the review, if it can still be had."""
    return answers.chosen(answers.open_(token), FIRST)


@bp.get("/v/<token>/review")
def review(token: str) -> Answer:
    """Everything once more, before anything is booked."""
    return answers.review_page(answers.open_(token), FIRST)


@bp.post("/v/<token>/confirm")
def confirm(token: str) -> Answer:
    """Books. Confirming twice is one visit; a second tab with another window changes nothing."""
    link = auth.link_of(token)
    form = ConfirmVisit()
    if not form.validate():
        return answers.taken_page(answers.open_(token), None)
    try:
        carry_out(
            visits.book,
            link.invitation_id,
            form.window_id,
            uid_host=portal().public_host,
            link_version=link.version,
        )
    except WindowTaken:
        return answers.taken_page(answers.open_(token), form.window_id)
    except AlreadyBooked:
        return answers.conflict(token)
    return answers.done(token, "booked")


@bp.get("/v/<token>/visit.ics")
def visit_file(token: str) -> Answer:
    """The visit as a calendar file, also after it was cancelled, by whomever; 404 before there is one."""
    told = correspondence(reading(), auth.invitation_of(token, also_withdrawn=True))
    if told.visit is None:
        auth.invitation_of(token)
        return Response("", 404, mimetype="text/plain")
    entry = calendar_visit(told, portal().company, portal().texts)
    response = Response(visit_calendar(entry), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response
