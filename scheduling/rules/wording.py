"""How days, times, lists and lengths of time read in a language; pages and messages share it.

Knows no sentence: those are in the catalogues and the message texts. Which language a customer gets is
decided by whoever has those; a language that Babel does not know reads as English here, and English is the
European kind (Tuesday 24 November, 13:00).
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list

_ENGLISH = "en_GB"
_MINUTES_AN_HOUR = 60

# CLDR's patterns are slow to fill, and pages and messages say the same few days, times and lengths over and over.
_remembered = lru_cache(maxsize=2048)


@_remembered
def day_long(local_day: date, language: str) -> str:
    """ "dinsdag 24 november": without the year."""
    return format_date(local_day, _day_pattern(language, wide=True), locale=_locale(language))


@_remembered
def day_full(local_day: date, language: str) -> str:
    """ "dinsdag 24 november 2026"."""
    return format_date(local_day, "full", locale=_locale(language))


@_remembered
def day_short(local_day: date, language: str) -> str:
    """ "di 24 nov"."""
    return format_date(local_day, _day_pattern(language, wide=False), locale=_locale(language))


def weekday_name(local_day: date, language: str) -> str:
    """ "dinsdag"."""
    return format_date(local_day, "EEEE", locale=_locale(language))


def clock_time(local_dt: datetime, language: str) -> str:
    """ "10:00": the time on the clock that the datetime is in, with hours as the language counts them."""
    return _time_in_words(local_dt.time(), language)


@_remembered
def _time_in_words(local_time: time, language: str) -> str:
    return format_time(local_time, "short", locale=_locale(language))


def list_of(items: Sequence[str], language: str) -> str:
    """ "onderhoud, inspectie en reparatie"; an empty list is an empty text."""
    return format_list(list(items), locale=_locale(language)) if items else ""


@_remembered
def duration(minutes: int, language: str) -> str:
    """ "45 minuten", "1 uur en 30 minuten", "2 uur". Refuses: ValueError for less than nothing."""
    if minutes < 0:
        raise ValueError(f"a length of time is not negative: {minutes} minutes")
    hours, rest = divmod(minutes, _MINUTES_AN_HOUR)
    parts = []
    if hours:
        parts.append(_amount(timedelta(hours=hours), "hour", language))
    if rest or not hours:
        parts.append(_amount(timedelta(minutes=rest), "minute", language))
    return list_of(parts, language)


def _amount(length: timedelta, unit: Literal["hour", "minute"], language: str) -> str:
    # A threshold beyond any length keeps 120 minutes from becoming 2 hours: the division was done above.
    return format_timedelta(length, granularity=unit, threshold=float("inf"), locale=_locale(language))


@lru_cache(maxsize=128)
def _locale(language: str) -> Locale:
    """The locale of a BCP-47 tag, its language alone where the whole tag is unknown, or English."""
    for tag in (language, re.split("[-_]", language)[0]):
        if tag == "en":
            break
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_ENGLISH)


@lru_cache(maxsize=128)
def _day_pattern(language: str, *, wide: bool) -> str:
    """Weekday, day and month in the language's own order.

    CLDR keeps the short pattern only and has its fields widened for the long one (UTS 35, part 4,
    on matching skeletons).
    """
    pattern = str(_locale(language).datetime_skeletons.get("MMMEd", "EEE d MMM"))
    return re.sub("E+", "EEEE", pattern).replace("MMM", "MMMM") if wide else pattern
