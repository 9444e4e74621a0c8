"""A visit as an iCalendar file (RFC 5545), for the customer's own calendar.

Decides how a visit is written so that every calendar program shows the same two hours. The sentences come in
ready, in the customer's language. People share their calendars: the only personal thing inside is the place
of the visit, and in an e-mail the one address it goes to. No text handed in may hold a personal link. The
same visit gives the same bytes, whenever it is written.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from scheduling.calendars.zone_rules import Onset, ZoneRule, zone_rule

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

PRODUCT_ID = "-//Homevisit portal//Visits 1.0//EN"
_ALARM_BEFORE = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# What RFC 3986 lets stand in a URI, "%" included: a URL that is already encoded stays as it is.
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=-._~%"


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """All that a calendar entry says about a visit.

    `starts_at`, `ends_at`, `created_at` and `changed_at` are aware; `time_zone` is the area's, an IANA name.
    Of the visit's states only "cancelled" is told apart. `sequence` starts at 0. Texts are plain, worded and
    translated; `language` is their BCP-47 tag. `url` leads to the page of the window alone.
    Refuses with ValueError: naive times, an end that is not after the start, an unknown zone, an empty uid,
    a negative sequence.
    """

    uid: str
    sequence: int
    state: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    created_at: datetime
    changed_at: datetime
    summary: str
    location: str
    description: str
    url: str
    organizer_name: str
    organizer_email: str
    alarm_text: str
    language: str
    attendee_name: str = ""
    attendee_email: str = ""

    def __post_init__(self) -> None:
        for instant in (self.starts_at, self.ends_at, self.created_at, self.changed_at):
            if instant.utcoffset() is None:
                raise ValueError("a calendar visit needs aware times")
        if self.ends_at <= self.starts_at:
            raise ValueError("a calendar visit ends after it starts")
        if not self.uid or self.sequence < 0:
            raise ValueError("a calendar visit needs a uid and a sequence from 0")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"unknown time zone {self.time_zone!r}") from unknown

    @property
    def is_cancelled(self) -> bool:
        return self.state == "cancelled"


class _Text(vText):
    r"""A TEXT value escaped as RFC 5545 3.3.11 says; the library's own turns a typed `\N` into a line end."""

    def to_ical(self) -> bytes:
        escaped = re.sub(r"([\\;,])", r"\\\1", str(self)).replace("\n", "\\n")
        return escaped.encode()


def visit_calendar(visit: CalendarVisit, *, method: Method = "PUBLISH") -> bytes:
    """The visit as the bytes of a `text/calendar; charset=utf-8` file.

    PUBLISH is the download, without an attendee. REQUEST (booked or changed) and CANCEL (cancelled) go by
    e-mail and name the customer as attendee (RFC 5546). Refuses with ValueError: another method, a REQUEST
    for a cancelled visit, a CANCEL for one that is not, either without both e-mail addresses.
    """
    _check_method(visit, method)
    calendar = Calendar()
    calendar["VERSION"] = _Text("2.0")
    calendar["PRODID"] = _Text(PRODUCT_ID)
    calendar["METHOD"] = _Text(method)
    zone, rule = _zone_to_write(visit)
    if rule is not None:
        calendar.add_component(_timezone(visit.time_zone, rule))
    calendar.add_component(_event(visit, zone=zone, with_attendee=method != "PUBLISH"))
    return bytes(calendar.to_ical())


def plain_text(text: str) -> str:
    """`text` as a calendar can carry it.

    Every line end is one newline; no other control character but the tab (RFC 5545 3.1), nothing that UTF-8
    cannot hold, no white space at either end.
    """
    lines = _LINE_ENDS.sub("\n", text)
    return "".join(
        letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    ).strip()


def full_description(visit: CalendarVisit) -> str:
    """The description, with the page's URL on a line of its own at the end unless a sentence has it already.

    Repeated there because many calendar programs show no URL.
    """
    description, url = plain_text(visit.description), visit_url(visit)
    return description if url in description else f"{description}\n\n{url}".strip()


def visit_url(visit: CalendarVisit) -> str:
    """The page's URL with everything encoded that may not stand in one, so that it cannot end its line."""
    return quote(plain_text(visit.url), safe=_URI_CHARACTERS)


def _check_method(visit: CalendarVisit, method: str) -> None:
    if method not in get_args(Method):
        raise ValueError(f"unknown calendar method {method!r}")
    if method == "PUBLISH":
        return
    if visit.is_cancelled != (method == "CANCEL"):
        raise ValueError(f"{method} does not go with a visit that is {visit.state}")
    if not plain_text(visit.organizer_email) or not plain_text(visit.attendee_email):
        raise ValueError(f"{method} needs the e-mail addresses of organizer and attendee")


