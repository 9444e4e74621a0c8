"""Local time and instants, above all on the two Sundays on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.clock import (
    SkippedLocalTime,
    day_bounds,
    is_skipped,
    local_instant,
    to_local,
    window_bounds,
    zone,
)

AMSTERDAM = zone("Europe/Amsterdam")
SPRING = date(2027, 3, 28)
AUTUMN = date(2027, 10, 31)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "Europe", "Europe/Amsterdam\0"])
def test_an_unknown_zone_is_a_value_error(name):
    with pytest.raises(ValueError, match="unknown time zone"):
        zone(name)


def test_an_instant_is_shown_on_the_zones_clock():
    local = to_local(utc(2027, 7, 1, 8), AMSTERDAM)

    assert local.isoformat() == "2027-07-01T10:00:00+02:00"


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        to_local(datetime(2027, 7, 1, 8), AMSTERDAM)  # noqa: DTZ001 - that it has none is the point


@pytest.mark.parametrize(
    ("local_day", "local_time", "expected"),
    [
        pytest.param(date(2027, 1, 5), time(8), utc(2027, 1, 5, 7), id="winter"),
        pytest.param(date(2027, 7, 5), time(8), utc(2027, 7, 5, 6), id="summer"),
        pytest.param(SPRING, time(1, 59), utc(2027, 3, 28, 0, 59), id="just before the jump"),
        pytest.param(SPRING, time(3), utc(2027, 3, 28, 1), id="just after the jump"),
        pytest.param(AUTUMN, time(2, 30), utc(2027, 10, 31, 0, 30), id="happens twice: the first"),
        pytest.param(AUTUMN, time(3), utc(2027, 10, 31, 2), id="after it happened twice"),
    ],
)
def test_local_time_becomes_an_instant(local_day, local_time, expected):
    assert local_instant(local_day, local_time, AMSTERDAM) == expected


def test_a_time_marked_as_the_second_of_two_is_still_the_first():
    assert local_instant(AUTUMN, time(2, 30, fold=1), AMSTERDAM) == utc(2027, 10, 31, 0, 30)


@pytest.mark.parametrize("local_time", [time(2), time(2, 30), time(2, 59)])
def test_a_time_that_the_clock_skips_is_refused(local_time):
    assert is_skipped(SPRING, local_time, AMSTERDAM)
    with pytest.raises(SkippedLocalTime, match=r"2027-03-28 02:\d\d does not exist in Europe/Amsterdam"):
        local_instant(SPRING, local_time, AMSTERDAM)


@pytest.mark.parametrize(
    ("local_day", "local_time"), [(SPRING, time(1, 59)), (SPRING, time(3)), (AUTUMN, time(2, 30))]
)
def test_times_that_happen_are_not_skipped(local_day, local_time):
    assert not is_skipped(local_day, local_time, AMSTERDAM)


@pytest.mark.parametrize(
    ("local_day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2027, 5, 1), 24)], ids=str
)
def test_a_day_is_as_long_as_the_clock_makes_it(local_day, hours):
    begins, ends = day_bounds(local_day, AMSTERDAM)

    assert ends - begins == timedelta(hours=hours)
    assert to_local(begins, AMSTERDAM).time() == time(0)


@pytest.mark.parametrize(
    ("zone_name", "local_day", "first_clock_time"),
    [
        # Cairo goes from 23:59:59 on Thursday 29 April 2027 to 01:00 on Friday the 30th.
        pytest.param("Africa/Cairo", date(2027, 4, 30), time(1), id="midnight itself is skipped"),
        # Havana goes from midnight to 01:00 on Sunday 14 March 2027.
        pytest.param("America/Havana", date(2027, 3, 14), time(1), id="the jump is at midnight"),
    ],
)
def test_a_day_without_a_midnight_begins_at_the_jump(zone_name, local_day, first_clock_time):
    begins, ends = day_bounds(local_day, zone(zone_name))

    assert to_local(begins, zone(zone_name)).time() == first_clock_time
    assert to_local(begins, zone(zone_name)).date() == local_day
    assert to_local(begins - timedelta(seconds=1), zone(zone_name)).date() < local_day
    assert ends - begins == timedelta(hours=23)


def test_a_jump_that_begins_before_midnight_is_found_too():
    # Toronto's clocks went from 23:30 on 30 March 1919 to 00:30 on the 31st: that day began at 00:30.
    toronto = zone("America/Toronto")

    begins, _ = day_bounds(date(1919, 3, 31), toronto)

    assert to_local(begins, toronto).replace(tzinfo=None) == datetime(1919, 3, 31, 0, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("local_day", "start", "ends_locally"),
    [
        pytest.param(SPRING, time(1), "04:00", id="spring: 01:00 + 2 h, an hour is missing"),
        pytest.param(AUTUMN, time(1), "02:00", id="autumn: 01:00 + 2 h, an hour comes twice"),
        pytest.param(AUTUMN, time(2, 30), "03:30", id="autumn: begins in the first of the two hours"),
        pytest.param(date(2027, 3, 29), time(8), "10:00", id="an ordinary day"),
    ],
)
def test_a_window_lasts_two_elapsed_hours(local_day, start, ends_locally):
    starts_at, ends_at = window_bounds(local_day, start, AMSTERDAM)

    assert ends_at - starts_at == timedelta(hours=2)
    assert starts_at.tzinfo is UTC
    assert f"{to_local(ends_at, AMSTERDAM):%H:%M}" == ends_locally


def test_a_window_that_the_clock_skips_is_refused():
    with pytest.raises(SkippedLocalTime):
        window_bounds(SPRING, time(2), AMSTERDAM)


def test_another_zone_has_its_own_sundays():
    new_york = zone("America/New_York")

    assert window_bounds(SPRING, time(2), new_york)[0] == utc(2027, 3, 28, 6)
    assert is_skipped(date(2027, 3, 14), time(2), new_york)


def test_a_window_may_last_longer():
    starts_at, ends_at = window_bounds(date(2027, 5, 3), time(8), AMSTERDAM, hours=4)

    assert ends_at - starts_at == timedelta(hours=4)
