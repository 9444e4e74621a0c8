"""Quiet hours: night, Sundays, public holidays, and the two odd days of the clock. Local times are Amsterdam's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.quiet import QuietHours

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def quiet_hours(text):
    parsed = QuietHours.parse(text)
    assert parsed is not None
    return parsed


NIGHT = quiet_hours("20:00-08:00")


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        pytest.param("2026-11-24T10:00", "2026-11-24T10:00", id="Tuesday morning: at once"),
        pytest.param("2026-11-24T08:00", "2026-11-24T08:00", id="quiet has just ended"),
        pytest.param("2026-11-24T19:59", "2026-11-24T19:59", id="not quiet yet"),
        pytest.param("2026-11-24T20:00", "2026-11-25T08:00", id="quiet begins: tomorrow morning"),
        pytest.param("2026-11-24T03:00", "2026-11-24T08:00", id="after midnight: this morning"),
        pytest.param("2026-11-21T21:00", "2026-11-23T08:00", id="Saturday night: Monday"),
        pytest.param("2026-11-22T12:00", "2026-11-23T08:00", id="Sunday: Monday"),
        # 2027: Good Friday 26 March, Easter 28 and 29 March; Saturday 27 March is none.
        pytest.param("2027-03-26T12:00", "2027-03-27T08:00", id="Good Friday: Saturday"),
        pytest.param("2027-03-27T20:30", "2027-03-30T08:00", id="Saturday night before Easter: Tuesday"),
        pytest.param(
            "2026-12-24T22:00", "2026-12-28T08:00", id="Christmas Eve: Friday, Saturday and Sunday are quiet"
        ),
        pytest.param("2027-10-30T23:00", "2027-11-01T08:00", id="over the night that is an hour longer"),
    ],
)
def test_an_unasked_message_waits_for_a_decent_hour(written, due):
    assert NIGHT.next_allowed(local(written).astimezone(UTC), AMSTERDAM) == local(due)


def test_quiet_hours_by_day_end_the_same_day():
    midday = quiet_hours("12:00-14:00")

    assert midday.next_allowed(local("2026-11-24T13:00").astimezone(UTC), AMSTERDAM) == local(
        "2026-11-24T14:00"
    )


@given(
    minutes=st.integers(0, 2 * 366 * 24 * 60),
    begins=st.integers(0, 1439),
    length=st.integers(1, 1200),
)
def test_the_moment_found_is_never_earlier_and_is_itself_allowed(minutes, begins, length):
    def clock(minute):
        return f"{minute // 60:02}:{minute % 60:02}"

    quiet = quiet_hours(f"{clock(begins)}-{clock((begins + length) % 1440)}")
    written = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)

    due = quiet.next_allowed(written, AMSTERDAM)

    assert due >= written
    assert quiet.next_allowed(due, AMSTERDAM) == due
    assert due.astimezone(AMSTERDAM).weekday() != 6


def test_off_is_no_quiet_hours():
    assert QuietHours.parse(" off ") is None


@pytest.mark.parametrize("text", ["", "20-8", "20:00", "24:00-08:00", "20:00-08:60", "08:00-08:00", "on"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="20:00-08:00"):
        QuietHours.parse(text)
