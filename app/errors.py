"""One table: what went wrong to a status and to sentences that say what to do. The only place that words a refusal."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.customer.lost import ended_page
from app.i18n import gettext as _
from app.i18n import language
from app.portal import now, portal
from scheduling.errors import LinkEnded, LinkUnknown, Refusal, TooManyAttempts
from scheduling.rules.wording import clock_time, day_long

logger = logging.getLogger("portal.errors")
RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Sentences:
    """What an error page says."""

    heading: str
    sentence: str
    what_to_do: str


def sentences(status: int) -> Sentences:
    """The words for a status, in the language of the page."""
    table = {
        400: Sentences(
            _("We could not read that"),
            _("What your browser sent did not arrive complete. Nothing has been changed."),
            _(
                "Open the link from our message again and try once more. Your browser needs to accept cookies."
            ),
        ),
        403: Sentences(
            _("This is not open to you"),
            _("The request did not come from our own page, or this page is not meant for you."),
            _("Open the link from our message again and try once more."),
        ),
        404: Sentences(
            _("This page does not exist"),
            _("Perhaps the link was cut off when it was copied."),
            _("Open the link from our message again. If you no longer have it, we gladly help you on."),
        ),
        405: Sentences(
            _("This page cannot be opened like this"),
            _("Nothing has been changed."),
            _("Open the link from our message again."),
        ),
        409: Sentences(
            _("This has changed in the meantime"),
            _("Somebody else, or you in another window, changed this visit. Nothing has been changed now."),
            _("Open the link from our message again to see how it is now."),
        ),
        413: Sentences(
            _("That was too much text"),
            _("What you sent is larger than we can take in. Nothing has been changed."),
            _("Go back and make it shorter."),
        ),
        429: Sentences(
            _("That was a bit often"),
            _("For your safety this can be tried a few times only."),
            _("Wait a quarter of an hour and try again, or contact us."),
        ),
        500: Sentences(
            _("Something went wrong on our side"),
            _("We are sorry. What you had booked before is still booked."),
            _("Try again in a few minutes. If it goes on, contact us."),
        ),
        503: Sentences(
            _("We cannot reach our planning just now"),
            _("We are sorry. What you had booked before is still booked."),
            _("Try again in a minute."),
        ),
    }
    return table.get(status, table[500] if status >= 500 else table[400])


def error_page(status: int, what_to_do: str = "") -> Response:
    """The page for a status, in the portal's own look; `what_to_do` where more is known than the status."""
    words = sentences(status)
    response = make_response(
        render_template(
            "errors/error.html",
            status=status,
            heading=words.heading,
            sentence=words.sentence,
            what_to_do=what_to_do or words.what_to_do,
        ),
        status,
    )
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def init_app(app: Flask) -> None:
    """Answers every error with a page; nothing of what went wrong inside is shown."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda _error: error_page(400))
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    if error.code is not None and 300 <= error.code < 400:
        return make_response(error.get_response())
    response = error_page(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _refusal(error: Refusal) -> Response:
    if isinstance(error, LinkUnknown):
        return error_page(404)
    if isinstance(error, LinkEnded):
        return ended_page(error)
    if isinstance(error, TooManyAttempts):
        seconds = int(str(error.facts["wait_seconds"]))
        response = error_page(429, _try_again(seconds))
        response.headers["Retry-After"] = str(seconds)
        return response
    return error_page(409)


def _try_again(seconds: int) -> str:
    """From when on, in the company's local time, rounded up to a whole minute."""
    zone = ZoneInfo(portal().announce.time_zone)
    at = (now() + timedelta(seconds=seconds + 59)).astimezone(zone)
    if at.date() == now().astimezone(zone).date():
        return _("You can try again from %(time)s. Or contact us.", time=clock_time(at, language()))
    return _(
        "You can try again from %(day)s at %(time)s. Or contact us.",
        day=day_long(at.date(), language()),
        time=clock_time(at, language()),
    )


def _database(error: Exception) -> Response:
    logger.error("database out of reach", exc_info=error)
    return error_page(503)


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return error_page(503)
    return error_page(500)
