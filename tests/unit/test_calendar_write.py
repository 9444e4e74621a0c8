import io
import struct
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from scheduling.calendars import CalendarVisit, visit_calendar
from scheduling.calendars.zone_rules import _onsets_of_cycle, zone_rule

VISIT = CalendarVisit(
    uid="f00d@portal.example",
    sequence=3,
    state="booked",
    # 10:00 to 12:00 in Amsterdam in summer, UTC+2.
    starts_at=datetime(2027, 3, 30, 8, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 30, 10, 0, tzinfo=UTC),
    time_zone="Europe/Amsterdam",
    created_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    changed_at=datetime(2026, 11, 5, 16, 30, 15, 999_999, tzinfo=UTC),
    summary="Warmtehuis Eemland: onderhoud, reparatie",
    location="Langestraat 12; 3811 AB Amersfoort",
    description="Maak de ketel vrij.\nWe zijn er tussen 10:00 en 12:00.",
    url="https://portal.example/visit/0123456789abcdefghijkl",
    organizer_name='Warmtehuis "Eemland", B.V.',
    organizer_email="afspraak@warmtehuis-eemland.example",
    alarm_text="Morgen komt de monteur",
    language="nl",
    attendee_name="Sanne de Vries",
    attendee_email="sanne@home.example",
)
DESCRIPTION_LINE = (
    "DESCRIPTION;LANGUAGE=nl:Maak de ketel vrij.\\nWe zijn er tussen 10:00 en 12:00."
    "\\n\\nhttps://portal.example/visit/0123456789abcdefghijkl"
)
CANCELLED = replace(VISIT, state="cancelled", sequence=4)


def lines_of(file: bytes) -> list[str]:
    """The file's lines, unfolded."""
    return file.decode().replace("\r\n ", "").split("\r\n")


def event_of(file: bytes) -> icalendar.Event:
    return icalendar.Calendar.from_ical(file).events[0]


def wall_times(year: int, zone: ZoneInfo) -> list[datetime]:
    """Twice a day through a year, and every half hour of the days round a clock change; on the wall, without
    the times that the clock skips or shows twice."""
    days = [datetime.combine(date(year, 1, 1), time.min) + timedelta(days=number) for number in range(365)]
    walls = []
    for day in days:
        before, after = (day + timedelta(days=shift) for shift in (-1, 2))
        is_near_change = before.replace(tzinfo=zone).utcoffset() != after.replace(tzinfo=zone).utcoffset()
        walls += [day + timedelta(minutes=30 * step) for step in range(0, 48, 1 if is_near_change else 24)]
    return [
        wall
        for wall in walls
        if wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=zone, fold=1).utcoffset()
    ]


def test_a_booked_visit_is_written_line_for_line():
    assert set(lines_of(visit_calendar(VISIT))) >= {
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "TZID:Europe/Amsterdam",
        "UID:f00d@portal.example",
        "SEQUENCE:3",
        "DTSTAMP:20261105T163015Z",
        "CREATED:20261102T090000Z",
        "LAST-MODIFIED:20261105T163015Z",
        "DTSTART;TZID=Europe/Amsterdam:20270330T100000",
        "DTEND;TZID=Europe/Amsterdam:20270330T120000",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "SUMMARY;LANGUAGE=nl:Warmtehuis Eemland: onderhoud\\, reparatie",
        "LOCATION;LANGUAGE=nl:Langestraat 12\\; 3811 AB Amersfoort",
        DESCRIPTION_LINE,
        "URL:https://portal.example/visit/0123456789abcdefghijkl",
        "ORGANIZER;CN=\"Warmtehuis 'Eemland', B.V.\":mailto:afspraak@warmtehuis-eemland.example",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        "DESCRIPTION;LANGUAGE=nl:Morgen komt de monteur",
        "END:VCALENDAR",
    }