def _event(visit: CalendarVisit, *, zone: ZoneInfo | None, with_attendee: bool) -> Event:
    event = Event()
    event["UID"] = _Text(plain_text(visit.uid))
    event.add("sequence", visit.sequence)
    event.add("dtstamp", _utc(visit.changed_at))
    event.add("created", _utc(visit.created_at))
    event.add("last-modified", _utc(visit.changed_at))
    event.add("dtstart", _utc(visit.starts_at).astimezone(zone or UTC))
    event.add("dtend", _utc(visit.ends_at).astimezone(zone or UTC))
    event["STATUS"] = _Text("CANCELLED" if visit.is_cancelled else "CONFIRMED")
    event["TRANSP"] = _Text("OPAQUE")
    event["SUMMARY"] = _sentence(visit.summary, language=visit.language)
    event["LOCATION"] = _sentence(visit.location, language=visit.language)
    event["DESCRIPTION"] = _sentence(full_description(visit), language=visit.language)
    if visit_url(visit):
        event.add("url", visit_url(visit))
    if plain_text(visit.organizer_email):
        event["ORGANIZER"] = _address(visit.organizer_name, visit.organizer_email)
    if with_attendee:
        event["ATTENDEE"] = _attendee(visit)
    if not visit.is_cancelled:
        event.add_component(_alarm(visit))
    return event


def _attendee(visit: CalendarVisit) -> vCalAddress:
    """The customer, who chose this window themselves: accepted, and no answer asked for."""
    attendee = _address(visit.attendee_name, visit.attendee_email)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress("mailto:" + quote(plain_text(email), safe="@+!#$&'*/=?^_`{|}~"))
    # A parameter knows no escape that every program reads: one line, and no double quotes.
    common_name = " ".join(plain_text(name).replace('"', "'").split())
    if common_name:
        address.params["CN"] = common_name
    return address


def _alarm(visit: CalendarVisit) -> Alarm:
    alarm = Alarm()
    alarm["ACTION"] = _Text("DISPLAY")
    alarm["DESCRIPTION"] = _sentence(visit.alarm_text or visit.summary, language=visit.language)
    alarm.add("trigger", -_ALARM_BEFORE)
    return alarm


def _sentence(text: str, *, language: str) -> vText:
    sentence = _Text(plain_text(text))
    if _LANGUAGE_TAG.fullmatch(language):
        sentence.params["LANGUAGE"] = language
    return sentence


def _zone_to_write(visit: CalendarVisit) -> tuple[ZoneInfo | None, ZoneRule | None]:
    """The zone for the visit's times and its rule; neither where UTC says it better.

    That is: no yearly rule, or none yet in the visit's year; and a wall time that happens twice, which
    RFC 5545 3.3.5 gives to the first and programs read either way.
    """
    zone = ZoneInfo(visit.time_zone)
    rule = zone_rule(visit.time_zone)
    if rule is None or not rule.covers(visit.starts_at) or visit.time_zone in ("UTC", "Etc/UTC"):
        return None, None
    walls = [instant.astimezone(zone) for instant in (visit.starts_at, visit.ends_at)]
    if any(wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset() for wall in walls):
        return None, None
    return zone, rule


def _timezone(zone_name: str, rule: ZoneRule) -> Timezone:
    timezone = Timezone()
    timezone["TZID"] = _Text(zone_name)
    if not rule.onsets:
        timezone.add_component(_unchanging(rule))
    for onset in rule.onsets:
        timezone.add_component(_observance(onset, first_year=rule.first_year))
    return timezone


def _unchanging(rule: ZoneRule) -> TimezoneStandard:
    standard = TimezoneStandard()
    standard.add("dtstart", datetime.combine(date(rule.first_year, 1, 1), time.min))
    standard.add("tzoffsetfrom", rule.offset)
    standard.add("tzoffsetto", rule.offset)
    standard["TZNAME"] = _Text(rule.name)
    return standard


def _observance(onset: Onset, *, first_year: int) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if onset.is_daylight else TimezoneStandard()
    observance.add("dtstart", onset.in_year(first_year))
    observance.add("tzoffsetfrom", onset.offset_from)
    observance.add("tzoffsetto", onset.offset_to)
    observance["TZNAME"] = _Text(onset.name)
    observance.add("rrule", _yearly(onset))
    return observance


def _yearly(onset: Onset) -> dict[str, str | int | list[int]]:
    """The recurrence rule: the n-th or last weekday of the month, else that weekday among seven days."""
    weekday, first_day = _WEEKDAYS[onset.weekday], onset.month_days[0]
    month_length = 30 if onset.month in (4, 6, 9, 11) else 31
    if onset.month != 2 and onset.month_days[-1] == month_length:
        return {"FREQ": "YEARLY", "BYMONTH": onset.month, "BYDAY": f"-1{weekday}"}
    if first_day in (1, 8, 15, 22):
        return {"FREQ": "YEARLY", "BYMONTH": onset.month, "BYDAY": f"{first_day // 7 + 1}{weekday}"}
    days = list(onset.month_days)
    return {"FREQ": "YEARLY", "BYMONTH": onset.month, "BYMONTHDAY": days, "BYDAY": weekday}


def _utc(instant: datetime) -> datetime:
    """`instant` in UTC, in whole seconds, the finest a calendar file knows."""
    return instant.astimezone(UTC).replace(microsecond=0)
