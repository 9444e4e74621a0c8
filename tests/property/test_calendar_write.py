import unicodedata
from datetime import UTC, datetime, timedelta

import icalendar
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduling.calendars import CalendarVisit, visit_calendar

ZONES = st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kolkata"])
# Both clock changes of 2027 in Amsterdam (28 March, 31 October) and in New York (14 March, 7 November), two
# days on either side, to the minute.
AROUND = [datetime(2027, month, day, 1, tzinfo=UTC) for month, day in ((3, 28), (10, 31), (3, 14), (11, 7))]
STARTS = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(AROUND),
    st.integers(-2 * 24 * 60, 2 * 24 * 60),
)
# Any text, and texts thick with what the format has its own use for.
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from("\\nN;,:\"'^ \t\n\r=%ë€🔧\u2028\x85\0\u200d"), max_size=200),
    st.text(st.sampled_from(" \u3000ab"), max_size=400),
)


def a_visit(
    *,
    starts_at: datetime = AROUND[0],
    time_zone: str = "Europe/Amsterdam",
    text: str = "onderhoud",
    state: str = "booked",
    sequence: int = 0,
) -> CalendarVisit:
    return CalendarVisit(
        uid="f00d@portal.example",
        sequence=sequence,
        state=state,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        time_zone=time_zone,
        created_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
        changed_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
        summary=text,
        location=text,
        description=text,
        url="",
        organizer_name=text,
        organizer_email="afspraak@warmtehuis-eemland.example",
        alarm_text=text,
        language="nl",
        attendee_name=text,
        attendee_email="sanne@home.example",
    )


def as_carried(text: str) -> str:
    """What is left of a text: letter by letter, unlike the writer, which goes by expressions."""
    carried = ""
    previous = ""
    for letter in text:
        if letter == "\n" and previous == "\r":
            pass
        elif letter in "\r\n\x85\u2028\u2029":
            carried += "\n"
        elif letter == "\t" or unicodedata.category(letter) not in ("Cc", "Cs"):
            carried += letter
        previous = letter
    return carried.strip()


@given(TEXTS)
@example(r"C:\New\north\\")
@example(" x" + 200 * " " + "\N{WRENCH}" * 40)
def test_any_text_survives_being_written_and_read_by_icalendar(text):
    event = icalendar.Calendar.from_ical(visit_calendar(a_visit(text=text))).events[0]

    assert event["SUMMARY"] == as_carried(text)
    assert event["LOCATION"] == as_carried(text)
    assert event["DESCRIPTION"] == as_carried(text)
    assert event.errors == []


@given(TEXTS)
@example(r"C:\New\north\\")
@example(" x" + 200 * " " + "\N{WRENCH}" * 40)
def test_any_text_survives_being_written_and_read_by_vobject(text):
    event = vobject.readOne(visit_calendar(a_visit(text=text)).decode()).vevent

    assert event.summary.value == as_carried(text)
    assert event.location.value == as_carried(text)
    assert event.description.value == as_carried(text)


@given(STARTS, ZONES)
def test_the_instants_are_right_on_both_sides_of_a_clock_change(starts_at, time_zone):
    file = visit_calendar(a_visit(starts_at=starts_at, time_zone=time_zone))

    ours = icalendar.Calendar.from_ical(file).events[0]
    theirs = vobject.readOne(file.decode()).vevent
    for read_start, read_end in ((ours.start, ours.end), (theirs.dtstart.value, theirs.dtend.value)):
        assert isinstance(read_start, datetime)
        assert isinstance(read_end, datetime)
        assert read_start.astimezone(UTC) == starts_at
        assert read_end.astimezone(UTC) == starts_at + timedelta(hours=2)


@given(TEXTS, STARTS, ZONES, st.sampled_from(["PUBLISH", "REQUEST", "CANCEL"]), st.integers(0, 10**6))
@settings(max_examples=200)
def test_every_file_keeps_to_the_form(text, starts_at, time_zone, method, sequence):
    state = "cancelled" if method == "CANCEL" else "booked"
    visit = a_visit(starts_at=starts_at, time_zone=time_zone, text=text, state=state, sequence=sequence)

    file = visit_calendar(visit, method=method)

    assert file == visit_calendar(visit, method=method)
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert file.count(b"\n") == file.count(b"\r") == file.count(b"\r\n")
    for line in file.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert not [
            letter for letter in line.decode() if letter != "\t" and unicodedata.category(letter) == "Cc"
        ]
    read = icalendar.Calendar.from_ical(file)
    assert read["METHOD"] == method
    assert [component.name for component in read.subcomponents][-1] == "VEVENT"
    theirs = vobject.readOne(file.decode())
    assert theirs.validate(raiseException=True)
    assert theirs.vevent.sequence.value == str(sequence)