def test_the_time_zone_is_two_yearly_rules():
    lines = lines_of(visit_calendar(VISIT))

    zone = lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1]
    # The Netherlands change on the last Sundays of March and October since 1996 (directive 94/21/EC).
    assert zone == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Amsterdam",
        "BEGIN:DAYLIGHT",
        "DTSTART:19960331T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("America/New_York", ["FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"]),
        ("Australia/Lord_Howe", ["FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"]),
        # The Friday before the last Sunday of March is the 23rd to the 29th.
        (
            "Asia/Jerusalem",
            [
                "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29;BYMONTH=3",
                "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            ],
        ),
        ("Asia/Kolkata", []),
    ],
)
def test_other_countries_rules_are_found(zone, rules):
    lines = lines_of(visit_calendar(replace(VISIT, time_zone=zone)))

    assert [line.removeprefix("RRULE:") for line in lines if line.startswith("RRULE:")] == rules
    assert f"TZID:{zone}" in lines


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Amsterdam",
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "Asia/Jerusalem",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
    ],
)
def test_another_program_reads_the_offsets_of_ten_years_as_the_zone_has_them(zone):
    calendar = vobject.readOne(visit_calendar(replace(VISIT, time_zone=zone)).decode())
    theirs, ours = calendar.vtimezone.tzinfo, ZoneInfo(zone)

    wrong = [
        wall
        for year in range(2026, 2036)
        for wall in wall_times(year, ours)
        if wall.replace(tzinfo=theirs).utcoffset() != wall.replace(tzinfo=ours).utcoffset()
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        ("UTC", "is UTC"),
        ("Africa/Cairo", "goes back on the Friday after a last Thursday, which may be in another month"),
    ],
)
def test_a_zone_that_no_rule_can_say_is_written_in_utc(zone, why):
    lines = lines_of(visit_calendar(replace(VISIT, time_zone=zone)))

    assert "BEGIN:VTIMEZONE" not in lines, why
    assert "DTSTART:20270330T080000Z" in lines
    assert "DTEND:20270330T100000Z" in lines


@pytest.mark.parametrize(
    "footer",
    [
        pytest.param("AAA0BBB,J60,J300", id="1 March and 27 October, whatever weekday that is"),
        pytest.param("AAA0BBB,M2.5.0,M10.5.0", id="the last Sunday of February: the 22nd to the 29th"),
    ],
)
def test_clock_changes_that_no_seven_days_hold_are_no_rule(footer):
    # TZif version 2 (RFC 9636): twice a header and one kind of time, and the rule as the last line.
    part = (
        b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"AAA\0"
    )
    zone = ZoneInfo.from_file(io.BytesIO(part + part + f"\n{footer}\n".encode()))

    assert datetime(2040, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=1)
    assert _onsets_of_cycle(zone) is None


def test_a_visit_from_before_the_rule_is_written_in_utc():
    long_ago = datetime(1995, 6, 1, 8, 0, tzinfo=UTC)

    lines = lines_of(
        visit_calendar(replace(VISIT, starts_at=long_ago, ends_at=long_ago + timedelta(hours=2)))
    )

    rule = zone_rule("Europe/Amsterdam")
    assert rule is not None
    assert rule.first_year == 1996
    assert "BEGIN:VTIMEZONE" not in lines
    assert "DTSTART:19950601T080000Z" in lines


@pytest.mark.parametrize("hour", [0, 1], ids=["the first 02:30", "the second 02:30"])
def test_a_wall_time_that_happens_twice_is_written_in_utc(hour):
    # 31 October 2027, 02:30 in Amsterdam: 00:30 UTC in summer time, 01:30 UTC in winter time.
    starts_at = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)

    lines = lines_of(
        visit_calendar(replace(VISIT, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)))
    )

    assert f"DTSTART:20271031T0{hour}3000Z" in lines


def test_a_cancelled_visit_keeps_its_uid_and_rings_no_alarm():
    booked, cancelled = event_of(visit_calendar(VISIT)), event_of(visit_calendar(CANCELLED))

    assert cancelled["UID"] == booked["UID"]
    assert cancelled["SEQUENCE"] == 4
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled.walk("VALARM") == []
    assert len(booked.walk("VALARM")) == 1


@pytest.mark.parametrize("state", ["booked", "on_the_way", "arrived", "done", "missed"])
def test_every_other_state_is_confirmed(state):
    assert event_of(visit_calendar(replace(VISIT, state=state)))["STATUS"] == "CONFIRMED"


def test_the_download_names_no_customer():
    for visit in (VISIT, CANCELLED):
        file = visit_calendar(visit)

        assert b"ATTENDEE" not in file
        assert b"Sanne" not in file
        assert b"home.example" not in file


