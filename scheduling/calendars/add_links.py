"""Links that put a visit into a web calendar: Google, and Outlook at home and at work.

They stand next to the download for people who do not know what to do with a file. Such an entry is the
customer's own copy: it does not follow a later change, which the page has to say. Times are in UTC, so no
clock change can move them; texts are the calendar file's, with nothing personal but the place.
"""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from scheduling.calendars.write import CalendarVisit, full_description, plain_text

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"
_OFFICE365 = "https://outlook.office.com/calendar/0/deeplink/compose"


def google_link(visit: CalendarVisit) -> str:
    """Opens Google Calendar with the visit filled in. Refuses a cancelled visit: ValueError."""
    _refuse_cancelled(visit)
    query = {
        "action": "TEMPLATE",
        "text": plain_text(visit.summary),
        "dates": f"{_compact(visit.starts_at)}/{_compact(visit.ends_at)}",
        "details": full_description(visit),
        "location": plain_text(visit.location),
        "ctz": visit.time_zone,
    }
    return f"{_GOOGLE}?{urlencode(query, quote_via=quote, safe='/')}"


def outlook_link(visit: CalendarVisit) -> str:
    """Opens Outlook.com (a private account), the visit filled in. Refuses a cancelled visit: ValueError."""
    return f"{_OUTLOOK}?{_outlook_query(visit)}"


def office365_link(visit: CalendarVisit) -> str:
    """Opens Outlook on the web (an account of work). Refuses a cancelled visit: ValueError."""
    return f"{_OFFICE365}?{_outlook_query(visit)}"


def _outlook_query(visit: CalendarVisit) -> str:
    """Spaces as %20: Outlook shows a "+" as it stands."""
    _refuse_cancelled(visit)
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": plain_text(visit.summary),
        "startdt": _extended(visit.starts_at),
        "enddt": _extended(visit.ends_at),
        "body": full_description(visit),
        "location": plain_text(visit.location),
    }
    return urlencode(query, quote_via=quote)


def _refuse_cancelled(visit: CalendarVisit) -> None:
    if visit.is_cancelled:
        raise ValueError("a cancelled visit is not added to a calendar")


def _compact(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _extended(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
