"""Days, times, lists and lengths of time in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.rules.wording import clock_time, day_full, day_long, day_short, duration, list_of

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("language", "long", "full", "short"),
    [
        ("nl", "dinsdag 24 november", "dinsdag 24 november 2026", "di 24 nov"),
        ("nl-BE", "dinsdag 24 november", "dinsdag 24 november 2026", "di 24 nov"),
        ("en", "Tuesday 24 November", "Tuesday, 24 November 2026", "Tue 24 Nov"),
        ("de", "Dienstag, 24. November", "Dienstag, 24. November 2026", "Di., 24. Nov."),
        ("pl", "wtorek, 24 listopada", "wtorek, 24 listopada 2026", "wt., 24 lis"),
        ("he", "יום שלישי, 24 בנובמבר", "יום שלישי, 24 בנובמבר 2026", "יום ג׳, 24 בנוב׳"),
        ("tr", "24 Kasım Salı", "24 Kasım 2026 Salı", "24 Kas Sal"),
    ],
)
def test_a_day_reads_as_the_language_has_it(language, long, full, short):
    assert day_long(TUESDAY, language) == long
    assert day_full(TUESDAY, language) == full
    assert day_short(TUESDAY, language) == short


@pytest.mark.parametrize(
    "language", ["xx", "", "not a language", "nl_", "x" * 300, "\0", "i-klingon", "nl@informal"]
)
def test_an_unknown_language_still_reads(language):
    assert day_long(TUESDAY, language) in ("Tuesday 24 November", "dinsdag 24 november")
    assert duration(45, language) in ("45 minutes", "45 minuten")


@pytest.mark.parametrize(
    ("hour", "minute", "language", "expected"),
    [
        (10, 0, "nl", "10:00"),
        (8, 0, "nl", "08:00"),
        (8, 0, "pl", "08:00"),
        (13, 5, "en", "13:05"),
        (13, 5, "en-US", "1:05\u202fPM"),
    ],
)
def test_a_time_reads_as_on_the_local_clock(hour, minute, language, expected):
    local = datetime(2026, 7, 1, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam"))

    assert clock_time(local, language) == expected


@pytest.mark.parametrize(
    ("items", "language", "expected"),
    [
        ([], "nl", ""),
        (["onderhoud"], "nl", "onderhoud"),
        (["onderhoud", "reparatie"], "nl", "onderhoud en reparatie"),
        (("onderhoud", "inspectie", "reparatie"), "nl", "onderhoud, inspectie en reparatie"),
        (["maintenance", "inspection", "repair"], "en", "maintenance, inspection and repair"),
        (["{0}", "{1}"], "nl", "{0} en {1}"),
        (["przegląd", "naprawa"], "pl", "przegląd i naprawa"),
        (["przegląd", "kontrola", "naprawa"], "pl", "przegląd, kontrola i naprawa"),
    ],
    ids=str,
)
def test_a_list_reads_as_a_sentence(items, language, expected):
    assert list_of(items, language) == expected


@pytest.mark.parametrize(
    ("minutes", "language", "expected"),
    [
        (0, "nl", "0 minuten"),
        (1, "nl", "1 minuut"),
        (45, "nl", "45 minuten"),
        (60, "nl", "1 uur"),
        (90, "nl", "1 uur en 30 minuten"),
        (120, "nl", "2 uur"),
        (1500, "nl", "25 uur"),  # an amount of work, not a day and an hour
        (45, "en", "45 minutes"),
        (61, "en", "1 hour and 1 minute"),
        (120, "en", "2 hours"),
        (1, "pl", "1 minuta"),
        (22, "pl", "22 minuty"),
        (45, "pl", "45 minut"),
        (90, "pl", "1 godzina i 30 minut"),
        (120, "pl", "2 godziny"),
        (300, "pl", "5 godzin"),
    ],
    ids=str,
)
def test_a_length_of_time_is_in_hours_and_minutes(minutes, language, expected):
    assert duration(minutes, language) == expected


def test_less_than_no_time_is_refused():
    with pytest.raises(ValueError, match="-1 minutes"):
        duration(-1, "nl")