@pytest.mark.parametrize(("visit", "method"), [(VISIT, "REQUEST"), (CANCELLED, "CANCEL")])
def test_an_e_mail_names_method_organizer_and_attendee(visit, method):
    file = visit_calendar(visit, method=method)

    assert f"METHOD:{method}" in lines_of(file)
    event = event_of(file)
    assert event["ORGANIZER"] == "mailto:afspraak@warmtehuis-eemland.example"
    assert event["ATTENDEE"] == "mailto:sanne@home.example"
    assert event["ATTENDEE"].params["CN"] == "Sanne de Vries"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize(
    ("visit", "method", "reason"),
    [
        pytest.param(VISIT, "REPLY", "unknown calendar method", id="a method that is not ours"),
        pytest.param(VISIT, "publish", "unknown calendar method", id="lower case"),
        pytest.param(VISIT, "CANCEL", "does not go with", id="cancel of a live visit"),
        pytest.param(CANCELLED, "REQUEST", "does not go with", id="request of a cancelled visit"),
        pytest.param(replace(VISIT, attendee_email=""), "REQUEST", "e-mail addresses", id="no attendee"),
        pytest.param(replace(VISIT, organizer_email=" "), "REQUEST", "e-mail addresses", id="no organizer"),
    ],
)
def test_a_method_that_does_not_fit_is_refused(visit, method, reason):
    with pytest.raises(ValueError, match=reason):
        visit_calendar(visit, method=method)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"starts_at": VISIT.starts_at.replace(tzinfo=None)}, "aware", id="a naive start"),
        pytest.param({"changed_at": VISIT.changed_at.replace(tzinfo=None)}, "aware", id="a naive change"),
        pytest.param({"ends_at": VISIT.starts_at}, "ends after", id="no length"),
        pytest.param({"time_zone": "Europe/Amersfoort"}, "unknown time zone", id="an unknown zone"),
        pytest.param({"time_zone": "../../etc/passwd"}, "unknown time zone", id="a path for a zone"),
        pytest.param({"time_zone": "Europe"}, "unknown time zone", id="a folder for a zone"),
        pytest.param({"time_zone": ""}, "unknown time zone", id="an empty zone"),
        pytest.param({"uid": ""}, "needs a uid", id="no uid"),
        pytest.param({"sequence": -1}, "sequence from 0", id="a negative sequence"),
    ],
)
def test_a_visit_that_cannot_be_written_is_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        replace(VISIT, **wrong)


def test_times_in_another_zone_are_the_same_instants():
    there = timezone(timedelta(hours=-5))
    moved = replace(
        VISIT, starts_at=VISIT.starts_at.astimezone(there), changed_at=VISIT.changed_at.astimezone(there)
    )

    assert visit_calendar(moved) == visit_calendar(VISIT)


def test_the_url_is_repeated_in_the_description_once():
    worded = replace(VISIT, description=f"Anders? Zie {VISIT.url}.")

    assert event_of(visit_calendar(worded))["DESCRIPTION"] == f"Anders? Zie {VISIT.url}."
    assert event_of(visit_calendar(replace(VISIT, description="")))["DESCRIPTION"] == VISIT.url


@pytest.mark.parametrize(
    "field",
    ["uid", "summary", "location", "description", "url", "organizer_name", "organizer_email", "alarm_text"],
)
def test_no_text_can_end_its_line_and_begin_another(field):
    text: dict[str, Any] = {field: 'x\r\nATTENDEE:mailto:a@b.example\nEND:VEVENT\r";X=y'}
    hostile = replace(VISIT, **text)

    file = visit_calendar(hostile)

    names = [line.partition(":")[0].partition(";")[0] for line in lines_of(file)]
    assert "ATTENDEE" not in names
    assert names.count("END") == names.count("BEGIN") == 6
    assert event_of(file)["SEQUENCE"] == 3


def test_a_typed_backslash_is_no_line_end():
    file = visit_calendar(replace(VISIT, location=r"map C:\New\north"))

    assert r"LOCATION;LANGUAGE=nl:map C:\\New\\north" in lines_of(file)
    assert event_of(file)["LOCATION"] == r"map C:\New\north"


@pytest.mark.parametrize("language", ["nl@informal", "", "nl:X", 'en"'])
def test_what_is_no_language_tag_is_left_out(language):
    file = visit_calendar(replace(VISIT, language=language))

    assert "SUMMARY:Warmtehuis Eemland: onderhoud\\, reparatie" in lines_of(file)
    assert b"LANGUAGE" not in file


def test_without_words_of_its_own_the_alarm_says_what_the_entry_says():
    alarm = event_of(visit_calendar(replace(VISIT, alarm_text=""))).walk("VALARM")[0]

    assert alarm["DESCRIPTION"] == VISIT.summary
